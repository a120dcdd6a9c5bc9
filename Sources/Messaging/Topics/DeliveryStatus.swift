import Core
import Events

/// The log of what became of a topic's messages, for the protocols whose feedback attributes the topic has.
///
/// What its lines need travels with the delivery in the member `status` of the context, so that a line can be written
/// when the delivery ends, whatever has become of the topic by then. A line is a delivery to the topic's log group:
/// `sns/REGION/ACCOUNT/TOPIC`, or `sns/REGION/ACCOUNT/TOPIC/Failure`.
struct DeliveryStatus {
    private let subject: JSON
    private let context: JSONObject

    /// What is remembered of a delivery; nil when nobody asks for its status.
    ///
    /// - Parameter sample: a number below 100 that decides whether a success belongs to the sample that is logged.
    static func subject(
        of notification: Notification, for subscription: Subscription, id: String, sample: Int
    ) -> JSON? {
        guard let prefix = attributePrefix(subscription.proto) else { return nil }
        let attributes = notification.topic.attributes
        func isSet(_ name: String) -> Bool { attributes["\(prefix)\(name)"]?.isEmpty == false }
        let rate = attributes["\(prefix)SuccessFeedbackSampleRate"].flatMap { Int($0) } ?? 100
        let logsSuccess = isSet("SuccessFeedbackRoleArn") && sample < rate
        let logsFailure = isSet("FailureFeedbackRoleArn")
        guard logsSuccess || logsFailure else { return nil }
        return [
            "success": .bool(logsSuccess), "failure": .bool(logsFailure), "protocol": .string(prefix),
            "deliveryId": .string(id), "destination": .string(subscription.endpoint),
            "topicArn": .string(notification.topic.arn.description),
            "published": .int(notification.time.milliseconds),
            "md5": .string(
                hexadecimal(Digest.md5(Array(notification.message.text(for: subscription.proto).utf8)))),
        ]
    }

    private static func attributePrefix(_ proto: SubscriptionProtocol) -> String? {
        switch proto {
        case .function: "Lambda"
        case .queue: "SQS"
        case .http, .https: "HTTP"
        default: nil
        }
    }

    /// Nil for deliveries whose status nobody asks for.
    init?(_ context: JSONObject) {
        guard let subject = context["status"] else { return nil }
        self.subject = subject
        self.context = context
    }

    /// The line for a message that its receiver has taken; nil when it is not to be logged.
    ///
    /// - Parameter answer: what a server on the web answered.
    func success(_ answer: DeliveryOutcome? = nil, attempts: Int = 1, now: Timestamp) -> NewDelivery? {
        guard subject["success"] == true else { return nil }
        switch subject["protocol"]?.stringValue {
        case "Lambda": return line(true, 202, #"{"lambdaRequestId":"\#(requestID)"}"#, now: now)
        case "SQS": return line(true, 200, #"{"sqsRequestId":"\#(requestID)"}"#, now: now)
        default:
            let status = answer?.responseContext["statusCode"]?.intValue ?? 200
            return line(true, status, Self.text(of: answer), attempts: attempts, now: now)
        }
    }

    /// The line for a message that was given up; nil when it is not to be logged.
    func failure(_ outcome: DeliveryOutcome, attempts: Int, now: Timestamp) -> NewDelivery? {
        guard subject["failure"] == true else { return nil }
        let isWeb = subject["protocol"] == "HTTP"
        guard !isWeb else {
            let status = outcome.responseContext["statusCode"]?.intValue ?? 0
            return line(false, status, Self.text(of: outcome), attempts: attempts, now: now)
        }
        let name = subject["protocol"] == "SQS" ? "sqsRequestId" : "lambdaRequestId"
        let response: JSON = [
            "ErrorCode": .string(outcome.error?.code ?? ""), "ErrorMessage": .string(outcome.error?.message ?? ""),
            name: "Unrecoverable",
        ]
        return line(false, outcome.error?.code == "ResourceNotFoundException" ? 404 : 400, response.text(), now: now)
    }

    private var requestID: String { context["requestId"]?.stringValue ?? "" }

    /// At most a kilobyte of what a server answered, or why there was no answer.
    private static func text(of outcome: DeliveryOutcome?) -> String {
        let answered = outcome?.response.map { String(decoding: $0.prefix(1024), as: UTF8.self) }
        return answered ?? outcome?.error?.message ?? ""
    }

    private func line(
        _ succeeded: Bool, _ status: Int64, _ response: String, attempts: Int? = nil, now: Timestamp
    ) -> NewDelivery? {
        guard let topic = subject["topicArn"]?.stringValue.flatMap({ ARN($0) }) else { return nil }
        let published = Timestamp(milliseconds: subject["published"]?.intValue ?? 0)
        var delivery: JSONObject = [
            "deliveryId": subject["deliveryId"] ?? "", "destination": subject["destination"] ?? "",
            "providerResponse": .string(response), "dwellTimeMs": .int(now.milliseconds(since: published)),
        ]
        delivery["attempts"] = attempts.map { JSON($0) }
        delivery["statusCode"] = .int(status)
        let line: JSON = [
            "notification": [
                "messageMD5Sum": subject["md5"] ?? "", "messageId": context["messageId"] ?? "",
                "topicArn": .string(topic.description), "timestamp": .string(CivilTime(published).spaced),
            ],
            "delivery": .object(delivery), "status": succeeded ? "SUCCESS" : "FAILURE",
        ]
        let group = "sns/\(topic.region)/\(topic.account)/\(topic.resource)" + (succeeded ? "" : "/Failure")
        let scope = Scope(account: topic.account, region: topic.region)
        return NewDelivery(
            target: scope.arn("logs", "log-group:\(group)").description, kind: .destination, payload: line.bytes(),
            context: ["createsGroup": true, "logStream": .string(Self.stream(of: topic, at: now))])
    }

    /// A stream for every day.
    private static func stream(of topic: ARN, at now: Timestamp) -> String {
        let day = CivilTime(now).iso8601().prefix(10)
        let digest = Digest.sha256(Array("\(topic)/\(day)".utf8))
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return UUIDText.make(high: number(digest[..<8]), low: number(digest[8..<16]))
    }
}

extension CivilTime {
    /// `2026-11-22 20:15:00.123`.
    fileprivate var spaced: String {
        String(iso8601(milliseconds: true).dropLast().map { $0 == "T" ? " " : $0 })
    }
}
