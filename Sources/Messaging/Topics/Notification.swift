import Core

/// One publication in the forms in which the protocols receive it.
struct Notification {
    var topic: Topic
    var message: TopicMessage
    var messageID: String
    var sequenceNumber: String?
    var time: Timestamp
    /// Base64; absent in FIFO topics.
    var signature: String?
    var certificateURL: String
    /// Scheme, host and port of the host's own address.
    var endpoint: String

    private var timestamp: String { time.description }

    private func unsubscribeURL(_ subscription: Subscription) -> String {
        "\(endpoint)/?Action=Unsubscribe&SubscriptionArn=\(subscription.arn)"
    }

    /// The envelope of queues and HTTP receivers.
    func envelope(for subscription: Subscription) -> JSON {
        var object: JSONObject = ["Type": "Notification", "MessageId": .string(messageID)]
        if let sequenceNumber { object["SequenceNumber"] = .string(sequenceNumber) }
        object["TopicArn"] = .string(topic.arn.description)
        if let subject = message.subject { object["Subject"] = .string(subject) }
        object["Message"] = .string(message.text(for: subscription.proto))
        object["Timestamp"] = .string(timestamp)
        if let signature {
            object["SignatureVersion"] = .string(topic.signatureVersion)
            object["Signature"] = .string(signature)
            object["SigningCertURL"] = .string(certificateURL)
        }
        object["UnsubscribeURL"] = .string(unsubscribeURL(subscription))
        if !message.attributes.isEmpty { object["MessageAttributes"] = attributes }
        return .object(object)
    }

    /// The event of a function.
    func functionEvent(for subscription: Subscription) -> JSON {
        var notification: JSONObject = [
            "Type": "Notification", "MessageId": .string(messageID), "TopicArn": .string(topic.arn.description),
            "Subject": message.subject.map(JSON.string) ?? .null,
            "Message": .string(message.text(for: subscription.proto)), "Timestamp": .string(timestamp),
            "SignatureVersion": .string(topic.signatureVersion), "Signature": .string(signature ?? ""),
            "SigningCertUrl": .string(certificateURL), "UnsubscribeUrl": .string(unsubscribeURL(subscription)),
            "MessageAttributes": attributes,
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

    /// What is signed: names and values of these fields, each on a line of its own (Amazon SNS Developer Guide,
    /// "Verifying the signatures of Amazon SNS messages").
    static func textToSign(
        message: String, messageID: String, subject: String?, time: Timestamp, topic: String
    ) -> String {
        var lines = ["Message", message, "MessageId", messageID]
        if let subject { lines += ["Subject", subject] }
        lines += ["Timestamp", time.description, "TopicArn", topic, "Type", "Notification"]
        return lines.joined(separator: "\n") + "\n"
    }
}
