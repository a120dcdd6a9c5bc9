import Core
import EventPatterns
import Functions
import Messaging
import Metering
import NIOCore
import Storage

/// Messages that were received together, on their way through the function.
struct Batch: Sendable {
    private let messages: [ReceivedMessage]
    private let mapping: EventSourceMapping
    private let filter: EventSourceFilter
    private let service: EventSourceMappingService

    init(
        _ messages: [ReceivedMessage], of mapping: EventSourceMapping, _ filter: EventSourceFilter,
        _ service: EventSourceMappingService
    ) {
        self.messages = messages
        self.mapping = mapping
        self.filter = filter
        self.service = service
    }

    /// Messages that do not pass the filter are deleted; the others are given to the function and deleted where it
    /// succeeds. What it fails on becomes visible again when its visibility timeout ends.
    func handle() async -> PollerScale.Outcome {
        var passing: [(message: ReceivedMessage, record: JSON)] = []
        var filtered: [ReceivedMessage] = []
        for message in messages {
            let record = Self.record(message, mapping)
            if filter.passes(record) { passing.append((message, record)) } else { filtered.append(message) }
        }
        await delete(filtered)
        var outcome = PollerScale.Outcome.done
        for part in Self.parts(passing) {
            let ended = await invoke(part)
            if case .done = ended { continue }
            outcome = ended
        }
        return outcome
    }

    /// Split where the event would be larger than a function takes.
    private static func parts(
        _ passing: [(message: ReceivedMessage, record: JSON)]
    ) -> [[(message: ReceivedMessage, bytes: [UInt8])]] {
        var parts: [[(message: ReceivedMessage, bytes: [UInt8])]] = []
        var size = 0
        for (message, record) in passing {
            let bytes = record.bytes()
            if parts.isEmpty || size + bytes.count > LambdaProvider.synchronousLimit - 64 {
                parts.append([])
                size = 0
            }
            parts[parts.count - 1].append((message, bytes))
            size += bytes.count + 1
        }
        return parts
    }

    private func invoke(_ part: [(message: ReceivedMessage, bytes: [UInt8])]) async -> PollerScale.Outcome {
        var payload = ByteBuffer(string: #"{"Records":["#)
        for (index, item) in part.enumerated() {
            if index > 0 { payload.writeString(",") }
            payload.writeBytes(item.bytes)
        }
        payload.writeString("]}")
        guard let result = await result(of: payload) else { return .throttled }
        guard case .success = result.outcome else { return .failed }
        let sent = part.map(\.message)
        guard mapping.reportsItemFailures else {
            await delete(sent)
            return .done
        }
        let answer = Array(result.payload.readableBytesView)
        guard let failed = BatchItemFailures(answer, of: Set(sent.map(\.messageID))) else { return .failed }
        await delete(sent.filter { !failed.identifiers.contains($0.messageID) })
        return failed.identifiers.isEmpty ? .done : .failed
    }

    /// Invokes the function, again and again while it has no room, for as long as the messages are kept for this poller.
    /// Nil when it never had room.
    private func result(of payload: ByteBuffer) async -> InvocationResult? {
        let invoker = service.invoker
        let visibility = service.queues.queue(mapping.queueARN)?.attributes.visibilityTimeout ?? 30
        let deadline = service.clock.now.adding(milliseconds: Int64(visibility) * 1000)
        var pause: Int64 = 100
        while true {
            guard let function = invoker.directory.resolve(mapping.functionARN) else { return nil }
            let context = InvocationContext(requestID: invoker.makeRequestID())
            let result = await invoker.invoke(function, payload: payload, context: context)
            guard case .rejected(let rejection) = result.outcome else { return result }
            guard rejection.reason != .shuttingDown else { return nil }
            let next = service.clock.now.adding(milliseconds: pause)
            guard next < deadline, (try? await service.clock.sleep(until: next)) != nil else { return nil }
            pause = min(pause * 2, 5000)
        }
    }

    private func delete(_ messages: [ReceivedMessage]) async {
        guard !messages.isEmpty, let queue = service.queues.queue(mapping.queueARN) else { return }
        let (queues, meter, mapping, clock) = (service.queues, service.meter, mapping, service.clock)
        // When it cannot be written, the messages come once more: a queue delivers at least once.
        _ = try? await service.database.write { transaction in
            for message in messages {
                // One whose receipt has expired meanwhile is another's by now.
                try? queues.delete(message.receiptHandle, from: queue, in: transaction)
            }
            for _ in 0..<(messages.count + 9) / 10 {
                meter.record(
                    .queueRequest(on: mapping.queueARN, in: mapping.scope, isFIFO: mapping.isFIFO, at: clock.now),
                    in: transaction)
            }
        }
    }

    // MARK: Records

    /// The message in the form in which functions receive it.
    static func record(_ message: ReceivedMessage, _ mapping: EventSourceMapping) -> JSON {
        var attributes: JSONObject = ["ApproximateReceiveCount": .string("\(message.receiveCount)")]
        attributes["AWSTraceHeader"] = message.traceHeader.map(JSON.string)
        attributes["SentTimestamp"] = .string("\(message.sentAt.milliseconds)")
        attributes["SequenceNumber"] = message.sequenceNumber.map(JSON.string)
        attributes["MessageGroupId"] = message.groupID.map(JSON.string)
        attributes["SenderId"] = .string(message.sender)
        attributes["MessageDeduplicationId"] = message.deduplicationID.map(JSON.string)
        attributes["DeadLetterQueueSourceArn"] = message.deadLetterSource.map(JSON.string)
        attributes["ApproximateFirstReceiveTimestamp"] = .string("\(message.firstReceivedAt.milliseconds)")
        var record: JSON = [
            "messageId": .string(message.messageID), "receiptHandle": .string(message.receiptHandle),
            "body": .string(message.body), "attributes": .object(attributes),
            "messageAttributes": .object(
                JSONObject(message.attributes.map { ($0.name, Self.attribute($0)) })),
        ]
        // Without attributes, only mappings that wait for more messages name the digest.
        if let digest = MessageDigest.attributes(message.attributes) {
            record["md5OfMessageAttributes"] = .string(digest)
        } else if mapping.windowSeconds > 0 {
            record["md5OfMessageAttributes"] = .null
        }
        record["md5OfBody"] = .string(message.bodyMD5)
        record["eventSource"] = "aws:sqs"
        record["eventSourceARN"] = .string(mapping.queueARN)
        record["awsRegion"] = .string(mapping.scope.region)
        return record
    }

    private static func attribute(_ attribute: Messaging.MessageAttribute) -> JSON {
        var value: JSONObject = [:]
        switch attribute.value {
        case .string(let text): value["stringValue"] = .string(text)
        case .binary(let bytes): value["binaryValue"] = .string(Base64.encode(bytes))
        }
        value["stringListValues"] = []
        value["binaryListValues"] = []
        value["dataType"] = .string(attribute.type)
        return .object(value)
    }
}

/// Which messages of a batch a function says it failed on.
struct BatchItemFailures {
    var identifiers: Set<String>

    /// - Parameters:
    ///   - answer: what the function returned; nothing and null mean success.
    ///   - known: the identifiers of the batch.
    /// - Returns: nil when the answer cannot be understood, which fails the whole batch.
    init?(_ answer: [UInt8], of known: Set<String>) {
        identifiers = []
        if answer.isEmpty { return }
        guard let json = try? JSON(parsing: answer) else { return nil }
        // An empty text is nothing.
        if json.isNull || json.stringValue == "" { return }
        guard let object = json.objectValue else { return nil }
        guard let list = object["batchItemFailures"], !list.isNull else { return }
        guard let items = list.arrayValue else { return nil }
        for item in items {
            guard let identifier = item["itemIdentifier"]?.stringValue, known.contains(identifier) else { return nil }
            identifiers.insert(identifier)
        }
    }
}
