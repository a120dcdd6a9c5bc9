import Core

/// What Logs Insights finds in the lines that functions leave.
struct LambdaLine {
    static let fields = [
        "@type", "@requestId", "@duration", "@billedDuration", "@initDuration", "@maxMemoryUsed", "@memorySize",
    ]

    private let message: String

    init(_ message: String) { self.message = message }

    subscript(field: String) -> InsightsValue {
        switch field {
        case "@type": type.map(InsightsValue.text) ?? .missing
        case "@requestId": requestID.map { .text(String($0)) } ?? .missing
        case "@duration": amount("Duration", "ms")
        case "@billedDuration": amount("Billed Duration", "ms")
        case "@initDuration": amount("Init Duration", "ms")
        case "@maxMemoryUsed": amount("Max Memory Used", "MB")
        case "@memorySize": amount("Memory Size", "MB")
        default: .missing
        }
    }

    private var type: String? {
        ["START", "END", "REPORT"].first { message.hasPrefix("\($0) RequestId: ") }
    }

    /// Of the host's own lines, and of those that runtimes write behind the time.
    private var requestID: Substring? {
        if let type {
            return message.dropFirst(type.count + 12).prefix { !$0.isWhitespace }
        }
        let parts = message.split(separator: "\t", maxSplits: 2)
        guard parts.count > 1, parts[1].utf8.count == 36, parts[1].split(separator: "-").count == 5 else { return nil }
        return parts[1]
    }

    /// Times in milliseconds, memory in bytes.
    private func amount(_ name: String, _ unit: String) -> InsightsValue {
        guard message.hasPrefix("REPORT ") else { return .missing }
        for part in message.split(separator: "\t") where part.hasPrefix("\(name): ") && part.hasSuffix(" \(unit)") {
            let text = part.dropFirst(name.utf8.count + 2).dropLast(unit.utf8.count + 1)
            guard let number = Double(text) else { continue }
            return .number(unit == "MB" ? number * 1_000_000 : number)
        }
        return .missing
    }
}
