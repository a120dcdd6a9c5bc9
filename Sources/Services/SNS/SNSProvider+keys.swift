import AWSModels
import Messaging
import Wire

extension SNSProvider {
    /// Nothing is published to a topic whose key of KMS cannot be used at present.
    func requireKey(of topic: Topic) async throws(AWSError) {
        guard let keys, let name = topic.attributes["KmsMasterKeyId"], !name.isEmpty else { return }
        do {
            _ = try await keys.usable(name, for: "sns", topic.scope)
        } catch {
            throw Self.refusal(of: error)
        }
    }

    private static func refusal(of error: AWSError) -> AWSError {
        switch error.code {
        case "NotFoundException", "InvalidArnException": SNS.Errors.kmsNotFoundException(error.message)
        case "DisabledException": SNS.Errors.kmsDisabledException(error.message)
        case "KMSInvalidStateException", "InvalidKeyUsageException": SNS.Errors.kmsInvalidStateException(error.message)
        default: error
        }
    }
}
