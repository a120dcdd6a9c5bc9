public import AWSModels
public import Core
public import Events
public import Storage
public import Wire

/// Amazon EventBridge Scheduler on the host's schedules.
public struct SchedulerProvider: Scheduler.API {
    let database: Database
    let schedules: ScheduleStore
    let clock: any HostClock
    let tags = TagStore()

    public init(database: Database, schedules: ScheduleStore, clock: any HostClock) {
        self.database = database
        self.schedules = schedules
        self.clock = clock
    }

    // MARK: Transactions

    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await database.write(body)
        } catch {
            throw Self.failure(error)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw Self.failure(error)
        }
    }

    /// Gives the module's errors their names on the wire.
    static func failure(_ error: any Error) -> AWSError {
        guard let error = error as? ScheduleError else {
            return error as? AWSError ?? .internalFailure(String(describing: error))
        }
        switch error.kind {
        case .alreadyExists: return Scheduler.Errors.conflictException(error.description)
        case .groupIsDeleting: return Scheduler.Errors.conflictException(error.description)
        case .doesNotExist, .groupDoesNotExist: return Scheduler.Errors.resourceNotFoundException(error.description)
        }
    }

    static func invalid(_ message: String) -> AWSError { Scheduler.Errors.validationException(message) }

    static func token(_ token: String?, parts: Int) throws(AWSError) -> [String] {
        guard let token else { return Array(repeating: "", count: parts) }
        guard let found = ListToken.parts(token, parts) else { throw invalid("Invalid token") }
        return found
    }

    // MARK: Tags

    public func listTagsForResource(
        _ input: Scheduler.ListTagsForResourceInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.ListTagsForResourceOutput {
        let found = try await read { [self] transaction in
            try requireGroup(input.resourceArn, in: transaction)
            return try tags.tags(of: input.resourceArn, in: transaction)
        }
        return Scheduler.ListTagsForResourceOutput {
            $0.tags = found.map { tag in
                Scheduler.Tag {
                    $0.key = tag.name
                    $0.value = tag.value
                }
            }
        }
    }

    public func tagResource(
        _ input: Scheduler.TagResourceInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.TagResourceOutput {
        try await write { [self] transaction in
            try requireGroup(input.resourceArn, in: transaction)
            try tags.add(input.tags.map { ($0.key, $0.value) }, to: input.resourceArn, in: transaction)
        }
        return Scheduler.TagResourceOutput()
    }

    public func untagResource(
        _ input: Scheduler.UntagResourceInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.UntagResourceOutput {
        try await write { [self] transaction in
            try requireGroup(input.resourceArn, in: transaction)
            try tags.remove(input.tagKeys, from: input.resourceArn, in: transaction)
        }
        return Scheduler.UntagResourceOutput()
    }

    /// Only groups carry tags.
    private func requireGroup(_ text: String, in transaction: Transaction) throws {
        guard let arn = ARN(text), arn.service == "scheduler", arn.resource.hasPrefix("schedule-group/") else {
            throw Self.invalid("Invalid resource ARN \(text).")
        }
        let name = String(arn.resource.dropFirst(15))
        let scope = Scope(account: arn.account, region: arn.region)
        guard try schedules.group(name, scope, in: transaction) != nil else {
            throw Scheduler.Errors.resourceNotFoundException("Schedule group \(name) does not exist.")
        }
    }
}
