import Glibc

/// What one run of the load generator gave.
struct LoadResult {
    var requestsPerSecond: Double
    /// Microseconds of this process's own time for a request.
    var cpu: Double
}

/// Drives a server of this process from another process, `wrk`, so that the server's own time can be read apart.
struct Load {
    var seconds = 3
    var connections = 32

    struct Request {
        var method = "POST"
        var path = "/"
        var headers: [(String, String)] = []
        var body = ""
    }

    func run(_ request: Request, port: Int) -> LoadResult? {
        let script = "/tmp/millrace-load-\(getpid()).lua"
        guard write(script, Self.script(request)) else { return nil }
        defer { unlink(script) }
        let before = Self.cpuMicroseconds()
        let output = Self.capture(
            "wrk -t1 -c\(connections) -d\(seconds)s -s \(script) http://127.0.0.1:\(port)\(request.path) 2>&1")
        let used = Self.cpuMicroseconds() - before
        guard let count = Self.number(in: output, before: " requests in"),
            let rate = Self.number(in: output, after: "Requests/sec:"), count > 0
        else {
            print(output)
            return nil
        }
        if output.contains("Non-2xx") { print(output) }
        return LoadResult(requestsPerSecond: rate, cpu: used / count)
    }

    private static func script(_ request: Request) -> String {
        var text = "wrk.method = \"\(request.method)\"\nwrk.body = [==[\(request.body)]==]\n"
        for (name, value) in request.headers { text += "wrk.headers[\"\(name)\"] = [==[\(value)]==]\n" }
        return text
    }

    private func write(_ path: String, _ text: String) -> Bool {
        guard let file = fopen(path, "w") else { return false }
        defer { fclose(file) }
        return fputs(text, file) >= 0
    }

    private static func capture(_ command: String) -> String {
        guard let pipe = popen(command, "r") else { return "" }
        defer { pclose(pipe) }
        var text = ""
        var line = [CChar](repeating: 0, count: 1024)
        while fgets(&line, Int32(line.count), pipe) != nil {
            text += String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return text
    }

    private static func cpuMicroseconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }

    private static func number(in text: String, before mark: String) -> Double? {
        guard let end = text.firstRange(of: mark)?.lowerBound else { return nil }
        return text[..<end].split(whereSeparator: \.isWhitespace).last.flatMap { Double(String($0)) }
    }

    private static func number(in text: String, after mark: String) -> Double? {
        guard let start = text.firstRange(of: mark)?.upperBound else { return nil }
        return text[start...].split(whereSeparator: \.isWhitespace).first.flatMap { Double(String($0)) }
    }
}
