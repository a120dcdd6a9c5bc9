import Glibc

@testable import Functions

/// Whether a process exists and is not merely waiting to be collected.
func isRunning(_ pid: Int32) -> Bool {
    guard let stat = FilePath.text(of: "/proc/\(pid)/stat", limit: 1024), let end = stat.lastIndex(of: ")") else {
        return false
    }
    return !stat[end...].hasPrefix(") Z")
}

/// Counts the running processes that have exactly this argument.
func processes(withArgument argument: String) -> Int {
    FilePath.children(of: "/proc").count { name in
        guard let pid = Int32(name), isRunning(pid),
            let line = FilePath.text(of: "/proc/\(name)/cmdline", limit: 4096)
        else { return false }
        return line.split(separator: "\0").contains { $0 == argument }
    }
}

/// Waits for a killed process to be gone, up to five seconds.
func ends(_ pid: Int32) -> Bool {
    for _ in 0..<5000 where isRunning(pid) { usleep(1000) }
    return !isRunning(pid)
}

/// Waits until no process has this argument, up to five seconds.
func allEnd(withArgument argument: String) -> Bool {
    for _ in 0..<100 where processes(withArgument: argument) > 0 { usleep(50_000) }
    return processes(withArgument: argument) == 0
}
