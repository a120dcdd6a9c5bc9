public import AWSModels
public import Core
public import Messaging
public import Metering
public import Storage
public import Wire

extension SNSProvider {
    /// Bytes of a message, or of all messages of a batch.
    private static let sizeLimit = 262_144

    public func publish(
        _ input: SNS.PublishInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.PublishResponse {
        try Self.validateTexts(input)
        let attributes = try MessageAttributes.list(input.messageAttributes, at: "messageAttributes")
        var message = TopicMessage(
            input.message, subject: input.subject, attributes: attributes, groupID: input.messageGroupId,
            deduplicationID: input.messageDeduplicationId, traceHeader: context.traceHeader)
        guard message.size <= Self.sizeLimit else { throw Self.invalid("Message too long") }
        if let phone = input.phoneNumber {
            guard Self.isPhoneNumber(phone) else {
                throw Self.invalid("PhoneNumber Reason: \(phone) is not valid to publish to")
            }
            return answerNowhere()
        }
        let arn = input.topicArn ?? input.targetArn ?? ""
        let isEndpoint = input.topicArn == nil && arn.hasBytes(":endpoint/")
        if !isEndpoint { try Self.validateFIFO(arn, message) }
        if input.messageStructure == "json" {
            message = try Self.structured(message, needsDefault: !isEndpoint)
        }
        if isEndpoint {
            try await requireEnabledEndpoint(arn, context)
            return answerNowhere()
        }
        let topic = try topic(arn, context)
        try await requireKey(of: topic)
        let wanted = message
        let publication = try await answering { try topics.prepare(wanted, to: topic) }
        let bytes = message.size
        let published = try await write { transaction in
            let (published, isNew) = try topics.publish(publication, in: transaction)
            SNSMetering.record(
                publication, bytes: bytes, isNew: isNew, meter, at: clock.now, in: transaction)
            return published
        }
        return SNS.PublishResponse {
            $0.messageId = published.messageID
            $0.sequenceNumber = published.sequenceNumber
        }
    }

    /// Messages to phones and mobile endpoints are accepted and go nowhere.
    private func answerNowhere() -> SNS.PublishResponse {
        SNS.PublishResponse { $0.messageId = UUIDText.random(using: random) }
    }

    private static func validateTexts(_ input: SNS.PublishInput) throws(AWSError) {
        if input.subject == "" { throw invalid("Subject") }
        if let subject = input.subject, subject.utf8.count > 100 || subject.contains(where: \.isNewline) {
            throw invalid("Subject")
        }
        guard !input.message.isEmpty else { throw invalid("Empty message") }
    }

    private static func validateFIFO(_ arn: String, _ message: TopicMessage) throws(AWSError) {
        if arn.hasSuffix(".fifo") {
            guard message.groupID?.isEmpty == false else {
                throw invalid("The MessageGroupId parameter is required for FIFO topics")
            }
        } else if message.deduplicationID != nil {
            throw invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not "
                    + "valid for this topic type")
        }
    }

    /// The texts for single protocols (`MessageStructure: json`); members that are no texts are left out.
    private static func structured(_ message: TopicMessage, needsDefault: Bool) throws(AWSError) -> TopicMessage {
        guard let object = (try? JSON(parsing: message.text))?.objectValue else {
            throw invalid("Message Structure - JSON message body failed to parse")
        }
        var structured = message
        structured.perProtocol = Dictionary(
            object.compactMap { name, value in value.stringValue.map { (name, $0) } }
        ) { $1 }
        if let text = structured.perProtocol["default"] {
            structured.text = text
        } else if needsDefault {
            throw invalid("Message Structure - No default entry in JSON message body")
        }
        return structured
    }

    // MARK: Batches

    public func publishBatch(
        _ input: SNS.PublishBatchInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.PublishBatchResponse {
        let entries = input.publishBatchRequestEntries
        if entries.isEmpty {
            throw SNS.Errors.emptyBatchRequestException("The batch request doesn't contain any entries.")
        }
        guard entries.count <= 10 else {
            throw SNS.Errors.tooManyEntriesInBatchRequestException(
                "The batch request contains more entries than permissible.")
        }
        let topic = try topic(input.topicArn, context)
        try Self.validateIDs(entries.map(\.id))
        var messages: [TopicMessage] = []
        for (index, entry) in entries.enumerated() {
            messages.append(try Self.message(entry, index, context))
        }
        let bytes = messages.reduce(0) { $0 + $1.size }
        guard bytes <= Self.sizeLimit else {
            throw SNS.Errors.batchRequestTooLongException(
                "The length of all the messages put together is more than the limit.")
        }
        for (index, entry) in entries.enumerated() {
            if entry.messageStructure == "json" {
                messages[index] = try Self.structured(messages[index], needsDefault: true)
            }
            try Self.validateFIFO(input.topicArn, messages[index])
        }
        try await requireKey(of: topic)
        let wanted = messages
        let publications = try await answering { try wanted.map { try topics.prepare($0, to: topic) } }
        let published = try await write { transaction in
            try publications.enumerated().map { index, publication in
                let (published, isNew) = try topics.publish(publication, in: transaction)
                // A batch is billed as one request, by its whole payload.
                SNSMetering.record(
                    publication, bytes: index == 0 ? bytes : nil, isNew: isNew, meter, at: clock.now, in: transaction)
                return published
            }
        }
        return SNS.PublishBatchResponse {
            $0.successful = zip(entries, published).map { entry, published in
                SNS.PublishBatchResultEntry {
                    $0.id = entry.id
                    $0.messageId = published.messageID
                    $0.sequenceNumber = published.sequenceNumber
                }
            }
            $0.failed = []
        }
    }

    private static func validateIDs(_ ids: [String]) throws(AWSError) {
        guard Set(ids).count == ids.count else {
            throw SNS.Errors.batchEntryIdsNotDistinctException(
                "Two or more batch entries in the request have the same Id.")
        }
        for id in ids {
            guard id.utf8.count <= 80 else {
                throw SNS.Errors.invalidBatchEntryIdException(
                    "The Id of a batch entry in the batch request is too long: \(id)")
            }
            let isProper = id.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
            guard isProper, !id.isEmpty else {
                throw SNS.Errors.invalidBatchEntryIdException(
                    "The Id of a batch entry in the batch request contains an impermissible character: \(id)")
            }
        }
    }

    private static func message(
        _ entry: SNS.PublishBatchRequestEntry, _ index: Int, _ context: RequestContext
    ) throws(AWSError) -> TopicMessage {
        guard !entry.message.isEmpty else { throw invalid("Empty message") }
        let path = "publishBatchRequestEntries.\(index + 1).member.messageAttributes"
        return TopicMessage(
            entry.message, subject: entry.subject,
            attributes: try MessageAttributes.list(entry.messageAttributes, at: path), groupID: entry.messageGroupId,
            deduplicationID: entry.messageDeduplicationId, traceHeader: context.traceHeader)
    }
}

/// What publications are billed for: the request by its size, and every delivery.
public enum SNSMetering {
    /// - Parameters:
    ///   - bytes: of the request; nil where another message of the same batch stands for it.
    ///   - isNew: false for duplicates in FIFO topics, which go nowhere.
    public static func record(
        _ publication: Publication, bytes: Int?, isNew: Bool, _ meter: Meter, at now: Timestamp,
        in transaction: Transaction
    ) {
        let topic = publication.topic
        let arn = topic.arn.description
        if let bytes {
            meter.record(
                .publish(to: arn, in: topic.scope, bytes: bytes, isFIFO: topic.isFIFO, at: now), in: transaction)
        }
        guard isNew else { return }
        for (proto, count) in publication.counts {
            guard let subscriber = Usage.Subscriber(rawValue: proto.rawValue) else { continue }
            var usage = Usage.delivery(of: arn, to: subscriber, in: topic.scope, at: now)
            for index in usage.amounts.indices { usage.amounts[index].quantity *= Int64(count) }
            meter.record(usage, in: transaction)
        }
    }
}
