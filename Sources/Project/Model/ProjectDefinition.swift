import Core

/// Everything that a project directory asks for. A value: reading it touches nothing.
public struct ProjectDefinition: Sendable, Equatable {
    public var functions: [FunctionResource] = []
    public var workflows: [WorkflowResource] = []
    public var triggers: [TriggerResource] = []

    public init() {}
}

/// A function: `functions/<name>/function.yaml` beside its code. The properties are those of `AWS::Serverless::Function`.
public struct FunctionResource: Sendable, Equatable {
    public var name: String
    /// The manifest, relative to the project directory.
    public var file: String
    /// The directory of the code, absolute.
    public var codeDirectory: String
    public var description = ""
    public var runtime: String
    public var handler: String
    /// MB
    public var memorySize = 128
    /// Seconds
    public var timeout = 3
    public var environment: [String: String] = [:]
    /// MB
    public var ephemeralStorage = 512
    public var reservedConcurrency: Int?
    public var provisionedConcurrency = 0
    public var maximumRetryAttempts = 2
    /// Seconds
    public var maximumEventAge = 21_600
    public var onSuccess: EventDestination?
    public var onFailure: EventDestination?
    public var deadLetter: EventDestination?
    public var tags: [String: String] = [:]
    /// `makefile`: `make build-<name>` fills the directory that `ARTIFACTS_DIR` names, as SAM does.
    public var buildMethod: String?
    /// Where the properties' values stand, by name, for messages.
    public var marks: [String: SourceMark] = [:]
}

/// Where the outcome of an asynchronous invocation goes, with SAM's names for the types.
public struct EventDestination: Sendable, Equatable {
    public enum Kind: String, CaseIterable, Sendable {
        case queue = "SQS"
        case topic = "SNS"
        case function = "Lambda"
        case bus = "EventBridge"
    }

    public var kind: Kind
    /// A name, or an ARN.
    public var name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }
}

/// A workflow: `workflows/<name>.asl.json` or `.asl.yaml`, with an optional `<name>.workflow.yaml` beside it whose
/// properties are those of `AWS::Serverless::StateMachine`.
public struct WorkflowResource: Sendable, Equatable {
    public var name: String
    public var file: String
    /// The definition as JSON text, with `${…}` placeholders replaced.
    public var definition: String
    public var isExpress = false
    public var tags: [String: String] = [:]
    /// `ALL`, `ERROR`, `FATAL` or `OFF`
    public var logLevel = "OFF"
    public var logsExecutionData = false
}

/// A trigger: an entry of `Events` in a manifest, or a file of its own in `triggers/`.
public struct TriggerResource: Sendable, Equatable {
    public var name: String
    public var file: String
    public var mark: SourceMark
    /// Where the target is named; the trigger's own place for one whose target is the resource that it belongs to.
    public var targetMark: SourceMark
    public var source: TriggerSource
    public var target: TriggerTarget
    /// Where the values of `Properties` stand, by name, for messages.
    public var marks: [String: SourceMark] = [:]
}

public enum TriggerTarget: Hashable, Sendable {
    case function(String)
    case workflow(String)
    case queue(String)
    case topic(String)
    case endpoint(url: String)

    /// Whether somebody who calls it gets an answer of its own.
    var answers: Bool {
        switch self {
        case .function, .workflow: true
        case .queue, .topic, .endpoint: false
        }
    }
}

public enum TriggerSource: Sendable, Equatable {
    case bucket(BucketTrigger)
    case schedule(ScheduleTrigger)
    case http(HTTPTrigger)
    case topic(TopicTrigger)
    case queue(QueueTrigger)
    case rule(RuleTrigger)
}

/// `Type: S3`
public struct BucketTrigger: Sendable, Equatable {
    public var bucket: String
    public var events: [String] = ["s3:ObjectCreated:*"]
    public var prefix = ""
    public var suffix = ""
}

/// `Type: Schedule` and `Type: ScheduleV2`
public struct ScheduleTrigger: Sendable, Equatable {
    public var expression: String
    public var isRule: Bool
    public var timeZone = "UTC"
    /// Minutes; nil for no window.
    public var flexibleWindow: Int?
    public var start: Timestamp?
    public var end: Timestamp?
    public var input: String?
    public var isEnabled = true
    public var retry = TriggerRetry()
}

public struct TriggerRetry: Sendable, Equatable {
    public var maximumRetryAttempts = 185
    /// Seconds
    public var maximumEventAge = 86_400
    public var deadLetter: String?
}

/// `Type: HttpApi`, with the properties that a webhook needs beside SAM's.
public struct HTTPTrigger: Sendable, Equatable {
    public var path: String
    /// Upper case, or `ANY`.
    public var method: String
    /// Milliseconds
    public var timeout = 30_000
    public var isQueued = false
    /// Bytes
    public var bodyLimit = 6_291_456
    public var concurrencyLimit = 100
    public var signature: WebhookSignature?
}

/// How a sender signs its webhooks.
public struct WebhookSignature: Sendable, Equatable {
    /// `github`, `stripe`, `slack`, `shopify`, `standard-webhooks` or `hmac-sha256`
    public var scheme: String
    public var secret: String
    /// For `hmac-sha256`: the header that carries the signature in hexadecimal or Base64.
    public var header: String?

    public init(scheme: String, secret: String, header: String? = nil) {
        self.scheme = scheme
        self.secret = secret
        self.header = header
    }
}

/// `Type: SNS`
public struct TopicTrigger: Sendable, Equatable {
    public var topic: String
    public var filterPolicy: String?
    public var filterPolicyScope = "MessageAttributes"
    public var isRaw = false
    public var deadLetter: String?
}

/// `Type: SQS`
public struct QueueTrigger: Sendable, Equatable {
    public var queue: String
    public var batchSize = 10
    /// Seconds
    public var batchingWindow = 0
    public var filterPatterns: [String] = []
    public var reportsBatchItemFailures = false
    public var maximumConcurrency: Int?
    public var isEnabled = true
}

/// `Type: EventBridgeRule`
public struct RuleTrigger: Sendable, Equatable {
    public var pattern: String
    public var bus = "default"
    public var input: String?
    public var inputPath: String?
    public var inputTransformer: JSON?
    public var isEnabled = true
    public var retry = TriggerRetry()
}
