import Core
import Functions
import Objects
import Storage
import Wire

/// The errors of Lambda, and what the modules' own errors mean in it.
enum LambdaError {
    static func notFound(_ message: String) -> AWSError {
        AWSError("ResourceNotFoundException", message).with("Type", "User")
    }

    static func invalidContent(_ message: String) -> AWSError {
        AWSError("InvalidRequestContentException", message).with("Type", "User")
    }

    static func functionNotFound(_ arn: ARN) -> AWSError { notFound("Function not found: \(arn)") }

    static func invalidParameter(_ message: String) -> AWSError {
        AWSError("InvalidParameterValueException", message).with("Type", "User")
    }

    static func conflict(_ message: String) -> AWSError {
        AWSError("ResourceConflictException", message).with("Type", "User")
    }

    static func revisionMismatch(_ operation: String = "GetFunction/GetAlias") -> AWSError {
        AWSError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. "
                + "Call the \(operation) API to retrieve the latest Revision Id"
        ).with("Type", "User")
    }

    static func validation(_ message: String) -> AWSError { AWSError("ValidationException", message, status: 400) }

    static func tooLarge(_ message: String) -> AWSError {
        AWSError("RequestEntityTooLargeException", message, status: 413)
    }

    /// What an error thrown inside a transaction or by a module is to the caller.
    static func wrap(_ error: any Error) -> AWSError {
        switch error {
        case let error as AWSError: error
        case let error as RegistryError: AWSError(error.code.rawValue, error.message).with("Type", "User")
        case let error as FunctionError where error.code == .unreadablePackage:
            invalidParameter(
                "Could not unzip uploaded file. Please check your file, then try to upload again.")
        case let error as FunctionError: invalidParameter(error.message)
        default: AWSError("ServiceException", "\(error)", status: 500, isSender: false)
        }
    }
}
