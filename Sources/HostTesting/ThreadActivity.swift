import Glibc

/// Looks at what the threads of this process are doing.
enum ThreadActivity {
    /// Whether every thread but this one waits for something. A thread that is ready but has no processor counts as
    /// busy, so on a loaded machine a task that was woken and did not get to run yet is seen. False where the system does
    /// not say.
    static func othersAreAsleep() -> Bool {
        guard let directory = opendir("/proc/self/task") else { return false }
        defer { closedir(directory) }
        var busy = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            if !isAsleep(name) { busy += 1 }
            // One of them is the thread that asks.
            if busy > 1 { return false }
        }
        return true
    }

    /// `/proc/self/task/N/stat` is `N (name) STATE …`; a name may hold parentheses itself.
    private static func isAsleep(_ thread: String) -> Bool {
        let file = open("/proc/self/task/\(thread)/stat", O_RDONLY | O_CLOEXEC)
        // A thread that has ended does nothing more.
        guard file >= 0 else { return true }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return true }
        guard let end = buffer[..<count].lastIndex(of: UInt8(ascii: ")")), end + 2 < count else { return false }
        return buffer[end + 2] == UInt8(ascii: "S")
    }
}
