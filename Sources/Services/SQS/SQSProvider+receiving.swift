public import AWSModels
import Core
import Messaging
import Metering
public import Wire

extension SQSProvider {
    public func receiveMessage(
        _ input: SQS.ReceiveMessageRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.ReceiveMessageResult {
        let queue = try queue(input.queueUrl, context)
        let wait = input.waitTimeSeconds ?? queue.attributes.receiveWaitTime
        let limit = input.maxNumberOfMessages ?? 1
        let visibility = input.visibilityTimeout
        guard (0...20).contains(wait) else {
            throw Self.refusal(
                "Value \(wait) for parameter WaitTimeSeconds is invalid. "
                    + "Reason: Must be >= 0 and <= 20, if provided.", context)
        }
        guard (1...QueueService.receiveLimit).contains(limit) else {
            throw Self.refusal(
                "Value \(limit) for parameter MaxNumberOfMessages is invalid. "
                    + "Reason: Must be between 1 and 10, if provided.", context)
        }
        if let visibility, !(0...43_200).contains(visibility) {
            throw Self.refusal(
                "Value \(visibility) for parameter VisibilityTimeout is invalid. "
                    + "Reason: Must be between 0 and 43200, if provided.", context)
        }
        try await requireKey(of: queue, context)
        let (arn, meter, clock) = (queue.arn.description, meter, clock)
        let messages = try await answering(context) {
            try await queues.receive(
                from: arn, limit: limit, visibility: visibility, attempt: input.receiveRequestAttemptId,
                wait: Int64(wait) * 1000
            ) {
                messages, transaction in
                let bytes = messages.reduce(0) { $0 + $1.body.utf8.count }
                meter.record(
                    .queueRequest(
                        on: arn, in: queue.scope, bytes: bytes, isFIFO: queue.attributes.isFIFO, at: clock.now),
                    in: transaction)
            }
        }
        let wanted = WantedAttributes(input)
        return SQS.ReceiveMessageResult {
            if !messages.isEmpty { $0.messages = messages.map { Self.shape($0, wanted) } }
        }
    }

    private static func shape(_ message: ReceivedMessage, _ wanted: WantedAttributes) -> SQS.Message {
        SQS.Message {
            $0.messageId = message.messageID
            $0.receiptHandle = message.receiptHandle
            $0.md5OfBody = message.bodyMD5
            $0.body = message.body
            let system = wanted.system(message)
            if !system.isEmpty { $0.attributes = system }
            let attributes = message.attributes.filter { wanted.includes($0.name) }
            guard !attributes.isEmpty else { return }
            $0.md5OfMessageAttributes = MessageDigest.attributes(attributes)
            $0.messageAttributes = Dictionary(attributes.map { ($0.name, shape($0)) }) { $1 }
        }
    }

    private static func shape(_ attribute: MessageAttribute) -> SQS.MessageAttributeValue {
        SQS.MessageAttributeValue {
            $0.dataType = attribute.type
            switch attribute.value {
            case .string(let text): $0.stringValue = text
            case .binary(let bytes): $0.binaryValue = Blob(bytes)
            }
        }
    }

    // MARK: After receiving

    public func deleteMessage(_ input: SQS.DeleteMessageRequest, _ context: RequestContext) async throws(AWSError) {
        let queue = try queue(input.queueUrl, context)
        let receipt = input.receiptHandle
        try await change(queue, context) { try queues.delete(receipt, from: queue, in: $0) }
    }

    public func deleteMessageBatch(
        _ input: SQS.DeleteMessageBatchRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.DeleteMessageBatchResult {
        let entries = input.entries.map { ($0.id, $0.receiptHandle) }
        let (done, failed) = try await batch(input.queueUrl, entries, context) { queue, receipt, transaction in
            try queues.delete(receipt, from: queue, in: transaction)
        }
        return SQS.DeleteMessageBatchResult { result in
            let successful = done.map { id in SQS.DeleteMessageBatchResultEntry { $0.id = id } }
            if !successful.isEmpty { result.successful = successful }
            if !failed.isEmpty { result.failed = failed }
        }
    }

    public func changeMessageVisibility(
        _ input: SQS.ChangeMessageVisibilityRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let queue = try queue(input.queueUrl, context)
        let (receipt, seconds) = (input.receiptHandle, input.visibilityTimeout)
        try await change(queue, context) { try queues.changeVisibility(receipt, to: seconds, of: queue, in: $0) }
    }

    public func changeMessageVisibilityBatch(
        _ input: SQS.ChangeMessageVisibilityBatchRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.ChangeMessageVisibilityBatchResult {
        let entries = input.entries.map { ($0.id, ($0.receiptHandle, $0.visibilityTimeout ?? 0)) }
        let (done, failed) = try await batch(input.queueUrl, entries, context) { queue, change, transaction in
            try queues.changeVisibility(change.0, to: change.1, of: queue, in: transaction)
        }
        return SQS.ChangeMessageVisibilityBatchResult { result in
            let successful = done.map { id in SQS.ChangeMessageVisibilityBatchResultEntry { $0.id = id } }
            if !successful.isEmpty { result.successful = successful }
            if !failed.isEmpty { result.failed = failed }
        }
    }
}

/// Which attributes of messages a receiver asked for.
private struct WantedAttributes {
    private let systemNames: Set<String>
    private let names: Set<String>
    private let prefixes: [String]
    private let isEverySystem: Bool
    private let isEvery: Bool

    init(_ input: SQS.ReceiveMessageRequest) {
        systemNames = Set((input.attributeNames ?? []).map(\.rawValue))
            .union((input.messageSystemAttributeNames ?? []).map(\.rawValue))
        isEverySystem = systemNames.contains("All")
        let given = input.messageAttributeNames ?? []
        isEvery = given.contains { ["All", ".*", "*"].contains($0) }
        names = Set(given)
        prefixes = given.filter { $0.hasSuffix(".*") }.map { String($0.dropLast(2)) }
    }

    func includes(_ name: String) -> Bool {
        isEvery || names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }

    func system(_ message: ReceivedMessage) -> [String: String] {
        guard !systemNames.isEmpty else { return [:] }
        var all = [
            "SenderId": message.sender, "SentTimestamp": String(message.sentAt.milliseconds),
            "ApproximateReceiveCount": String(message.receiveCount),
            "ApproximateFirstReceiveTimestamp": String(message.firstReceivedAt.milliseconds),
        ]
        all["MessageGroupId"] = message.groupID
        all["MessageDeduplicationId"] = message.deduplicationID
        all["SequenceNumber"] = message.sequenceNumber
        all["AWSTraceHeader"] = message.traceHeader
        all["DeadLetterQueueSourceArn"] = message.deadLetterSource
        return isEverySystem ? all : all.filter { systemNames.contains($0.key) }
    }
}
