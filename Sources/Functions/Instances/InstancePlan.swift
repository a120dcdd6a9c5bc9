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

    func makeLog(stream: String, rememberedLines: Int = 0) -> FunctionLog {
        FunctionLog(
            group: function.logGroup, stream: stream, sink: logs, clock: clock,
            limits: FunctionLog.Limits(
                bytesPerInvocation: limits.logBytesPerInvocation, rememberedLines: rememberedLines))
    }

    func spawnRequest(environment: [String], temporary: String) -> SpawnRequest {
        SpawnRequest(
            executable: runtime.executable, arguments: runtime.arguments, environment: environment,
            directory: function.codeDirectory,
            limits: ProcessLimits(
                processes: limits.processesPerUser, fileBytes: UInt64(function.ephemeralStorageMB) << 20),
            niceness: limits.niceness)
    }
}
