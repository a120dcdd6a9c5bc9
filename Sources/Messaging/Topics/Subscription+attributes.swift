import Core
import EventPatterns

extension Subscription {
    private static let settable: Set<String> = [
        "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy",
        "ReplayPolicy", "SubscriptionRoleArn",
    ]

    /// Checks one setting with the service's own words, those of `SetSubscriptionAttributes`; `Subscribe` puts
    /// `Attributes Reason: ` before most of them, which `isNew` does here.
    ///
    /// - Throws: `invalidParameter`.
    public static func validate(
        _ name: String, _ value: String, topic: String, endpoint: String, isNew: Bool
    ) throws(MessagingError) {
        let prefix = isNew ? "Invalid parameter: Attributes Reason: " : "Invalid parameter: "
        func refusal(_ text: String) -> MessagingError { MessagingError(.invalidParameter, prefix + text) }
        guard settable.contains(name) else {
            throw MessagingError(.invalidParameter, "Invalid parameter: AttributeName")
        }
        switch name {
        case "RawMessageDelivery":
            guard ["true", "false"].contains(value.lowercased()) else {
                throw refusal("RawMessageDelivery: Invalid value [\(value)]. Must be true or false.")
            }
        case "FilterPolicyScope":
            guard ["MessageBody", "MessageAttributes"].contains(value) else {
                throw refusal(
                    "FilterPolicyScope: Invalid value [\(value)]. Please use either MessageBody or MessageAttributes")
            }
        case "RedrivePolicy" where !value.isEmpty:
            let policy: JSON
            do {
                policy = try JSON(parsing: value)
            } catch {
                throw refusal("RedrivePolicy: failed to parse JSON. \(JavaJSON.complaint(about: value))")
            }
            guard let target = policy["deadLetterTargetArn"]?.stringValue, ARN(target) != nil else {
                throw refusal("RedrivePolicy: deadLetterTargetArn is an invalid arn")
            }
            if topic.hasSuffix(".fifo"), endpoint.hasSuffix(".fifo"), !target.hasSuffix(".fifo") {
                throw MessagingError(
                    .invalidParameter,
                    "Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO "
                        + "Topic.")
            }
        case "DeliveryPolicy" where !value.isEmpty:
            guard (try? JSON(parsing: value))?.objectValue != nil else {
                throw refusal("DeliveryPolicy: failed to parse JSON. \(JavaJSON.complaint(about: value))")
            }
        default: break
        }
    }

    /// Checks the filter policy among settings.
    ///
    /// - Throws: `invalidParameter`.
    public static func validateFilter(
        _ attributes: [String: String], isNew: Bool
    ) throws(MessagingError) {
        guard let text = attributes["FilterPolicy"], !text.isEmpty else { return }
        let prefix = isNew ? "Invalid parameter: Attributes Reason: " : "Invalid parameter: "
        guard (try? JSON(parsing: text)) != nil else {
            throw MessagingError(
                .invalidParameter, "\(prefix)FilterPolicy: failed to parse JSON. \(JavaJSON.complaint(about: text))")
        }
        do throws(EventPatternError) {
            try TopicService.validateFilter(attributes)
        } catch {
            let message = error.description
            // Only what is said of the policy itself stands behind the name of the parameter.
            let start = message.hasPrefix("FilterPolicy: ") ? prefix : "Invalid parameter: "
            throw MessagingError(.invalidParameter, start + message)
        }
    }
}

/// What the service's own JSON reader says of text that is no JSON: its first complaint, with the place.
enum JavaJSON {
    private static let source =
        "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: "

    static func complaint(about text: String) -> String {
        let bytes = Array(text.utf8)
        guard let start = bytes.firstIndex(where: { !isSpace($0) }) else {
            return "No content to map due to end-of-input\(source)0]"
        }
        if bytes[start] == UInt8(ascii: "{") {
            let rest = bytes[(start + 1)...].firstIndex { !isSpace($0) }
            if let rest, bytes[rest] != UInt8(ascii: "\""), bytes[rest] != UInt8(ascii: "}") {
                let byte = bytes[rest]
                return "Unexpected character ('\(UnicodeScalar(byte))' (code \(byte))): was expecting double-quote to "
                    + "start field name\(source)\(rest + 1)]"
            }
        } else if isLetter(bytes[start]) {
            let token = bytes[start...].prefix { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
            return "Unrecognized token '\(String(decoding: token, as: UTF8.self))': was expecting (JSON String, "
                + "Number, Array, Object or token 'null', 'true' or 'false')\(source)\(start + token.count + 1)]"
        }
        return "Unexpected end-of-input\(source)\(bytes.count + 1)]"
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
}
