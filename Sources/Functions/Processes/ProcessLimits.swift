import CFunctionSpawn
import Glibc

/// What one process of a function may use. The figures are those measured in Lambda, except for core files, which a
/// function has no use for here.
struct ProcessLimits: Hashable, Sendable {
    var openFiles: UInt64 = 1024
    /// Counted over all processes of the user; nil where that count says nothing about the function.
    var processes: UInt64? = 742
    var stackBytes: UInt64 = 8 << 20
    var lockedBytes: UInt64 = 64 << 10
    /// The size of any one file that it writes.
    var fileBytes: UInt64

    var list: [fs_limit] {
        var limits = [
            fs_limit(resource: RLIMIT_NOFILE.number, soft: openFiles, hard: openFiles),
            fs_limit(resource: RLIMIT_STACK.number, soft: stackBytes, hard: .max),
            fs_limit(resource: RLIMIT_CORE.number, soft: 0, hard: 0),
            fs_limit(resource: RLIMIT_MEMLOCK.number, soft: lockedBytes, hard: lockedBytes),
            fs_limit(resource: RLIMIT_FSIZE.number, soft: fileBytes, hard: fileBytes),
        ]
        if let processes {
            limits.append(fs_limit(resource: RLIMIT_NPROC.number, soft: processes, hard: processes))
        }
        return limits
    }
}

extension __rlimit_resource {
    fileprivate var number: CInt { CInt(rawValue) }
}
