import Glibc

/// How a process ended.
struct ProcessExit: Hashable, Sendable {
    enum Cause: Hashable, Sendable {
        case exited(status: Int32)
        case signalled(number: Int32, dumpedCore: Bool)
    }

    var cause: Cause
    /// The largest resident set that the system reports; it may be the host's own, see ``ChildProcess``.
    var peakKilobytes: Int
    var cpuMicroseconds: Int

    init(waitStatus: CInt, peakKilobytes: Int, cpuMicroseconds: Int) {
        let signal = waitStatus & 0x7F
        cause =
            signal == 0
            ? .exited(status: (waitStatus >> 8) & 0xFF)
            : .signalled(number: signal, dumpedCore: waitStatus & 0x80 != 0)
        self.peakKilobytes = peakKilobytes
        self.cpuMicroseconds = cpuMicroseconds
    }

    var isSuccess: Bool { cause == .exited(status: 0) }

    /// Lambda's words: `exit status 1`, `signal: killed`.
    var description: String {
        switch cause {
        case .exited(let status): "exit status \(status)"
        case .signalled(let number, let dumpedCore):
            "signal: \(Self.name(ofSignal: number))\(dumpedCore ? " (core dumped)" : "")"
        }
    }

    private static func name(ofSignal number: Int32) -> String {
        switch number {
        case SIGHUP: "hangup"
        case SIGINT: "interrupt"
        case SIGQUIT: "quit"
        case SIGILL: "illegal instruction"
        case SIGTRAP: "trace/breakpoint trap"
        case SIGABRT: "aborted"
        case SIGBUS: "bus error"
        case SIGFPE: "floating point exception"
        case SIGKILL: "killed"
        case SIGSEGV: "segmentation fault"
        case SIGPIPE: "broken pipe"
        case SIGALRM: "alarm clock"
        case SIGTERM: "terminated"
        case SIGXCPU: "CPU time limit exceeded"
        case SIGXFSZ: "file size limit exceeded"
        case SIGSYS: "bad system call"
        default: "signal \(number)"
        }
    }
}
