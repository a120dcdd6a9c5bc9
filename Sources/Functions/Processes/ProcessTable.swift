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

    /// The processes of this machine by their group, with what each keeps resident, in kilobytes.
    static func groups(among wanted: Set<pid_t>) -> [pid_t: (count: Int, residentKilobytes: Int)] {
        var result: [pid_t: (count: Int, residentKilobytes: Int)] = [:]
        for name in FilePath.children(of: "/proc") {
            guard let pid = pid_t(name), let stat = FilePath.text(of: "/proc/\(name)/stat", limit: 1024),
                // The command's name, in parentheses, may hold anything.
                let end = stat.lastIndex(of: ")")
            else { continue }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            guard fields.count > 21, let group = pid_t(fields[2]), wanted.contains(group) else { continue }
            _ = pid
            let resident = (Int(fields[21]) ?? 0) * pageKilobytes
            let sum = result[group] ?? (0, 0)
            result[group] = (sum.count + 1, sum.residentKilobytes + resident)
        }
        return result
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
