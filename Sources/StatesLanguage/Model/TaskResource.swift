import Core

/// The `Resource` of a Task state, taken apart.
public struct TaskResource: Sendable, Hashable {
    /// As the definition has it.
    public let text: String
    public let kind: Kind

    public enum Kind: Sendable, Hashable {
        /// A function called directly: its payload is the state's input, its answer the result.
        case lambda(ARN)
        case activity(ARN)
        /// `arn:aws:states:::lambda:invoke` and its like.
        case optimized(ServiceIntegration)
        /// `arn:aws:states:::aws-sdk:sqs:sendMessage` and its like.
        case sdk(ServiceIntegration)
    }

    /// The integration, when the resource is a service's.
    public var integration: ServiceIntegration? {
        switch kind {
        case .optimized(let integration), .sdk(let integration): integration
        case .lambda, .activity: nil
        }
    }
}

/// A service's action and how its end is awaited.
public struct ServiceIntegration: Sendable, Hashable {
    public enum Pattern: String, Sendable, Hashable {
        /// Goes on with the service's answer.
        case requestResponse = ""
        /// Waits for the job to end.
        case sync = ".sync"
        /// Waits for the job to end, and gives its output parsed.
        case sync2 = ".sync:2"
        /// Waits until the token comes back.
        case waitForTaskToken = ".waitForTaskToken"
    }

    /// Such as `lambda`, `dynamodb`, `sfn`.
    public let service: String
    /// In camel case, such as `invoke`.
    public let action: String
    public let pattern: Pattern
    public let isSDK: Bool

    /// `resourceType` of history events: `lambda`, or `aws-sdk:s3`.
    public var resourceType: String { isSDK ? "aws-sdk:" + service : service }

    /// `resource` of history events: `startExecution.sync`.
    public var resource: String { action + pattern.rawValue }
}
