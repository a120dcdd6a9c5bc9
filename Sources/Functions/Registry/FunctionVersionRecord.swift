public import Core

/// A version of a function as it is stored: Lambda's FunctionConfiguration with the place of the code.
///
/// `$LATEST` changes; a numbered version never does.
public struct FunctionVersionRecord: Hashable, Sendable {
    public var reference: FunctionVersionReference
    public var summary: String
    /// The ARN of the execution role; kept, not enforced.
    public var role: String
    public var runtime: String
    public var handler: String
    public var memorySizeMB: Int
    public var timeoutSeconds: Int
    public var environment: [String: String]
    public var ephemeralStorageMB: Int
    /// ARNs of layer versions, in the order in which they are laid over one another.
    public var layers: [String]
    public var logging: LoggingConfiguration
    /// `x86_64` or `arm64`, as the caller said.
    public var architectures: [String]
    public var code: FunctionCode
    public var modifiedAt: Timestamp
    /// A UUID that changes with every change.
    public var revisionID: String
    /// Members of Lambda's configuration that the host keeps and does not interpret, by their wire names: `VpcConfig`,
    /// `TracingConfig`, `DeadLetterConfig`, `KMSKeyArn` and so on.
    public var settings: JSONObject

    public init(
        reference: FunctionVersionReference, summary: String = "", role: String, runtime: String, handler: String,
        memorySizeMB: Int = 128, timeoutSeconds: Int = 3, environment: [String: String] = [:],
        ephemeralStorageMB: Int = 512, layers: [String] = [],
        logging: LoggingConfiguration = LoggingConfiguration(), architectures: [String] = ["x86_64"],
        code: FunctionCode, modifiedAt: Timestamp, revisionID: String, settings: JSONObject = JSONObject()
    ) {
        self.reference = reference
        self.summary = summary
        self.role = role
        self.runtime = runtime
        self.handler = handler
        self.memorySizeMB = memorySizeMB
        self.timeoutSeconds = timeoutSeconds
        self.environment = environment
        self.ephemeralStorageMB = ephemeralStorageMB
        self.layers = layers
        self.logging = logging
        self.architectures = architectures
        self.code = code
        self.modifiedAt = modifiedAt
        self.revisionID = revisionID
        self.settings = settings
    }

    /// What the host needs to run it. `layerDirectories` are those of ``layers``.
    public func configuration(
        layerDirectories: [String], reservedConcurrency: Int? = nil, provisionedConcurrency: Int = 0
    ) -> FunctionConfiguration {
        var configuration = FunctionConfiguration(
            reference: reference, runtime: runtime, handler: handler, codeDirectory: code.directory,
            layers: layerDirectories, memorySizeMB: memorySizeMB, timeoutSeconds: timeoutSeconds,
            environment: environment, ephemeralStorageMB: ephemeralStorageMB,
            reservedConcurrency: reservedConcurrency, provisionedConcurrency: provisionedConcurrency, logging: logging)
        configuration.codeDigest = code.sha256
        configuration.role = role
        configuration.isPackaged = code.size > 0
        return configuration
    }

    /// Whether publishing this would repeat what the other already is: Lambda publishes nothing then.
    func hasSameContent(as other: FunctionVersionRecord) -> Bool {
        var (left, right) = (self, other)
        left.reference = right.reference
        left.summary = right.summary
        left.modifiedAt = right.modifiedAt
        left.revisionID = right.revisionID
        return left == right
    }
}

/// Where a version's code lies on disk, and what Lambda says of it.
public struct FunctionCode: Hashable, Sendable {
    public var directory: String
    /// Base64.
    public var sha256: String
    /// Of the archive, in bytes.
    public var size: Int

    public init(directory: String, sha256: String, size: Int) {
        self.directory = directory
        self.sha256 = sha256
        self.size = size
    }
}
