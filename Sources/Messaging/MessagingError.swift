/// What a topic or queue operation refuses, with the AWS error that says it.
public struct MessagingError: Error, Sendable {
    public enum Kind: Sendable {
        case queueDoesNotExist, queueNameExists, queueDeletedRecently, purgeInProgress
        case receiptHandleIsInvalid, messageNotInflight, overLimit, invalidMessageContents
        case topicDoesNotExist, subscriptionDoesNotExist, invalidParameterValue
        case invalidAttributeName, invalidAttributeValue, invalidParameter, missingParameter
        case unsupportedOperation, resourceNotFound, limitExceeded
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension MessagingError: CustomStringConvertible {
    public var description: String { message }
}
