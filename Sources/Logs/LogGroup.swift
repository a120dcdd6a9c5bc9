import Core

/// A named set of log streams with common settings.
public struct LogGroup: Sendable {
    public var id: Int64
    public var scope: Scope
    public var name: String
    public var createdAt: Timestamp
    /// Days after which events are removed; nil for never.
    public var retentionDays: Int?
    public var tags: [String: String]
    /// What is kept and answered but has no effect here, such as the key's ARN and the class.
    public var settings: JSONObject
    /// Bytes of all its lines, as they are billed.
    public internal(set) var storedBytes: Int64 = 0

    public var arn: ARN { scope.arn("logs", "log-group:\(name)") }
}

/// The events of one source, in the order of their times.
public struct LogStream: Sendable {
    public var id: Int64
    public var group: Int64
    public var name: String
    public var createdAt: Timestamp
    public var firstEvent: Timestamp?
    public var lastEvent: Timestamp?
    public var lastIngestion: Timestamp?
}

/// A line to be logged.
public struct LogRecord: Hashable, Sendable {
    public var time: Timestamp
    public var message: String

    public init(time: Timestamp, message: String) {
        self.time = time
        self.message = message
    }
}

/// A line that was logged.
public struct LogEvent: Sendable {
    /// Unique, and rising with the order of writing.
    public var id: Int64
    public var stream: String
    public var time: Timestamp
    public var ingestedAt: Timestamp
    public var message: String
}

/// What a log operation refuses.
public struct LogError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        case groupDoesNotExist, streamDoesNotExist, definitionDoesNotExist, alreadyExists, invalidParameter,
            invalidOperation, limitExceeded
    }

    public var kind: Kind
    public var description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
