public import Core
public import Storage

/// For those who name their mappings themselves, such as a project directory.
extension EventSourceMappingService {
    /// What a trigger asks for.
    public struct Trigger: Sendable {
        public var functionARN: String
        public var queueARN: String
        public var isEnabled: Bool
        public var batchSize: Int
        /// Seconds
        public var window: Int
        public var filters: [String]
        public var reportsItemFailures: Bool
        public var maximumConcurrency: Int?

        public init(
            functionARN: String, queueARN: String, isEnabled: Bool, batchSize: Int, window: Int, filters: [String],
            reportsItemFailures: Bool, maximumConcurrency: Int?
        ) {
            self.functionARN = functionARN
            self.queueARN = queueARN
            self.isEnabled = isEnabled
            self.batchSize = batchSize
            self.window = window
            self.filters = filters
            self.reportsItemFailures = reportsItemFailures
            self.maximumConcurrency = maximumConcurrency
        }
    }

    /// Creates or changes the mapping of that name.
    public func put(_ trigger: Trigger, named name: String, _ scope: Scope, in transaction: Transaction) throws {
        try put(
            EventSourceMapping(
                id: Self.identifier(name), scope: scope, functionARN: trigger.functionARN, queueARN: trigger.queueARN,
                isEnabled: trigger.isEnabled, batchSize: trigger.batchSize, windowSeconds: trigger.window,
                filters: trigger.filters, reportsItemFailures: trigger.reportsItemFailures,
                maximumConcurrency: trigger.maximumConcurrency, modifiedAt: clock.now, tags: [:]), in: transaction)
    }

    /// Ends the mapping of that name, if there is one.
    public func remove(named name: String, _ scope: Scope, in transaction: Transaction) throws {
        if let mapping = try mapping(Self.identifier(name), scope, in: transaction) {
            try remove(mapping, in: transaction)
        }
    }

    /// A UUID that follows from the name.
    private static func identifier(_ name: String) -> String {
        let digest = Digest.sha256(Array(name.utf8))
        let words = [digest[0..<8], digest[8..<16]].map { $0.reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
        return UUIDText.make(high: words[0], low: words[1])
    }
}
