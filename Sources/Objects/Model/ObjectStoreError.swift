/// What an operation on buckets and objects is refused with: S3's error code and message.
public struct ObjectStoreError: Error, Hashable, Sendable {
    /// S3's error code, such as `NoSuchKey`.
    public let code: String
    public let message: String
    /// The HTTP status that S3 answers with.
    public let status: Int
    /// Further elements of S3's error document, such as `Key` or `ArgumentName`, in order.
    public let details: [Detail]

    public struct Detail: Hashable, Sendable {
        public let name: String
        public let value: String
    }

    public init(_ code: String, _ message: String, status: Int = 400, details: [(String, String)] = []) {
        self.code = code
        self.message = message
        self.status = status
        self.details = details.map { Detail(name: $0.0, value: $0.1) }
    }
}

extension ObjectStoreError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}

extension ObjectStoreError {
    static func noSuchBucket(_ name: String) -> Self {
        Self("NoSuchBucket", "The specified bucket does not exist", status: 404, details: [("BucketName", name)])
    }

    static func noSuchKey(_ key: ObjectKey) -> Self {
        Self("NoSuchKey", "The specified key does not exist.", status: 404, details: [("Key", key.text)])
    }

    static func noSuchVersion(_ key: ObjectKey, _ version: String) -> Self {
        Self(
            "NoSuchVersion", "The specified version does not exist.", status: 404,
            details: [("Key", key.text), ("VersionId", version)])
    }

    static func noSuchUpload(_ id: String) -> Self {
        Self(
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
                + "or completed.", status: 404, details: [("UploadId", id)])
    }

    static func keyTooLong(_ length: Int) -> Self {
        Self(
            "KeyTooLongError", "Your key is too long",
            details: [("Size", String(length)), ("MaxSizeAllowed", String(ObjectKey.maximumLength))])
    }

    static func invalidArgument(_ message: String, _ name: String, _ value: String) -> Self {
        Self("InvalidArgument", message, details: [("ArgumentName", name), ("ArgumentValue", value)])
    }

    static func preconditionFailed(_ condition: String) -> Self {
        Self(
            "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", status: 412,
            details: [("Condition", condition)])
    }

    static let notModified = Self("NotModified", "Not Modified", status: 304)

    static func methodNotAllowed(_ key: ObjectKey) -> Self {
        Self(
            "MethodNotAllowed", "The specified method is not allowed against this resource.", status: 405,
            details: [("Method", "GET"), ("ResourceType", "DeleteMarker")])
    }

    /// A program outside is writing the file at the moment: what is there is not an object yet.
    static func beingWritten(_ key: ObjectKey) -> Self {
        Self(
            "SlowDown", "The file of '\(key.text)' is being written by another program. Please try again.",
            status: 503)
    }

    static func unavailable(_ bucket: String, _ reason: String) -> Self {
        Self("ServiceUnavailable", "The directory of the bucket '\(bucket)' \(reason)", status: 503)
    }
}
