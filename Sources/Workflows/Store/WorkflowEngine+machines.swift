public import Core
import StatesLanguage
import Storage

extension WorkflowEngine {
    /// Runs a write and gives its errors the names of AWS.
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(WorkflowError) -> Value {
        do {
            return try await database.write(body)
        } catch {
            throw Self.translate(error)
        }
    }

    func look<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(WorkflowError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw Self.translate(error)
        }
    }

    static func translate(_ error: any Error) -> WorkflowError {
        error as? WorkflowError ?? WorkflowError(.unavailable, "The database did not take the request: \(error)")
    }

    static func checkName(_ name: String) throws(WorkflowError) {
        guard StateMachineName.isValid(name) else { throw WorkflowError(.invalidName, "Invalid Name: '\(name)'") }
    }

    func qualified(_ arn: String) throws(WorkflowError) -> QualifiedARN {
        guard let qualified = QualifiedARN(arn) else { throw .invalidARN(arn) }
        return qualified
    }

    /// `CreateStateMachine`. Giving the same request again changes nothing.
    ///
    /// - Throws: `InvalidName`, `InvalidDefinition`, `InvalidLoggingConfiguration`, `StateMachineAlreadyExists`.
    public func createStateMachine(
        _ request: CreateStateMachineRequest, scope: Scope
    ) async throws(WorkflowError) -> StateMachineRecord {
        try Self.checkName(request.name)
        try checkVersionDescription(request.versionDescription, publish: request.publish)
        try Self.checkLogging(request.settings["loggingConfiguration"])
        let compiled = try MachineCache.compile(request.definition, type: request.type)
        let now = clock.now
        let definition = identifiers.next()
        let machine = StateMachineRecord(
            arn: scope.arn("states", "stateMachine:\(request.name)").description, name: request.name,
            type: request.type, definition: definition, roleARN: request.roleARN, settings: request.settings,
            revision: "", createdAt: now, updatedAt: now, lastVersion: 0)
        let (record, isNew) = try await change { transaction in
            if let existing = try StateMachineRecord.find(machine.arn, in: transaction) {
                return (try self.sameMachine(existing, request, in: transaction), false)
            }
            try self.insertDefinition(definition, request.definition, in: transaction)
            try machine.insert(scope: scope, in: transaction)
            try self.tag(machine.arn, request.tags, in: transaction)
            guard request.publish else { return (machine, true) }
            return (try self.publish(machine, request.versionDescription, at: now, in: transaction), true)
        }
        if isNew { _ = try? cache.keep(compiled, definition) }
        return record
    }

    /// The settings but for those that say what holds without them.
    private static func withoutDefaults(_ settings: JSONObject) -> JSONObject {
        var settings = settings
        if settings["encryptionConfiguration"]?["type"] == "AWS_OWNED_KEY" { settings["encryptionConfiguration"] = nil }
        if settings["tracingConfiguration"]?["enabled"] != true { settings["tracingConfiguration"] = nil }
        if settings["loggingConfiguration"]?["level"] ?? "OFF" == "OFF" { settings["loggingConfiguration"] = nil }
        return settings
    }

    private func sameMachine(
        _ existing: StateMachineRecord, _ request: CreateStateMachineRequest, in transaction: Transaction
    ) throws -> StateMachineRecord {
        let text = try StateMachineRecord.definitionText(existing.definition, in: transaction)
        // As on AWS, another role or other tags are neither refused nor taken.
        guard text == request.definition, existing.type == request.type,
            Self.withoutDefaults(existing.settings) == Self.withoutDefaults(request.settings)
        else { throw WorkflowError(.stateMachineAlreadyExists, "State Machine Already Exists: '\(existing.arn)'") }
        return existing
    }

    func insertDefinition(_ id: Int64, _ text: String, in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO workflows_definitions (id, text) VALUES ($1, $2)", .integer(id), .text(text))
    }

    private func checkVersionDescription(_ description: String?, publish: Bool) throws(WorkflowError) {
        guard description != nil, !publish else { return }
        throw WorkflowError(.validation, "Version description can only be set when publish is true")
    }

    private static func checkLogging(_ json: JSON?) throws(WorkflowError) {
        guard let json else { return }
        let destinations = json["destinations"]?.arrayValue ?? []
        let configuration = LoggingConfiguration(json)
        guard destinations.count <= 1, configuration.level == .off || configuration.destination?.isEmpty == false else {
            throw WorkflowError(
                .invalidLoggingConfiguration,
                "Invalid Logging Configuration: Must specify exactly one Log Destination.")
        }
        if let destination = configuration.destination, !destination.hasSuffix(":*") {
            throw WorkflowError(
                .invalidLoggingConfiguration, "Invalid Logging Configuration: Log Destination not found.")
        }
    }

    /// `UpdateStateMachine`. Executions that have begun keep the definition they began with.
    public func updateStateMachine(
        _ request: UpdateStateMachineRequest
    ) async throws(WorkflowError) -> StateMachineRecord {
        let named = try qualified(request.arn)
        // Only the machine itself can be changed, not a version of it.
        guard named.qualifier == nil else { throw .noMachine(request.arn) }
        let arn = named.machine
        try checkVersionDescription(request.versionDescription, publish: request.publish)
        try Self.checkLogging(request.settings["loggingConfiguration"])
        guard request.definition != nil || request.roleARN != nil || !request.settings.isEmpty else {
            throw WorkflowError(
                .missingRequiredParameter,
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be "
                    + "specified")
        }
        let existing = try await stateMachine(request.arn)
        let compiled = try request.definition.map { text throws(WorkflowError) in
            try MachineCache.compile(text, type: existing.type)
        }
        let now = clock.now
        let definition = identifiers.next()
        let revision = UUIDText.random(using: random)
        let updated = try await change { transaction in
            guard var machine = try StateMachineRecord.find(arn, in: transaction) else {
                throw WorkflowError.noMachine(arn)
            }
            let before = machine
            if let text = request.definition,
                text != (try StateMachineRecord.definitionText(machine.definition, in: transaction))
            {
                try self.insertDefinition(definition, text, in: transaction)
                machine.definition = definition
            }
            if let role = request.roleARN { machine.roleARN = role }
            machine.settings = machine.settings.merging(request.settings)
            if machine != before { machine.revision = revision }
            machine.updatedAt = now
            try machine.update(in: transaction)
            guard request.publish else { return machine }
            return try self.publish(machine, request.versionDescription, at: now, in: transaction)
        }
        forgetResolved()
        if let compiled, updated.definition == definition { _ = try? cache.keep(compiled, definition) }
        return updated
    }

    /// `DeleteStateMachine`. Running executions go on; what is not there is deleted already.
    public func deleteStateMachine(_ arn: String) async throws(WorkflowError) {
        let machine = try qualified(arn).machine
        _ = try await change { transaction in
            for table in [
                "workflows_machines WHERE arn", "workflows_versions WHERE machine", "workflows_aliases WHERE machine",
                "workflows_tags WHERE arn",
            ] {
                try transaction.execute("DELETE FROM \(table) = $1", .text(machine))
            }
        }
        forgetResolved()
    }

    /// The machine, or the version that the ARN names; an alias stands for its first version.
    public func stateMachine(_ arn: String) async throws(WorkflowError) -> StateMachineRecord {
        let qualified = try qualified(arn)
        return try await look { transaction in
            guard let machine = try StateMachineRecord.find(qualified.machine, in: transaction) else {
                throw WorkflowError.noMachine(arn)
            }
            guard qualified.qualifier != nil else { return machine }
            if let number = qualified.version, let version = try machine.version(number, in: transaction) {
                return version
            }
            guard let alias = try StateMachineAlias.find(arn, in: transaction), let first = alias.routing.first,
                let number = QualifiedARN(first.versionARN)?.version,
                let version = try machine.version(number, in: transaction)
            else { throw WorkflowError.noMachine(arn) }
            return version
        }
    }

    /// The text of a definition, as it was given.
    public func definitionText(of machine: StateMachineRecord) async throws(WorkflowError) -> String {
        try await look { try StateMachineRecord.definitionText(machine.definition, in: $0) }
    }

    /// The text of the definition that an execution runs.
    public func definitionText(of execution: ExecutionRecord) async throws(WorkflowError) -> String {
        try await look { try StateMachineRecord.definitionText(execution.definition, in: $0) }
    }

    /// `ListStateMachines`, by name.
    public func stateMachines(
        scope: Scope, maxResults: Int? = nil, nextToken: String? = nil
    ) async throws(WorkflowError) -> Page<StateMachineRecord> {
        let after = try PageToken.decode(nextToken) ?? ""
        let limit = Page<StateMachineRecord>.limit(maxResults)
        let rows = try await look { transaction in
            try transaction.query(
                """
                SELECT \(StateMachineRecord.columns) FROM workflows_machines WHERE scope = $1 AND name > $2
                ORDER BY name LIMIT $3
                """, .text(scope.key), .text(after), .int(limit + 1)
            ).map { try StateMachineRecord($0) }
        }
        return Page(rows, limit: limit) { $0.name }
    }
}
