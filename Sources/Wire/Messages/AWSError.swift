public import Core

/// An error as AWS reports it: a code, a message for people, and who is to blame.
///
/// The protocols know how to write it; status and blame come from the service's model when the code is in it.
public struct AWSError: Error, Sendable {
    private final class Storage: Sendable {
        let code: String
        let message: String?
        let status: Int?
        let isSender: Bool
        let details: [(name: String, value: JSON)]
        let headers: [(name: String, value: String)]

        init(
            _ code: String, _ message: String?, _ status: Int?, _ isSender: Bool,
            _ details: [(name: String, value: JSON)],
            _ headers: [(name: String, value: String)]
        ) {
            self.code = code
            self.message = message
            self.status = status
            self.isSender = isSender
            self.details = details
            self.headers = headers
        }
    }

    // One word, because every asynchronous call of the wire can throw it.
    private let storage: Storage

    /// - Parameters:
    ///   - code: such as `ResourceNotFoundException`; the model's shape name or its code.
    ///   - status: the HTTP status, where the model has none for this code.
    public init(_ code: String, _ message: String?, status: Int? = nil, isSender: Bool = true) {
        storage = Storage(code, message, status, isSender, [], [])
    }

    private init(_ storage: Storage) { self.storage = storage }

    public var code: String { storage.code }
    public var message: String? { storage.message }
    public var status: Int? { storage.status }
    public var isSender: Bool { storage.isSender }
    /// Further members of the error's shape, by their names in the model.
    public var details: [(name: String, value: JSON)] { storage.details }
    /// Header fields that go with the answer.
    public var headers: [(name: String, value: String)] { storage.headers }

    /// The same error with one more member of its shape.
    public func with(_ name: String, _ value: JSON) -> AWSError {
        AWSError(
            Storage(code, message, status, isSender, details + [(name, value)], headers))
    }

    /// The same error with one more header field on the answer.
    public func withHeader(_ name: String, _ value: String) -> AWSError {
        AWSError(
            Storage(code, message, status, isSender, details, headers + [(name, value)]))
    }
}

extension AWSError: CustomStringConvertible {
    public var description: String { message.map { "\(code): \($0)" } ?? code }
}

extension AWSError {
    /// The operation exists on AWS and not here.
    public static func notImplemented(_ operation: String, of service: String) -> AWSError {
        AWSError(
            "NotImplemented", "The operation \(operation) of \(service) is not implemented.", status: 501,
            isSender: false)
    }

    public static func unknownOperation(_ name: String) -> AWSError {
        AWSError("UnknownOperationException", "Unknown operation: \(name)", status: 400)
    }

    /// The request could not be read.
    public static func serialization(_ message: String) -> AWSError {
        AWSError("SerializationException", message, status: 400)
    }

    public static func bodyTooLarge(limit: Int) -> AWSError {
        AWSError("RequestEntityTooLargeException", "The request body is larger than \(limit) bytes.", status: 413)
    }

    public static func incompleteBody() -> AWSError {
        AWSError("IncompleteBody", "The request body terminated unexpectedly", status: 400)
    }

    public static func requestTimeout() -> AWSError {
        AWSError(
            "RequestTimeout",
            "Your socket connection to the server was not read from or written to within the timeout period. "
                + "Idle connections will be closed.", status: 400)
    }

    /// A defect or a failure of the machine; the message goes to the caller.
    public static func internalFailure(_ message: String) -> AWSError {
        AWSError("InternalFailure", message, status: 500, isSender: false)
    }
}
