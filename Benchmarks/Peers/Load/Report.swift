import Glibc

/// What the load gave. Operations are requests that were answered with a status of 2xx, or deleted messages.
struct Report {
    /// Beginning of all, and of what counts, in nanoseconds of the monotonic clock.
    private let start: UInt64
    private let measured: UInt64
    private let end: UInt64
    private let connections: Int

    private struct Count {
        var operations = 0
        var bytes = 0
        /// How many latencies there were.
        var latencies = 0
    }
    private var whole = Count()
    private var warmUp = Count()
    private var untilEnd = Count()
    private var last: UInt64
    private var finished: UInt64
    private var latencies: [UInt32] = []
    private var errors = 0
    private var firstError = ""

    init(start: UInt64, measured: UInt64, end: UInt64, connections: Int) {
        self.start = start
        self.measured = measured
        self.end = end
        self.connections = connections
        (last, finished) = (start, start)
        latencies.reserveCapacity(1 << 20)
    }

    mutating func note(operations: Int, bytes: Int, began: UInt64, ended: UInt64) {
        latencies.append(UInt32(clamping: (ended - began) / 1000))
        whole.operations += operations
        whole.bytes += bytes
        whole.latencies = latencies.count
        if operations > 0 { last = ended }
        if ended < measured { warmUp = whole }
        if ended < end { untilEnd = whole }
    }

    mutating func note(error: String) {
        if errors == 0 { firstError = error }
        errors += 1
    }

    mutating func finish(at time: UInt64) {
        finished = time
    }

    /// `requests`, `seconds`, `bytes` and the latencies in microseconds are of the measured time; `total` operations
    /// took `total_seconds` with warm-up and what was in flight at the end; `cpu_us` is this process's own time in
    /// `elapsed` seconds.
    var json: String {
        var (from, to) = (warmUp, untilEnd)
        // A load that had nothing more to send ended before its time was over.
        var seconds = Double(min(end, max(last, measured)) - measured) / 1e9
        if finished >= end { seconds = Double(end - measured) / 1e9 }
        let totalSeconds = Double(last - start) / 1e9
        // When few operations end in the measured time, those that begin before it or end after it weigh too much.
        if to.operations - from.operations < 4 * connections {
            (from, to, seconds) = (Count(), whole, totalSeconds)
        }
        let times = latencies[from.latencies..<to.latencies].sorted()
        func percentile(_ share: Double) -> UInt32 {
            times.isEmpty ? 0 : times[min(times.count - 1, Int(share * Double(times.count)))]
        }
        return """
            {"requests":\(to.operations - from.operations),"seconds":\(seconds),"bytes":\(to.bytes - from.bytes),\
            "p50_us":\(percentile(0.5)),"p99_us":\(percentile(0.99)),"max_us":\(times.last ?? 0),\
            "total":\(whole.operations),"total_seconds":\(totalSeconds),"errors":\(errors),\
            "first_error":"\(Self.escaped(firstError))","cpu_us":\(Self.processorMicroseconds),\
            "elapsed":\(Double(finished - start) / 1e9)}
            """
    }

    private static var processorMicroseconds: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + usage.ru_utime.tv_usec
            + usage.ru_stime.tv_usec
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\"", "\\": result += "\\\(character)"
            case _ where character.value < 32: result += " "
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
