public import Core

/// A function: what all its versions have in common.
public struct FunctionRecord: Hashable, Sendable {
    public var scope: Scope
    public var name: String
    public var createdAt: Timestamp
    /// Nil draws on the account's limit.
    public var reservedConcurrency: Int?
    public var tags: [String: String]
    /// The number of the newest published version, deleted ones included; 0 before the first.
    public var publishedVersions: Int

    public init(
        scope: Scope, name: String, createdAt: Timestamp, reservedConcurrency: Int? = nil, tags: [String: String] = [:],
        publishedVersions: Int = 0
    ) {
        self.scope = scope
        self.name = name
        self.createdAt = createdAt
        self.reservedConcurrency = reservedConcurrency
        self.tags = tags
        self.publishedVersions = publishedVersions
    }
}

/// A name for a version, or for two that share the invocations.
public struct AliasRecord: Hashable, Sendable {
    public var scope: Scope
    public var functionName: String
    public var name: String
    public var version: String
    public var summary: String
    /// Further versions and the share of invocations that each takes, 0 to 1; Lambda allows one.
    public var additionalVersionWeights: [String: Double]
    public var revisionID: String

    public init(
        scope: Scope, functionName: String, name: String, version: String, summary: String = "",
        additionalVersionWeights: [String: Double] = [:], revisionID: String
    ) {
        self.scope = scope
        self.functionName = functionName
        self.name = name
        self.version = version
        self.summary = summary
        self.additionalVersionWeights = additionalVersionWeights
        self.revisionID = revisionID
    }

    public var arn: ARN { scope.arn("lambda", "function:\(functionName):\(name)") }

    /// The version that takes an invocation, for a number from 0 up to 1.
    public func version(at point: Double) -> String {
        var passed = 0.0
        for (version, weight) in additionalVersionWeights.sorted(by: { $0.key < $1.key }) {
            passed += weight
            if point < passed { return version }
        }
        return version
    }
}

/// A published layer.
public struct LayerVersionRecord: Hashable, Sendable {
    public var scope: Scope
    public var name: String
    public var version: Int
    public var summary: String
    public var licenseInfo: String
    public var compatibleRuntimes: [String]
    public var compatibleArchitectures: [String]
    public var code: FunctionCode
    public var createdAt: Timestamp

    public init(
        scope: Scope, name: String, version: Int, summary: String = "", licenseInfo: String = "",
        compatibleRuntimes: [String] = [], compatibleArchitectures: [String] = [], code: FunctionCode,
        createdAt: Timestamp
    ) {
        self.scope = scope
        self.name = name
        self.version = version
        self.summary = summary
        self.licenseInfo = licenseInfo
        self.compatibleRuntimes = compatibleRuntimes
        self.compatibleArchitectures = compatibleArchitectures
        self.code = code
        self.createdAt = createdAt
    }

    public var layerARN: ARN { scope.arn("lambda", "layer:\(name)") }

    public var arn: ARN { scope.arn("lambda", "layer:\(name):\(version)") }
}

/// How asynchronous invocations of a function, version or alias are retried and where their ends are reported.
public struct EventInvokeConfiguration: Hashable, Sendable {
    /// 0 to 2; Lambda's default is 2.
    public var maximumRetryAttempts: Int?
    /// 60 to 21,600; Lambda's default is 21,600.
    public var maximumEventAgeSeconds: Int?
    /// ARN of a queue, topic, bus, bucket or function.
    public var onSuccess: String?
    public var onFailure: String?
    public var modifiedAt: Timestamp

    public init(
        maximumRetryAttempts: Int? = nil, maximumEventAgeSeconds: Int? = nil, onSuccess: String? = nil,
        onFailure: String? = nil, modifiedAt: Timestamp
    ) {
        self.maximumRetryAttempts = maximumRetryAttempts
        self.maximumEventAgeSeconds = maximumEventAgeSeconds
        self.onSuccess = onSuccess
        self.onFailure = onFailure
        self.modifiedAt = modifiedAt
    }
}

/// What else is configured for a function or one of its qualifiers, each a document of its own.
public enum FunctionSetting: String, Hashable, Sendable, CaseIterable {
    /// Kept as ``EventInvokeConfiguration``.
    case eventInvoke = "event-invoke"
    case url
    /// The resource policy: its statements.
    case policy
    case provisionedConcurrency = "provisioned-concurrency"
    case runtimeManagement = "runtime-management"
    case codeSigning = "code-signing"
    case recursion
}
