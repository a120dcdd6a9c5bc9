import AWSModels
import Messaging
import Wire

extension SQSProvider {
    /// Nothing goes through a queue whose key of KMS cannot be used at present.
    func requireKey(of queue: Queue, _ context: RequestContext) async throws(AWSError) {
        guard let keys, let name = queue.attributes.values["KmsMasterKeyId"], !name.isEmpty else { return }
        do {
            _ = try await keys.usable(name, for: "sqs", queue.scope)
        } catch {
            throw Self.detail(Self.refusal(of: error), context)
        }
    }

    private static func refusal(of error: AWSError) -> AWSError {
        switch error.code {
        case "NotFoundException", "InvalidArnException": SQS.Errors.kmsNotFound(error.message)
        case "DisabledException": SQS.Errors.kmsDisabled(error.message)
        case "KMSInvalidStateException": SQS.Errors.kmsInvalidState(error.message)
        case "InvalidKeyUsageException": SQS.Errors.kmsInvalidKeyUsage(error.message)
        default: error
        }
    }
}
