import AWSModels
import Core
import Objects
import Storage
import Wire

extension AWSError {
    /// The one mapping from the errors of the modules to S3's.
    init(objects error: any Error) {
        switch error {
        case let error as AWSError: self = error
        case let error as ObjectStoreError: self = Self.from(error)
        case let error as StorageError:
            self = AWSError("InternalError", "We encountered an internal error: \(error)", status: 500, isSender: false)
        case is CancellationError:
            self = AWSError("RequestTimeout", "The request was given up.", status: 400)
        default:
            self = AWSError("InternalError", "We encountered an internal error: \(error)", status: 500, isSender: false)
        }
    }

    private static func from(_ error: ObjectStoreError) -> AWSError {
        var result = AWSError(error.code, error.message, status: error.status, isSender: error.status < 500)
        for detail in error.details { result = result.with(detail.name, .string(detail.value)) }
        return result
    }

    // MARK: Errors that the service itself raises

    static var s3AccessDenied: AWSError { AWSError("AccessDenied", "Access Denied", status: 403) }

    static func malformedXML() -> AWSError {
        AWSError(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema",
            status: 400)
    }

    static func invalidArgument(_ message: String, _ name: String, _ value: String? = nil) -> AWSError {
        let error = AWSError("InvalidArgument", message, status: 400).with("ArgumentName", .string(name))
        return value.map { error.with("ArgumentValue", .string($0)) } ?? error
    }

    static func invalidRequest(_ message: String) -> AWSError { AWSError("InvalidRequest", message, status: 400) }

    /// A header that S3 knows and general purpose buckets do not serve.
    static func headerNotImplemented(_ header: String) -> AWSError {
        AWSError(
            "NotImplemented", "A header you provided implies functionality that is not implemented", status: 501
        ).with("Header", .string(header))
    }

    static func notConfigured(_ code: String, _ message: String, _ bucket: String) -> AWSError {
        AWSError(code, message, status: 404).with("BucketName", .string(bucket))
    }
}
