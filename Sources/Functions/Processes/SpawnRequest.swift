import CFunctionSpawn
import Glibc

/// A program to start: the host's side of `fs_spawn`.
struct SpawnRequest: Sendable {
    struct Mount: Hashable, Sendable {
        var source: String
        var target: String
        var type: String?
        var options: String?
        var isReadOnly = false
        var isOptional = false
    }

    var executable: String
    var arguments: [String]
    /// `NAME=value`
    var environment: [String]
    var directory: String
    var limits: ProcessLimits
    var controlGroups: [CInt] = []
    var mounts: [Mount] = []
    var root: String?
    var isolation: UInt32 = 0
    var niceness: CInt = 0

    struct Started {
        var pid: pid_t
        /// Becomes readable when the process ends.
        var descriptor: CInt
    }

    /// Starts the process; the calling thread is suspended until it has executed its program.
    func start(input: CInt, output: CInt, error: CInt) throws(FunctionError) -> Started {
        let strings = CStringArena()
        let arguments = strings.list(arguments)
        let environment = strings.list(environment)
        let limits = limits.list
        let mounts = mounts.map { mount in
            fs_mount(
                source: strings.string(mount.source), target: strings.string(mount.target),
                type: mount.type.flatMap(strings.string), options: mount.options.flatMap(strings.string),
                read_only: mount.isReadOnly ? 1 : 0, optional: mount.isOptional ? 1 : 0)
        }
        var result = fs_result()
        let status = limits.withUnsafeBufferPointer { limits in
            mounts.withUnsafeBufferPointer { mounts in
                controlGroups.withUnsafeBufferPointer { groups in
                    var request = fs_request()
                    request.executable = strings.string(executable)
                    request.arguments = arguments
                    request.environment = environment
                    request.directory = strings.string(directory)
                    request.standard_input = input
                    request.standard_output = output
                    request.standard_error = error
                    request.limits = limits.baseAddress
                    request.limit_count = CInt(limits.count)
                    request.control_groups = groups.baseAddress
                    request.control_group_count = CInt(groups.count)
                    request.mounts = mounts.baseAddress
                    request.mount_count = CInt(mounts.count)
                    request.root = root.flatMap(strings.string)
                    request.isolation = isolation
                    request.niceness = niceness
                    request.oom_score_adjustment = 800
                    return Self.spawn(&request, &result)
                }
            }
        }
        guard status == 0 else { throw failure(step: Int(result.step), number: result.error) }
        return Started(pid: result.pid, descriptor: result.process_descriptor)
    }

    /// A program that was written a moment ago is busy for as long as some other child, started meanwhile, has not yet
    /// closed the descriptor it was written through: that is over in milliseconds.
    private static func spawn(_ request: inout fs_request, _ result: inout fs_result) -> CInt {
        for attempt in 0..<8 {
            let status = fs_spawn(&request, &result)
            guard status != 0, result.step == FS_STEP_EXECUTE, result.error == ETXTBSY else { return status }
            usleep(1000 << attempt)
        }
        return fs_spawn(&request, &result)
    }

    private func failure(step: Int, number: CInt) -> FunctionError {
        let reason = systemMessage(number)
        switch step {
        case FS_STEP_EXECUTE:
            let hint = number == ENOEXEC ? " (a script needs a first line such as #!/bin/sh)" : ""
            return FunctionError(.missingExecutable, "cannot execute \(executable): \(reason)\(hint)")
        case FS_STEP_DIRECTORY: return FunctionError(.missingCode, "cannot enter \(directory): \(reason)")
        case FS_STEP_CLONE: return FunctionError(.host, "cannot start a process: \(reason)")
        case FS_STEP_USER_NAMESPACE: return FunctionError(.host, "cannot map the user of a namespace: \(reason)")
        case FS_STEP_CONTROL_GROUP: return FunctionError(.host, "cannot enter a control group: \(reason)")
        case FS_STEP_MOUNT: return FunctionError(.host, "cannot mount the function's directories: \(reason)")
        case FS_STEP_ROOT: return FunctionError(.host, "cannot change the root directory: \(reason)")
        case FS_STEP_LIMITS: return FunctionError(.host, "cannot set the limits of a process: \(reason)")
        default: return FunctionError(.host, "cannot set up the descriptors of a process: \(reason)")
        }
    }
}

/// Zero-terminated copies of strings that live as long as the arena.
private final class CStringArena {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { free(block) } }

    func string(_ text: String) -> UnsafePointer<CChar>? { UnsafePointer(copy(text)) }

    func list(_ texts: [String]) -> UnsafePointer<UnsafeMutablePointer<CChar>?> {
        let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { pointers[index] = copy(text) }
        pointers[texts.count] = nil
        blocks.append(UnsafeMutableRawPointer(pointers))
        return UnsafePointer(pointers)
    }

    private func copy(_ text: String) -> UnsafeMutablePointer<CChar>? {
        guard let copied = strdup(text) else { return nil }
        blocks.append(UnsafeMutableRawPointer(copied))
        return copied
    }
}
