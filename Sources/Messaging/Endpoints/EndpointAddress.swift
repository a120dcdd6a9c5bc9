import Core

/// Endpoints on the web as delivery targets: an ARN that holds the address.
public enum EndpointAddress {
    private static let prefix = "arn:aws:http:::"

    /// The service in the ARN, by which the target is registered.
    public static let service = "http"

    public static func target(_ url: String) -> String { prefix + url }

    public static func url(of target: String) -> String? {
        target.hasPrefix(prefix) ? String(target.dropFirst(prefix.count)) : nil
    }
}

enum EndpointHeaders {
    /// The header fields that topics send (Developer Guide, "HTTP/HTTPS headers").
    static func notification(type: String, messageID: String, topic: String, contentType: String) -> JSONObject {
        [
            "x-amz-sns-message-type": .string(type), "x-amz-sns-message-id": .string(messageID),
            "x-amz-sns-topic-arn": .string(topic), "Content-Type": .string(contentType),
            "User-Agent": "Amazon Simple Notification Service Agent", "Accept-Encoding": "gzip,deflate",
            "Connection": "Keep-Alive",
        ]
    }
}
