import Core
import NIOCore

/// What the instances of one function version have in common.
struct InstancePlan: Sendable {
    var function: FunctionConfiguration
    var runtime: ResolvedRuntime
    var environment: FunctionEnvironment
    /// The parent of the instances' temporary directories.
    var temporaryDirectory: String
    var limits: FunctionHostLimits
    var processesPerUser: UInt64?
    /// Nil where the machine gives the host no control groups.
    var controlGroups: ControlGroupHierarchy?
    /// Nil where functions see the machine as it is.
    var sandbox: Sandbox?
    var credentials: (any FunctionCredentialSource)?
    var clock: any HostClock
    var random: any RandomSource
    var logs: any LogSink

    var lines: PlatformLines {
        PlatformLines(format: function.logging.format, version: function.reference.version)
    }

    /// A name for an instance: 32 hexadecimal digits.
    func makeInstanceID() -> String {
        UUIDText.random(using: random).filter { $0 != "-" }
    }

    /// `2026/11/22/[$LATEST]<instance>`
    func logStream(instance: String) -> String {
        let date = CivilTime(clock.now)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)/\(two(date.month))/\(two(date.day))/[\(function.reference.version)]\(instance)"
    }

    /// An instant as functions are told it: their processes live in real time, whatever clock the host goes by.
    func deadline(inMilliseconds milliseconds: Int64) -> Int64 { SystemClock().now.milliseconds + milliseconds }

    /// The end of an invocation that begins now.
    var invocationDeadline: Int64 { deadline(inMilliseconds: Int64(function.timeoutSeconds) * 1000) }

    func makeLog(stream: String, rememberedLines: Int = 0) -> FunctionLog {
        FunctionLog(
            scope: function.reference.scope, group: function.logGroup, stream: stream, sink: logs, clock: clock,
            limits: FunctionLog.Limits(
                bytesPerInvocation: limits.logBytesPerInvocation, rememberedLines: rememberedLines))
    }

    func makeControlGroup(_ name: String) -> ControlGroup? {
        controlGroups.flatMap {
            ControlGroup(
                name, in: $0,
                limits: ControlGroupLimits(
                    memoryMB: function.memorySizeMB, processes: limits.processesPerFunction))
        }
    }

    /// The temporary directory by the name under which the function sees it.
    func visible(_ temporary: String) -> String { sandbox == nil ? temporary : Sandbox.temporaryRoot }

    /// The runtime, or another program of the function's.
    func spawnRequest(
        program: String? = nil, environment: [String], temporary: String, group: ControlGroup?
    ) -> SpawnRequest {
        var request = SpawnRequest(
            executable: program ?? runtime.executable, arguments: program.map { [$0] } ?? runtime.arguments,
            environment: environment, directory: function.codeDirectory,
            limits: ProcessLimits(
                processes: processesPerUser, fileBytes: UInt64(function.ephemeralStorageMB) << 20),
            controlGroups: group?.descriptors ?? [], niceness: limits.niceness)
        sandbox?.apply(to: &request, function: function, runtime, temporary: temporary)
        return request
    }
}
