import Glibc

/// How much is under way while the host is killed.
struct CrashScale {
    var executions: Int
    var deliveries: Int
    var kills: Int
    /// Seconds in which all of it has to come to its end.
    var deadline: Double

    /// `MILLRACE_CRASH_SCALE=full` is the whole of it.
    static var wanted: CrashScale {
        if getenv("MILLRACE_CRASH_SCALE").map({ String(cString: $0) }) == "full" {
            return CrashScale(executions: 1000, deliveries: 10_000, kills: 10, deadline: 1800)
        }
        return CrashScale(executions: 100, deliveries: 500, kills: 3, deadline: 300)
    }
}
