import Core

/// Everything the host needs to run one version of a function.
///
/// Limits are those of Lambda: memory 128 to 10,240 MB, timeout 1 to 900 s, ephemeral storage 512 to 10,240 MB,
/// at most five layers and 4 KB of environment variables.
public struct FunctionConfiguration: Hashable, Sendable {
    public var reference: FunctionVersionReference
    /// The runtime's identifier, such as `python3.13`, `nodejs22.x`, `provided.al2023` or `exec`.
    public var runtime: String
    /// `module.function` for Python and Node, the executable for `exec`, free text for `provided`.
    public var handler: String
    /// The directory that holds the unpacked code; it becomes the working directory.
    public var codeDirectory: String
    /// Tells states of the code apart that lie in the same directory, one after another: instances that were started
    /// with another one are replaced.
    public var codeDigest = ""
    /// Directories of unpacked layers, in the order in which they are laid over one another.
    public var layers: [String]
    public var memorySizeMB: Int
    public var timeoutSeconds: Int
    public var environment: [String: String]
    public var ephemeralStorageMB: Int
    /// Invocations of all versions of the function that may run at once. Nil draws on the account's limit.
    public var reservedConcurrency: Int?
    /// Instances started ahead of demand.
    public var provisionedConcurrency: Int
    public var logging: LoggingConfiguration
    /// The ARN of the execution role.
    public var role = ""
    /// Arguments that follow the executable of an `exec` function.
    public var arguments: [String]
    /// The code came as an archive: where it was unpacked concerns nobody, and stack traces name Lambda's places instead.
    public var isPackaged = false

    public init(
        reference: FunctionVersionReference, runtime: String, handler: String, codeDirectory: String,
        layers: [String] = [], memorySizeMB: Int = 128, timeoutSeconds: Int = 3, environment: [String: String] = [:],
        ephemeralStorageMB: Int = 512, reservedConcurrency: Int? = nil, provisionedConcurrency: Int = 0,
        logging: LoggingConfiguration = LoggingConfiguration(), arguments: [String] = []
    ) {
        self.reference = reference
        self.runtime = runtime
        self.handler = handler
        self.codeDirectory = codeDirectory
        self.layers = layers
        self.memorySizeMB = memorySizeMB
        self.timeoutSeconds = timeoutSeconds
        self.environment = environment
        self.ephemeralStorageMB = ephemeralStorageMB
        self.reservedConcurrency = reservedConcurrency
        self.provisionedConcurrency = provisionedConcurrency
        self.logging = logging
        self.arguments = arguments
    }

    /// `/aws/lambda/<function>` unless the configuration names another.
    public var logGroup: String { logging.group ?? "/aws/lambda/\(reference.functionName)" }
}

/// How a function's log lines are written.
public struct LoggingConfiguration: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable {
        case text = "Text"
        case json = "JSON"
    }

    public var format: Format
    /// `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`; only with the JSON format.
    public var applicationLevel: String?
    public var group: String?

    public init(format: Format = .text, applicationLevel: String? = nil, group: String? = nil) {
        self.format = format
        self.applicationLevel = applicationLevel
        self.group = group
    }
}
