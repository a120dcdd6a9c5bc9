import Glibc

/// What /proc tells about a process.
enum ProcessTable {
    /// The largest resident set so far, in kilobytes.
    static func peakKilobytes(of pid: pid_t) -> Int? {
        guard let text = FilePath.text(of: "/proc/\(pid)/status", limit: 4096) else { return nil }
        return field("VmHWM:", in: text)
    }

    static func residentKilobytes(of pid: pid_t) -> Int? {
        guard let text = FilePath.text(of: "/proc/\(pid)/statm", limit: 256) else { return nil }
        let words = text.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, let pages = Int(words[1]) else { return nil }
        return pages * pageKilobytes
    }

    /// The processor time that a process has used so far.
    static func processorMilliseconds(of pid: pid_t) -> Int? {
        guard let text = FilePath.text(of: "/proc/\(pid)/stat", limit: 1024),
            // The command's name, in parentheses, may hold anything.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ", maxSplits: 14)
        guard fields.count > 13, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return (user + system) * 1000 / max(1, sysconf(CInt(_SC_CLK_TCK)))
    }

    /// A process with all that descend from it: their number, counted up to the limit, and what they keep resident.
    static func tree(of root: pid_t, limit: Int) -> (count: Int, residentKilobytes: Int) {
        var open = [root]
        var count = 0
        var resident = 0
        while let pid = open.popLast(), count < limit {
            count += 1
            resident += residentKilobytes(of: pid) ?? 0
            for task in FilePath.children(of: "/proc/\(pid)/task") {
                let children = FilePath.text(of: "/proc/\(pid)/task/\(task)/children", limit: 65_536) ?? ""
                open += children.split(separator: " ").compactMap { pid_t($0) }
            }
        }
        return (count, resident)
    }

    /// Kills all processes that began with a variable, given as `NAME=value`, in their environment, wherever they have
    /// gone since.
    static func killAll(with variable: String) {
        // What is being forked meanwhile is found the next time.
        for _ in 0..<3 {
            let found = FilePath.children(of: "/proc").compactMap { pid_t($0) }.filter { pid in
                guard pid != getpid(), let text = FilePath.text(of: "/proc/\(pid)/environ", limit: 262_144) else {
                    return false
                }
                return text.utf8.split(separator: 0).contains { $0.elementsEqual(variable.utf8) }
            }
            guard !found.isEmpty else { return }
            for pid in found { kill(pid, SIGKILL) }
        }
    }

    private static let pageKilobytes = max(1, sysconf(CInt(_SC_PAGESIZE)) / 1024)

    private static func field(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let words = line.dropFirst(name.count).split(whereSeparator: { $0 == " " || $0 == "\t" })
            return words.first.flatMap { Int($0) }
        }
        return nil
    }
}
