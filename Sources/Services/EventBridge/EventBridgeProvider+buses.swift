public import AWSModels
import Core
import Events
public import Wire

extension EventBridgeProvider {
    public func createEventBus(
        _ input: EventBridge.CreateEventBusRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.CreateEventBusResponse {
        let key = BusKey(context.scope, input.name)
        guard input.name != BusKey.defaultName, !input.name.contains("/") || input.eventSourceName != nil else {
            throw input.name == BusKey.defaultName
                ? AWSError("ResourceAlreadyExistsException", "Event bus default already exists.", status: 400)
                : Self.invalid("Event bus name must not contain '/'.")
        }
        let now = buses.clock.now
        var settings: JSONObject = [:]
        settings["KmsKeyIdentifier"] = input.kmsKeyIdentifier.map(JSON.string)
        settings["DeadLetterConfig"] = input.deadLetterConfig.map { .object($0.json) }
        settings["LogConfig"] = input.logConfig.map { .object($0.json) }
        let bus = EventBus(key, summary: input.description, at: now, settings: settings)
        try await write { [buses, tags] transaction in
            try buses.createBus(bus, in: transaction)
            try tags.add((input.tags ?? []).map { ($0.key, $0.value) }, to: key.arn, in: transaction)
        }
        return EventBridge.CreateEventBusResponse {
            $0.eventBusArn = key.arn
            $0.description = input.description
            $0.kmsKeyIdentifier = input.kmsKeyIdentifier
            $0.deadLetterConfig = input.deadLetterConfig
            $0.logConfig = input.logConfig
        }
    }

    /// What is not given stays as it is.
    public func updateEventBus(
        _ input: EventBridge.UpdateEventBusRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.UpdateEventBusResponse {
        let key = Self.bus(input.name, context)
        let bus = try await write { [buses] transaction in
            try buses.changeBus(key, in: transaction) { bus in
                if let summary = input.description { bus.summary = summary }
                if let identifier = input.kmsKeyIdentifier {
                    bus.settings["KmsKeyIdentifier"] = identifier.isEmpty ? nil : .string(identifier)
                }
                if let config = input.deadLetterConfig { bus.settings["DeadLetterConfig"] = .object(config.json) }
                if let config = input.logConfig { bus.settings["LogConfig"] = .object(config.json) }
            }
            return try buses.bus(key, in: transaction)
        }
        return EventBridge.UpdateEventBusResponse {
            $0.arn = key.arn
            $0.name = key.name
            $0.description = bus.summary
            $0.kmsKeyIdentifier = bus.settings["KmsKeyIdentifier"]?.stringValue
            $0.deadLetterConfig = EventBridge.DeadLetterConfig(json: bus.settings["DeadLetterConfig"])
            $0.logConfig = EventBridge.LogConfig(json: bus.settings["LogConfig"])
        }
    }

    public func deleteEventBus(
        _ input: EventBridge.DeleteEventBusRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let key = Self.bus(input.name, context)
        try await write { [buses, tags] transaction in
            try buses.deleteBus(key, in: transaction)
            try tags.removeAll(of: key.arn, in: transaction)
        }
    }

    public func describeEventBus(
        _ input: EventBridge.DescribeEventBusRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DescribeEventBusResponse {
        let key = Self.bus(input.name, context)
        let bus = try await read { [buses] in try buses.bus(key, in: $0) }
        return EventBridge.DescribeEventBusResponse {
            $0.name = key.name
            $0.arn = key.arn
            $0.description = bus.summary
            $0.policy = bus.policy?.text()
            $0.kmsKeyIdentifier = bus.settings["KmsKeyIdentifier"]?.stringValue
            $0.deadLetterConfig = EventBridge.DeadLetterConfig(json: bus.settings["DeadLetterConfig"])
            $0.logConfig = EventBridge.LogConfig(json: bus.settings["LogConfig"])
            $0.creationTime = bus.createdAt
            $0.lastModifiedTime = bus.updatedAt
        }
    }

    public func listEventBuses(
        _ input: EventBridge.ListEventBusesRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListEventBusesResponse {
        let after = try Self.after(input.nextToken)
        let limit = input.limit ?? 100
        let found = try await read { [buses] transaction in
            try buses.buses(
                context.scope, namePrefix: input.namePrefix ?? "", after: after, limit: limit + 1, in: transaction)
        }
        let page = Page(found, limit: limit)
        return EventBridge.ListEventBusesResponse {
            $0.nextToken = page.last.map { ListToken.make($0.key.name) }
            $0.eventBuses = page.items.map { bus in
                EventBridge.EventBus {
                    $0.name = bus.key.name
                    $0.arn = bus.key.arn
                    $0.description = bus.summary
                    $0.policy = bus.policy?.text()
                    $0.creationTime = bus.createdAt
                    $0.lastModifiedTime = bus.updatedAt
                }
            }
        }
    }

    // MARK: Permissions

    public func putPermission(
        _ input: EventBridge.PutPermissionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let key = Self.bus(input.eventBusName, context)
        let change = try Self.policyChange(input, key)
        try await write { [buses] transaction in
            try buses.changeBus(key, in: transaction) { $0.policy = change($0.policy) }
        }
    }

    private static func policyChange(
        _ input: EventBridge.PutPermissionRequest, _ key: BusKey
    ) throws(AWSError) -> @Sendable (JSON?) -> JSON {
        if let text = input.policy {
            guard let policy = try? JSON(parsing: text), case .object = policy else {
                throw invalid("This policy contains invalid Json")
            }
            return { _ in policy }
        }
        guard let sid = input.statementId, let principal = input.principal, let action = input.action else {
            throw invalid("Parameter(s) StatementId, Action and Principal must be specified.")
        }
        var statement: JSONObject = ["Sid": .string(sid), "Effect": "Allow"]
        statement["Principal"] =
            principal == "*" ? "*" : ["AWS": .string("arn:aws:iam::\(principal):root")]
        statement["Action"] = .string(action)
        statement["Resource"] = .string(key.arn)
        if let condition = input.condition {
            statement["Condition"] = .object([
                condition.type: .object([condition.key: .string(condition.value)])
            ])
        }
        let added = JSON.object(statement)
        return { policy in
            let kept = (policy?["Statement"]?.arrayValue ?? []).filter { $0["Sid"]?.stringValue != sid }
            return ["Version": policy?["Version"] ?? "2012-10-17", "Statement": .array(kept + [added])]
        }
    }

    public func removePermission(
        _ input: EventBridge.RemovePermissionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let key = Self.bus(input.eventBusName, context)
        try await write { [buses] transaction in
            try buses.changeBus(key, in: transaction) { bus in
                if input.removeAllPermissions == true {
                    bus.policy = nil
                    return
                }
                let statements = bus.policy?["Statement"]?.arrayValue ?? []
                let kept = statements.filter { $0["Sid"]?.stringValue != input.statementId }
                guard kept.count < statements.count else {
                    throw BusError(.doesNotExist, "Statement with the provided id does not exist.")
                }
                bus.policy?["Statement"] = .array(kept)
                if kept.isEmpty { bus.policy = nil }
            }
        }
    }
}
