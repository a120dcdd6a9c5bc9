public import Core

/// One record of a function's log, with the line break that ended it: a line, or the several lines of a stack trace or
/// of what a runtime's logger or console was given.
public struct FunctionLogRecord: Hashable, Sendable {
    public var timestamp: Timestamp
    public var message: String
    /// What the line reports, when it is the REPORT line of an invocation: exactly one line of each has it.
    public var report: ReportedInvocation?

    public init(timestamp: Timestamp, message: String, report: ReportedInvocation? = nil) {
        self.timestamp = timestamp
        self.message = message
        self.report = report
    }
}

/// Where functions' log lines go.
///
/// Called from event loops and from the threads that read functions' output; each instance's records come in order.
/// An implementation takes the records and returns; it does not block.
public protocol LogSink: Sendable {
    func append(scope: Scope, group: String, stream: String, records: [FunctionLogRecord])
}

/// Drops everything.
public struct NoLogSink: LogSink {
    public init() {}

    public func append(scope: Scope, group: String, stream: String, records: [FunctionLogRecord]) {}
}
