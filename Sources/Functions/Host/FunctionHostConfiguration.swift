import Glibc

/// Where and within which bounds functions are hosted.
public struct FunctionHostConfiguration: Sendable {
    /// Bootstraps and temporary directories live below it. An absolute path.
    public var dataDirectory: String
    /// Set for every function, such as `AWS_ENDPOINT_URL`.
    public var environment: [String: String]
    /// Where functions get their credentials; nil leaves them without any.
    public var credentials: (any FunctionCredentialSource)?
    /// Nil looks for interpreters in the search path and where version managers keep them.
    public var interpreters: InterpreterCatalog?
    public var limits: FunctionHostLimits
    /// How much of the machine functions see.
    public enum Isolation: Hashable, Sendable {
        /// The machine's own file system, under the host's user.
        case none
        /// A root directory of their own with Lambda's `/var/task`, `/opt` and `/tmp`, a read-only system and a process
        /// table of their own. Needs root, or user namespaces. Starting a process takes longer.
        case namespaces
    }

    public var isolation: Isolation
    /// Confines functions in control groups where the host may make any.
    public var usesControlGroups: Bool

    public init(
        dataDirectory: String, environment: [String: String] = [:], interpreters: InterpreterCatalog? = nil,
        limits: FunctionHostLimits = FunctionHostLimits(), usesControlGroups: Bool = true, isolation: Isolation = .none
    ) {
        self.dataDirectory = dataDirectory
        self.environment = environment
        self.interpreters = interpreters
        self.limits = limits
        self.usesControlGroups = usesControlGroups
        self.isolation = isolation
    }
}

/// Gives every instance of a function credentials of its own.
public protocol FunctionCredentialSource: Sendable {
    func issue(to function: FunctionConfiguration) -> FunctionCredentials
    /// The instance is gone.
    func revoke(_ credentials: FunctionCredentials)
}

/// The keys with which a function signs what it asks of services.
public struct FunctionCredentials: Hashable, Sendable {
    public var accessKeyID: String
    public var secretAccessKey: String
    public var sessionToken: String

    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    var variables: [String: String] {
        [
            "AWS_ACCESS_KEY_ID": accessKeyID, "AWS_SECRET_ACCESS_KEY": secretAccessKey,
            "AWS_SESSION_TOKEN": sessionToken,
        ]
    }
}

/// The bounds of a host's functions together.
public struct FunctionHostLimits: Hashable, Sendable {
    public static let processors = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))

    /// Invocations of an account that may run at once, Lambda's default.
    public var accountConcurrency: Int
    /// Processes kept at once, over all functions. Above it invocations wait and idle instances make room.
    public var instances: Int
    /// Instances that begin at once, over all functions. A process is busiest while it begins: many side by side make
    /// each other late, and one that is ready may serve many of those that wait.
    public var starts: Int
    /// Those that have begun this long ago count no more, ready or not.
    public var startMilliseconds: Int64
    /// Invocations that wait for an instance, over all functions; beyond it callers are told to slow down.
    public var waiting: Int
    /// How long they wait before their callers are told so: less than clients do.
    public var waitingMilliseconds: Int64
    /// Idle instances end after this long.
    public var idleMilliseconds: Int64
    /// From the start of an instance to its first request for work.
    public var initMilliseconds: Int64
    /// The same for instances of provisioned concurrency.
    public var provisionedInitMilliseconds: Int64
    /// What extensions get between SIGTERM and SIGKILL at the end of an instance.
    public var shutdownMilliseconds: Int64
    /// What invocations get to end in when the host does.
    public var drainMilliseconds: Int64
    /// An event handed over synchronously.
    public var payloadBytes: Int
    /// Output kept of one invocation.
    public var logBytesPerInvocation: Int
    /// Processes and threads of one function: by control group, or else by the system's count for the host's user.
    public var processesPerFunction: Int
    /// Added to the niceness of functions, so that the host stays responsive.
    public var niceness: Int32

    public init(
        accountConcurrency: Int = 1000, instances: Int = 200, starts: Int = max(4, 2 * processors),
        startMilliseconds: Int64 = 250, waiting: Int = 10_000,
        waitingMilliseconds: Int64 = 50_000, idleMilliseconds: Int64 = 300_000, initMilliseconds: Int64 = 10_000,
        provisionedInitMilliseconds: Int64 = 130_000, shutdownMilliseconds: Int64 = 2000,
        drainMilliseconds: Int64 = 30_000, payloadBytes: Int = 6_291_556, logBytesPerInvocation: Int = 8 << 20,
        processesPerFunction: Int = 742,
        niceness: Int32 = 0
    ) {
        self.accountConcurrency = accountConcurrency
        self.instances = instances
        self.starts = starts
        self.startMilliseconds = startMilliseconds
        self.waiting = waiting
        self.waitingMilliseconds = waitingMilliseconds
        self.idleMilliseconds = idleMilliseconds
        self.initMilliseconds = initMilliseconds
        self.provisionedInitMilliseconds = provisionedInitMilliseconds
        self.shutdownMilliseconds = shutdownMilliseconds
        self.drainMilliseconds = drainMilliseconds
        self.payloadBytes = payloadBytes
        self.logBytesPerInvocation = logBytesPerInvocation
        self.processesPerFunction = processesPerFunction
        self.niceness = niceness
    }
}
