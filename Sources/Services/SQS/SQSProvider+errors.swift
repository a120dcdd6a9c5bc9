import AWSModels
import Core
import Messaging
import Storage
import Wire

extension SQSProvider {
    /// The one mapping of the modules' errors to AWS's.
    static func error(_ error: any Error, _ context: RequestContext) -> AWSError {
        switch error {
        case let error as AWSError: error
        case let error as MessagingError: detail(code(error, context), context)
        case let error as StorageError where error.kind == .busy:
            AWSError("RequestThrottled", error.description, status: 503)
        default: .internalFailure(String(describing: error))
        }
    }

    static func refusal(_ message: String, _ context: RequestContext) -> AWSError {
        error(MessagingError(.invalidParameterValue, message), context)
    }

    /// The query protocol's errors have an empty element for details; those of batches that delete or change
    /// visibility have none (as recorded).
    static func detail(_ error: AWSError, _ context: RequestContext) -> AWSError {
        guard context.protocolName == .query,
            !["DeleteMessageBatch", "ChangeMessageVisibilityBatch"].contains(context.operation)
        else { return error }
        return error.with("Detail", "")
    }

    private static func code(_ error: MessagingError, _ context: RequestContext) -> AWSError {
        let message = error.message
        switch error.kind {
        case .queueDoesNotExist:
            // The older protocol words it in its own way.
            let suffix = context.protocolName == .query ? " for this wsdl version." : "."
            return SQS.Errors.queueDoesNotExist("The specified queue does not exist" + suffix)
        case .queueNameExists: return SQS.Errors.queueNameExists(message)
        case .queueDeletedRecently: return SQS.Errors.queueDeletedRecently(message)
        case .purgeInProgress: return SQS.Errors.purgeQueueInProgress(message)
        case .receiptHandleIsInvalid: return SQS.Errors.receiptHandleIsInvalid(message)
        case .messageNotInflight: return SQS.Errors.messageNotInflight(message)
        case .overLimit, .limitExceeded: return SQS.Errors.overLimit(message)
        case .invalidMessageContents: return SQS.Errors.invalidMessageContents(message)
        case .invalidAttributeName: return SQS.Errors.invalidAttributeName(message)
        case .invalidAttributeValue: return SQS.Errors.invalidAttributeValue(message)
        case .missingParameter: return AWSError("MissingRequiredParameterException", message)
        case .invalidParameter, .invalidParameterValue: return AWSError("InvalidParameterValueException", message)
        case .unsupportedOperation: return SQS.Errors.unsupportedOperation(message)
        case .resourceNotFound, .topicDoesNotExist, .subscriptionDoesNotExist:
            return SQS.Errors.resourceNotFoundException(message)
        }
    }
}
