public import AWSModels
import Core
import Messaging
public import Wire

extension SQSProvider {
    /// Bytes of all messages of a batch together.
    private static let batchSize = 1_048_576

    public func sendMessage(
        _ input: SQS.SendMessageRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.SendMessageResult {
        let queue = try queue(input.queueUrl, context)
        let message = message(input, context)
        try await answering(context) {
            try message.validate(maximumSize: queue.attributes.maximumMessageSize)
            try QueueService.requireFit(message, queue)
        }
        try await requireKey(of: queue, context)
        let sent = try await change(queue, context, bytes: message.size) {
            try queues.send(message, to: queue, in: $0)
        }
        return SQS.SendMessageResult {
            $0.messageId = sent.messageID
            $0.md5OfMessageBody = MessageDigest.body(message.body)
            $0.md5OfMessageAttributes = MessageDigest.attributes(message.attributes)
            $0.md5OfMessageSystemAttributes = systemDigest(input.messageSystemAttributes)
            $0.sequenceNumber = sent.sequenceNumber
        }
    }

    public func sendMessageBatch(
        _ input: SQS.SendMessageBatchRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.SendMessageBatchResult {
        let queue = try queue(input.queueUrl, context)
        let entries = input.entries.map { (entry: $0, message: message($0, context)) }
        try validateBatch(entries.map(\.entry.id), context)
        try validate(entries.map(\.message), queue, context)
        try await requireKey(of: queue, context)
        var failures: [String: AWSError] = [:]
        for (entry, message) in entries {
            do {
                try message.validate(maximumSize: queue.attributes.maximumMessageSize)
                try QueueService.requireFit(message, queue)
            } catch {
                failures[entry.id] = Self.error(Self.inBatch(error, queue), context)
            }
        }
        let good = entries.filter { failures[$0.entry.id] == nil }
        let messages = good.map(\.message)
        let bytes = entries.reduce(0) { $0 + $1.message.size }
        let sent = try await change(queue, context, bytes: bytes) { transaction in
            try messages.map { try queues.send($0, to: queue, in: transaction) }
        }
        return SQS.SendMessageBatchResult { result in
            let successful = zip(good, sent).map { shape($0.0.entry, $0.0.message, $0.1) }
            if !successful.isEmpty { result.successful = successful }
            let failed = entries.compactMap { pair in failures[pair.entry.id].map { failure(pair.entry.id, $0) } }
            if !failed.isEmpty { result.failed = failed }
        }
    }

    /// The service words the size limit in another way within batches.
    private static func inBatch(_ error: MessagingError, _ queue: Queue) -> MessagingError {
        MessagingError(
            error.kind,
            error.message.hasPrefix("One or more parameters are invalid.")
                ? "One or more parameters cannot be validated. Reason: Message must be shorter than "
                    + "\(queue.attributes.maximumMessageSize) bytes." : error.message)
    }

    private func shape(
        _ entry: SQS.SendMessageBatchRequestEntry, _ message: OutgoingMessage, _ sent: SentMessage
    ) -> SQS.SendMessageBatchResultEntry {
        SQS.SendMessageBatchResultEntry {
            $0.id = entry.id
            $0.messageId = sent.messageID
            $0.md5OfMessageBody = MessageDigest.body(message.body)
            $0.md5OfMessageAttributes = MessageDigest.attributes(message.attributes)
            $0.md5OfMessageSystemAttributes = systemDigest(entry.messageSystemAttributes)
            $0.sequenceNumber = sent.sequenceNumber
        }
    }

    /// What makes the whole batch fail.
    private func validate(
        _ messages: [OutgoingMessage], _ queue: Queue, _ context: RequestContext
    ) throws(AWSError) {
        if queue.attributes.isFIFO {
            if !queue.attributes.deduplicatesByContent, messages.contains(where: { $0.deduplicationID == nil }) {
                throw Self.refusal(
                    "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
                        + "provided explicitly", context)
            }
            if messages.contains(where: { $0.groupID == nil }) {
                throw Self.refusal("The request must contain the parameter MessageGroupId.", context)
            }
        }
        let size = messages.reduce(0) { $0 + $1.size }
        guard size <= Self.batchSize else {
            throw Self.detail(
                SQS.Errors.batchRequestTooLong(
                    "Batch requests cannot be longer than \(Self.batchSize) bytes. You have sent \(size) bytes."),
                context)
        }
    }

    // MARK: Messages

    private func message(_ input: SQS.SendMessageRequest, _ context: RequestContext) -> OutgoingMessage {
        OutgoingMessage(
            body: input.messageBody, attributes: Self.attributes(input.messageAttributes), delay: input.delaySeconds,
            groupID: input.messageGroupId, deduplicationID: input.messageDeduplicationId,
            traceHeader: input.messageSystemAttributes?["AWSTraceHeader"]?.stringValue ?? context.traceHeader,
            sender: context.scope.account)
    }

    private func message(_ input: SQS.SendMessageBatchRequestEntry, _ context: RequestContext) -> OutgoingMessage {
        OutgoingMessage(
            body: input.messageBody, attributes: Self.attributes(input.messageAttributes), delay: input.delaySeconds,
            groupID: input.messageGroupId, deduplicationID: input.messageDeduplicationId,
            traceHeader: input.messageSystemAttributes?["AWSTraceHeader"]?.stringValue ?? context.traceHeader,
            sender: context.scope.account)
    }

    private static func attributes(_ map: [String: SQS.MessageAttributeValue]?) -> [MessageAttribute] {
        guard let map else { return [] }
        return map.sorted { $0.key < $1.key }.map { name, value in
            let isBinary = value.dataType.hasPrefix("Binary")
            return MessageAttribute(
                name: name, type: value.dataType,
                value: isBinary ? .binary(value.binaryValue?.bytes ?? []) : .string(value.stringValue ?? ""))
        }
    }

    private func systemDigest(_ map: [String: SQS.MessageSystemAttributeValue]?) -> String? {
        guard let map else { return nil }
        return MessageDigest.attributes(
            map.map {
                MessageAttribute(name: $0.key, type: $0.value.dataType, value: .string($0.value.stringValue ?? ""))
            })
    }
}
