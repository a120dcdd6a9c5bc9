import Core

/// One publication in the forms in which the protocols receive it.
///
/// All receivers of a protocol get the same text but for one address, so the text before and after that is made once.
struct Notification {
    let topic: Topic
    let message: TopicMessage
    let messageID: String
    let sequenceNumber: String?
    let time: Timestamp
    let certificateURL: String
    /// Scheme, host and port of the host's own address.
    let endpoint: String

    /// The JSON text, in UTF-8, before and after the subscription's ARN in the address at which the receiver can
    /// unsubscribe.
    struct Envelope {
        var head: [UInt8]
        var tail: [UInt8]
    }

    var isSigned: Bool { !topic.isFIFO }

    /// The envelope of queues and HTTP receivers. The signature is empty where it is to be filled in later.
    func envelope(for proto: SubscriptionProtocol, signature: String = "") -> Envelope {
        var object: JSONObject = ["Type": "Notification", "MessageId": .string(messageID)]
        if let sequenceNumber { object["SequenceNumber"] = .string(sequenceNumber) }
        object["TopicArn"] = .string(topic.arn.description)
        if let subject = message.subject { object["Subject"] = .string(subject) }
        object["Message"] = .string(message.text(for: proto))
        object["Timestamp"] = .string(time.description)
        if isSigned {
            object["SignatureVersion"] = .string(topic.signatureVersion)
            object["Signature"] = .string(signature)
            object["SigningCertURL"] = .string(certificateURL)
        }
        let attributes = message.attributes.isEmpty ? "" : ",\"MessageAttributes\":" + attributes.text()
        object["UnsubscribeURL"] = .string(unsubscribeURL)
        // Without the quotation mark and the brace: the ARN and the attributes follow.
        return Envelope(
            head: Array(JSON.object(object).bytes().dropLast(2)), tail: Array(("\"" + attributes + "}").utf8))
    }

    /// ARNs have no characters that JSON escapes.
    func bytes(_ envelope: Envelope, for subscription: Subscription) -> [UInt8] {
        var bytes: [UInt8] = []
        let arn = subscription.arn.utf8
        bytes.reserveCapacity(envelope.head.count + arn.count + envelope.tail.count)
        bytes += envelope.head
        bytes += arn
        bytes += envelope.tail
        return bytes
    }

    /// The event of a function. Functions are always told the first signature version, whatever the topic's is.
    func functionEvent(for subscription: Subscription, signature: String) -> JSON {
        var notification: JSONObject = [
            "Type": "Notification", "MessageId": .string(messageID), "TopicArn": .string(topic.arn.description),
            "Subject": message.subject.map(JSON.string) ?? .null,
            "Message": .string(message.text(for: subscription.proto)), "Timestamp": .string(time.description),
            "SignatureVersion": "1", "Signature": .string(signature), "SigningCertUrl": .string(certificateURL),
            "UnsubscribeUrl": .string(unsubscribeURL + subscription.arn), "MessageAttributes": attributes,
        ]
        if let sequenceNumber { notification["SequenceNumber"] = .string(sequenceNumber) }
        return [
            "Records": [
                [
                    "EventSource": "aws:sns", "EventVersion": "1.0",
                    "EventSubscriptionArn": .string(subscription.arn), "Sns": .object(notification),
                ]
            ]
        ]
    }

    func textToSign(for proto: SubscriptionProtocol) -> String {
        SignedText.notification(
            message: message.text(for: proto), messageID: messageID, subject: message.subject,
            timestamp: time.description, topic: topic.arn.description)
    }

    /// Without the subscription's ARN at its end.
    private var unsubscribeURL: String { "\(endpoint)/?Action=Unsubscribe&SubscriptionArn=" }

    private var attributes: JSON {
        .object(
            JSONObject(
                message.attributes.map { attribute in
                    let value: String =
                        switch attribute.value {
                        case .string(let text): text
                        case .binary(let bytes): Base64.encode(bytes)
                        }
                    return (attribute.name, ["Type": .string(attribute.type), "Value": .string(value)])
                }))
    }
}

/// What is signed: names and values of certain fields, each on a line of its own (Amazon SNS Developer Guide,
/// "Verifying the signatures of Amazon SNS messages").
enum SignedText {
    static func notification(
        message: String, messageID: String, subject: String?, timestamp: String, topic: String
    ) -> String {
        var lines = ["Message", message, "MessageId", messageID]
        if let subject { lines += ["Subject", subject] }
        lines += ["Timestamp", timestamp, "TopicArn", topic, "Type", "Notification"]
        return lines.joined(separator: "\n") + "\n"
    }

    static func confirmation(
        type: String, message: String, messageID: String, subscribeURL: String, timestamp: String, token: String,
        topic: String
    ) -> String {
        let lines = [
            "Message", message, "MessageId", messageID, "SubscribeURL", subscribeURL, "Timestamp", timestamp, "Token",
            token, "TopicArn", topic, "Type", type,
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
