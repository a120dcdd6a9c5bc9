/// The value of an `X-Amzn-Trace-Id` header: `Root=1-<seconds>-<96 bits>;Parent=<64 bits>;Sampled=0`, numbers in
/// hexadecimal.
public struct TraceHeader: Hashable, Sendable, CustomStringConvertible {
    /// Names the whole trace.
    public var root: String
    /// The segment that calls.
    public var parent: String?
    /// Nil leaves the decision to whoever is called.
    public var isSampled: Bool?
    /// Fields of others, in their order.
    public var others: [String] = []

    /// A new trace.
    public init(at time: Timestamp, using random: some RandomSource) {
        let seconds = Self.hexadecimal(UInt64(max(0, time.milliseconds / 1000)), digits: 8)
        let low = Self.hexadecimal(random.nextUInt64() >> 32, digits: 8)
        root = "1-\(seconds)-\(Self.hexadecimal(random.nextUInt64(), digits: 16))\(low)"
    }

    /// Nil without a root.
    public init?(_ text: String) {
        var root: String?
        for field in text.split(separator: ";") {
            let trimmed = field.drop { $0 == " " }
            let parts = trimmed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch (parts.first, parts.count) {
            case ("Root", 2): root = String(parts[1])
            case ("Parent", 2): parent = String(parts[1])
            case ("Sampled", 2): isSampled = parts[1] == "1" ? true : parts[1] == "0" ? false : nil
            case ("Self", 2): break
            default: others.append(String(trimmed))
            }
        }
        guard let root, !root.isEmpty else { return nil }
        self.root = root
    }

    /// What the caller hands on: the same trace with a segment of its own.
    public func child(using random: some RandomSource, isSampled: Bool) -> TraceHeader {
        var child = self
        child.parent = Self.hexadecimal(random.nextUInt64(), digits: 16)
        child.isSampled = self.isSampled ?? isSampled
        return child
    }

    public var description: String {
        var fields = ["Root=\(root)"]
        if let parent { fields.append("Parent=\(parent)") }
        if let isSampled { fields.append("Sampled=\(isSampled ? 1 : 0)") }
        return (fields + others).joined(separator: ";")
    }

    private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
