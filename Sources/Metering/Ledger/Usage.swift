import Core

/// One billable act, to be recorded in the transaction that makes it true.
public struct Usage: Hashable, Sendable {
    public struct Amount: Hashable, Sendable {
        public var metric: Metric
        /// In the metric's base units.
        public var quantity: Int64

        public init(_ metric: Metric, _ quantity: Int64) {
            self.metric = metric
            self.quantity = quantity
        }
    }

    public var scope: Scope
    /// The ARN of what did it: the function (without version), state machine, bucket, topic, queue, bus, schedule, API
    /// or log group.
    public var resource: String
    /// The ARN of the workflow execution on whose behalf it was done.
    public var execution: String?
    public var time: Timestamp
    public var amounts: [Amount]

    public init(_ scope: Scope, _ resource: String, execution: String? = nil, at time: Timestamp, _ amounts: [Amount]) {
        self.scope = scope
        self.resource = resource
        self.execution = execution
        self.time = time
        self.amounts = amounts
    }
}

/// The rounding of AWS's price lists. Quantities that are negative count as nothing; those beyond 64 bits are clamped.
public enum BillingRule {
    /// Payloads are billed in chunks; an empty one is one chunk. SNS, SQS and EventBridge: 64 KiB (their pricing pages);
    /// API Gateway's HTTP APIs: 512 KiB.
    public static func chunks(bytes: Int, of size: Int) -> Int64 {
        bytes <= size ? 1 : Int64((bytes - 1) / size + 1)
    }

    public static let messageChunk = 65_536
    public static let httpChunk = 524_288

    /// Milliseconds, each begun one whole: Lambda bills to the next millisecond (Lambda pricing, December 2020). Init
    /// time is billed with the invocation that caused it (Lambda pricing, August 2025).
    public static func billedMilliseconds(microseconds: Int64, initMicroseconds: Int64 = 0) -> Int64 {
        let total = max(microseconds, 0).addingReportingOverflow(max(initMicroseconds, 0))
        return total.overflow ? .max / 1000 : (total.partialValue + 999) / 1000
    }

    /// Express workflows: the duration to the next 100 ms (Step Functions pricing).
    public static func expressMilliseconds(_ milliseconds: Int64) -> Int64 {
        let tenths = max(min(milliseconds, .max / 2), 1)
        return (tenths + 99) / 100 * 100
    }

    /// Express workflows: the memory to the next 64 MB (Step Functions pricing).
    public static func expressMegabytes(_ megabytes: Int64) -> Int64 {
        (max(min(megabytes, 1 << 40), 1) + 63) / 64 * 64
    }

    /// Provisioned concurrency: the time to the next five minutes (Lambda pricing).
    public static func provisionedMilliseconds(_ milliseconds: Int64) -> Int64 {
        let step: Int64 = 300_000
        return (max(min(milliseconds, .max / 2), 0) + step - 1) / step * step
    }

    /// What a line adds to its UTF-8 length when it is ingested (CloudWatch Logs, PutLogEvents).
    public static let logEventOverhead = 26

    static func product(_ left: Int64, _ right: Int64) -> Int64 {
        let (product, overflow) = max(left, 0).multipliedReportingOverflow(by: max(right, 0))
        return overflow ? .max : product
    }
}
