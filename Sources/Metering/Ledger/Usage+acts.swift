import Core

extension Usage {
    public enum Architecture: String, Sendable {
        case x86 = "x86_64"
        case arm = "arm64"
    }

    /// One invocation of a function, as its REPORT line tells it.
    ///
    /// - Parameters:
    ///   - billedMilliseconds: the report's billed duration, init time included
    ///     (``BillingRule/billedMilliseconds(microseconds:initMicroseconds:)``).
    ///   - isProvisioned: whether it ran on provisioned concurrency, which has its own duration price.
    ///   - ephemeralMB: what `/tmp` holds; the first 512 MB are free.
    ///   - streamedBytes: of a streamed response; the first 6 MB are free.
    public static func invocation(
        of function: String, in scope: Scope, memoryMB: Int, billedMilliseconds: Int64,
        architecture: Architecture = .x86, isProvisioned: Bool = false, ephemeralMB: Int = 512, streamedBytes: Int = 0,
        execution: String? = nil, at time: Timestamp
    ) -> Usage {
        let duration: Metric =
            switch (architecture, isProvisioned) {
            case (.x86, false): .lambdaDurationX86
            case (.arm, false): .lambdaDurationARM
            case (.x86, true): .lambdaProvisionedDurationX86
            case (.arm, true): .lambdaProvisionedDurationARM
            }
        var amounts = [
            Amount(.lambdaRequests, 1), Amount(duration, BillingRule.product(Int64(memoryMB), billedMilliseconds)),
        ]
        if ephemeralMB > 512 {
            let quantity = BillingRule.product(Int64(ephemeralMB - 512), billedMilliseconds)
            amounts.append(Amount(.lambdaEphemeralStorage, quantity))
        }
        let freeBytes = 6 << 20
        if streamedBytes > freeBytes { amounts.append(Amount(.lambdaStreamed, Int64(streamedBytes - freeBytes))) }
        return Usage(scope, function, execution: execution, at: time, amounts)
    }

    /// Provisioned concurrency that was kept for a while; ``BillingRule/provisionedMilliseconds(_:)`` rounds the whole.
    public static func provisionedConcurrency(
        of function: String, in scope: Scope, memoryMB: Int, instances: Int, milliseconds: Int64,
        architecture: Architecture = .x86, at time: Timestamp
    ) -> Usage {
        let memory = BillingRule.product(Int64(memoryMB), Int64(instances))
        let metric: Metric = architecture == .x86 ? .lambdaProvisionedX86 : .lambdaProvisionedARM
        return Usage(scope, function, at: time, [Amount(metric, BillingRule.product(memory, milliseconds))])
    }

    /// Steps of a Standard workflow, retries included.
    public static func transitions(
        _ count: Int = 1, of workflow: String, in scope: Scope, execution: String, at time: Timestamp
    ) -> Usage {
        Usage(scope, workflow, execution: execution, at: time, [Amount(.stateTransitions, Int64(max(count, 0)))])
    }

    /// A finished Express execution: rounds duration and memory itself.
    public static func expressExecution(
        of workflow: String, in scope: Scope, milliseconds: Int64, memoryMB: Int64 = 64, execution: String,
        at time: Timestamp
    ) -> Usage {
        let quantity = BillingRule.product(
            BillingRule.expressMegabytes(memoryMB), BillingRule.expressMilliseconds(milliseconds))
        return Usage(
            scope, workflow, execution: execution, at: time,
            [Amount(.expressRequests, 1), Amount(.expressDuration, quantity)])
    }

    public enum ObjectRequest: Sendable {
        /// PUT, COPY, POST, LIST
        case write
        /// GET, HEAD, SELECT and the others
        case read
        /// DELETE and cancelling an upload cost nothing and are not recorded.
        case free
    }

    public static func objectRequest(
        _ kind: ObjectRequest, on bucket: String, in scope: Scope, count: Int = 1, execution: String? = nil,
        at time: Timestamp
    ) -> Usage {
        let amounts: [Amount] =
            switch kind {
            case .write: [Amount(.objectWrites, Int64(max(count, 0)))]
            case .read: [Amount(.objectReads, Int64(max(count, 0)))]
            case .free: []
            }
        return Usage(scope, bucket, execution: execution, at: time, amounts)
    }

    /// One publish call; a batch is billed by its whole payload.
    public static func publish(
        to topic: String, in scope: Scope, bytes: Int, isFIFO: Bool = false, execution: String? = nil,
        at time: Timestamp
    ) -> Usage {
        let amounts: [Amount] =
            isFIFO
            ? [Amount(.topicFIFORequests, 1), Amount(.topicFIFOPayload, Int64(max(bytes, 0)))]
            : [Amount(.topicRequests, BillingRule.chunks(bytes: bytes, of: BillingRule.messageChunk))]
        return Usage(scope, topic, execution: execution, at: time, amounts)
    }

    public enum Subscriber: String, Sendable, CaseIterable {
        case http, https, email, emailJSON = "email-json", sqs, lambda
    }

    /// One delivery of a message to a subscriber.
    public static func delivery(
        of topic: String, to subscriber: Subscriber, in scope: Scope, execution: String? = nil, at time: Timestamp
    ) -> Usage {
        let metric: Metric =
            switch subscriber {
            case .http, .https: .topicHTTPDeliveries
            case .email, .emailJSON: .topicEmailDeliveries
            case .sqs: .topicQueueDeliveries
            case .lambda: .topicFunctionDeliveries
            }
        return Usage(scope, topic, execution: execution, at: time, [Amount(metric, 1)])
    }

    /// One call on a queue, a batch being one call billed by its whole payload.
    public static func queueRequest(
        on queue: String, in scope: Scope, bytes: Int = 0, isFIFO: Bool = false, execution: String? = nil,
        at time: Timestamp
    ) -> Usage {
        let chunks = BillingRule.chunks(bytes: bytes, of: BillingRule.messageChunk)
        return Usage(
            scope, queue, execution: execution, at: time, [Amount(isFIFO ? .queueFIFORequests : .queueRequests, chunks)]
        )
    }

    /// Custom events put on a bus; each is billed by its own size. Events of the platform itself are free.
    public static func customEvents(
        bytes: [Int], on bus: String, in scope: Scope, execution: String? = nil, at time: Timestamp
    ) -> Usage {
        let chunks = bytes.reduce(Int64(0)) { $0 + BillingRule.chunks(bytes: $1, of: BillingRule.messageChunk) }
        return Usage(scope, bus, execution: execution, at: time, [Amount(.customEvents, chunks)])
    }

    public static func apiDestination(_ destination: String, in scope: Scope, at time: Timestamp) -> Usage {
        Usage(scope, destination, at: time, [Amount(.apiDestinations, 1)])
    }

    public static func scheduledInvocation(by schedule: String, in scope: Scope, at time: Timestamp) -> Usage {
        Usage(scope, schedule, at: time, [Amount(.schedulerInvocations, 1)])
    }

    /// A request to an HTTP API or webhook, by the larger of what came in and went out. Function URLs cost nothing
    /// beyond the invocation.
    public static func httpRequest(to api: String, in scope: Scope, bytes: Int, at time: Timestamp) -> Usage {
        let chunks = BillingRule.chunks(bytes: bytes, of: BillingRule.httpChunk)
        return Usage(scope, api, at: time, [Amount(.httpRequests, chunks)])
    }

    /// Lines taken into a log group: their UTF-8 bytes and how many there were. A function's lines have tiers of their own.
    public static func logIngestion(
        into group: String, in scope: Scope, bytes: Int, events: Int, isFunction: Bool, execution: String? = nil,
        at time: Timestamp
    ) -> Usage {
        let (overhead, overflow) = max(events, 0).multipliedReportingOverflow(by: BillingRule.logEventOverhead)
        let quantity = overflow ? Int64.max : Int64(clamping: max(bytes, 0)) &+ Int64(clamping: overhead)
        let metric: Metric = isFunction ? .logsLambdaIngested : .logsIngested
        return Usage(scope, group, execution: execution, at: time, [Amount(metric, max(quantity, 0))])
    }
}
