import AWSModels
import Core
import Wire

/// KMS's errors whose wording is the same everywhere.
enum KMSError {
    static func invalid(_ message: String?) -> AWSError { AWSError("ValidationException", message, status: 400) }

    static func state(_ message: String) -> AWSError { KMS.Errors.kmsInvalidStateException(message) }

    static func noKey(_ id: String, _ scope: Scope) -> AWSError {
        KMS.Errors.notFoundException("Key '\(scope.arn("kms", "key/\(id)"))' does not exist")
    }

    static func invalidID(_ text: String) -> AWSError {
        KMS.Errors.notFoundException("Invalid keyId '\(text)'")
    }

    static func noAlias(_ name: String, _ scope: Scope) -> AWSError {
        KMS.Errors.notFoundException("Alias \(KMSAlias.arn(name, scope)) is not found.")
    }

    static func origin(_ key: KMSKey) -> AWSError {
        KMS.Errors.unsupportedOperationException(
            "\(key.arn) origin is \(key.origin.rawValue) which is not valid for this operation.")
    }

    static var incorrectKey: AWSError {
        KMS.Errors.incorrectKeyException(
            "The key ID in the request does not identify a CMK that can perform this operation.")
    }

    static var dryRun: AWSError {
        KMS.Errors.dryRunOperationException(
            "The request would have succeeded, but the DryRun option is set.")
    }
}
