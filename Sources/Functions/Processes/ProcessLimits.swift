import CFunctionSpawn

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
            fs_limit(resource: CInt(FS_LIMIT_OPEN_FILES), soft: openFiles, hard: openFiles),
            fs_limit(resource: CInt(FS_LIMIT_STACK), soft: stackBytes, hard: .max),
            fs_limit(resource: CInt(FS_LIMIT_CORE), soft: 0, hard: 0),
            fs_limit(resource: CInt(FS_LIMIT_LOCKED_MEMORY), soft: lockedBytes, hard: lockedBytes),
            fs_limit(resource: CInt(FS_LIMIT_FILE_SIZE), soft: fileBytes, hard: fileBytes),
        ]
        if let processes {
            limits.append(fs_limit(resource: CInt(FS_LIMIT_PROCESSES), soft: processes, hard: processes))
        }
        return limits
    }
}
