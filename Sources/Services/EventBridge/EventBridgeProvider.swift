public import AWSModels
import Core
public import Events
import Storage
public import Wire

/// Amazon EventBridge on the event buses of the host.
public struct EventBridgeProvider: EventBridge.API {
    let buses: BusService
    let tokens: ConnectionTokens?
    let tags = TagStore()

    /// - Parameter tokens: what finds out whether a connection can be authorized; without it none is asked.
    public init(_ buses: BusService, tokens: ConnectionTokens? = nil) {
        self.buses = buses
        self.tokens = tokens
    }

    // MARK: Transactions

    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await buses.database.write(body)
        } catch {
            throw Self.failure(error)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await buses.database.read(body)
        } catch {
            throw Self.failure(error)
        }
    }

    /// Gives the module's errors their names on the wire.
    static func failure(_ error: any Error) -> AWSError {
        guard let error = error as? BusError else {
            return error as? AWSError ?? .internalFailure(String(describing: error))
        }
        let code =
            switch error.kind {
            case .doesNotExist: "ResourceNotFoundException"
            case .alreadyExists: "ResourceAlreadyExistsException"
            case .invalid: "ValidationException"
            case .limitExceeded: "LimitExceededException"
            case .invalidPattern: "InvalidEventPatternException"
            case .illegalStatus: "IllegalStatusException"
            }
        return AWSError(code, error.description, status: 400)
    }

    static func invalid(_ message: String) -> AWSError { AWSError("ValidationException", message, status: 400) }

    // MARK: Names

    /// The bus that a name or an ARN means; the default bus without one.
    static func bus(_ nameOrARN: String?, _ context: RequestContext) -> BusKey {
        guard let text = nameOrARN, !text.isEmpty else { return BusKey(context.scope) }
        return BusKey(arn: text) ?? BusKey(context.scope, text)
    }

    static func after(_ token: String?) throws(AWSError) -> String {
        guard let token else { return "" }
        guard let parts = ListToken.parts(token, 1) else { throw invalid("The nextToken is invalid.") }
        return parts[0]
    }

    // MARK: Tags

    public func listTagsForResource(
        _ input: EventBridge.ListTagsForResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListTagsForResourceResponse {
        let found = try await read { [tags, buses] transaction in
            try Self.requireResource(input.resourceARN, buses, in: transaction)
            return try tags.tags(of: input.resourceARN, in: transaction)
        }
        return EventBridge.ListTagsForResourceResponse {
            $0.tags = found.map { tag in
                EventBridge.Tag {
                    $0.key = tag.name
                    $0.value = tag.value
                }
            }
        }
    }

    public func tagResource(
        _ input: EventBridge.TagResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.TagResourceResponse {
        try await write { [tags, buses] transaction in
            try Self.requireResource(input.resourceARN, buses, in: transaction)
            try tags.add(input.tags.map { ($0.key, $0.value) }, to: input.resourceARN, in: transaction)
        }
        return EventBridge.TagResourceResponse()
    }

    public func untagResource(
        _ input: EventBridge.UntagResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.UntagResourceResponse {
        try await write { [tags, buses] transaction in
            try Self.requireResource(input.resourceARN, buses, in: transaction)
            try tags.remove(input.tagKeys, from: input.resourceARN, in: transaction)
        }
        return EventBridge.UntagResourceResponse()
    }

    /// Only buses and rules carry tags.
    private static func requireResource(_ text: String, _ buses: BusService, in transaction: Transaction) throws {
        if let key = BusKey(arn: text) {
            _ = try buses.bus(key, in: transaction)
        } else if let key = RuleKey(arn: text) {
            _ = try buses.rule(key, in: transaction)
        } else {
            throw invalid("Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format.")
        }
    }
}
