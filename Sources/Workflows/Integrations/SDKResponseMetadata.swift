public import Core

/// What Step Functions adds to the answers of optimized integrations: the metadata of the HTTP exchange that it had with
/// the service.
public struct SDKResponseMetadata: Sendable {
    public var requestID: String
    public var contentType: String
    public var contentLength: Int
    public var date: Timestamp

    /// - Parameter contentType: `application/x-amz-json-1.0`, or `text/xml` of the query services.
    public init(requestID: String, contentType: String, contentLength: Int, date: Timestamp) {
        self.requestID = requestID
        self.contentType = contentType
        self.contentLength = contentLength
        self.date = date
    }

    /// The service's answer with the metadata beside its own members.
    public func adding(to answer: JSONObject) -> JSON {
        let headers: [(String, String)] = [
            ("x-amzn-RequestId", requestID), ("connection", "keep-alive"), ("Content-Length", String(contentLength)),
            ("Date", CivilTime(date).httpDate), ("Content-Type", contentType),
        ]
        return .object(Self.adding(headers, requestID: requestID, to: answer))
    }

    /// The service's answer with the given header fields as its metadata.
    public static func adding(
        _ headers: [(String, String)], requestID: String, to answer: JSONObject
    ) -> JSONObject {
        var complete = answer
        complete["SdkHttpMetadata"] = [
            "AllHttpHeaders": .object(JSONObject(headers.map { ($0.0, JSON.array([.string($0.1)])) })),
            "HttpHeaders": .object(JSONObject(headers.map { ($0.0, JSON.string($0.1)) })), "HttpStatusCode": 200,
        ]
        complete["SdkResponseMetadata"] = ["RequestId": .string(requestID)]
        return complete
    }
}
