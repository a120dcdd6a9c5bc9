public import Metering

/// Takes billable acts that change nothing else, such as reads, and writes them in batches.
public protocol UsageRecorder: Sendable {
    func record(_ usage: Usage)
}

/// Forgets what it is told: for hosts without a bill, and for tests.
public struct NoUsageRecorder: UsageRecorder {
    public init() {}
    public func record(_ usage: Usage) {}
}
