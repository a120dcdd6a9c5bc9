import Core

/// The request on which policies are tried: who does what to what, and what is known besides.
struct SimulatedRequest {
    var action: String
    var resource: String
    /// The ARN of who asks, for policies that name their principals.
    var caller: String?
    /// By the keys in small letters.
    var context: [String: [String]]

    func values(_ key: String) -> [String]? { context[key.lowercased()] }

    /// The text with its variables filled in, such as `${aws:username}`; nil when one has no value.
    func filled(_ text: String) -> String? {
        var result = ""
        var rest = text[...]
        while let start = rest.ranges(of: "${").first {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            let name = rest[start.upperBound..<end]
            guard let value = value(of: name) else { return nil }
            result += value
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func value(of variable: Substring) -> String? {
        // These are the characters themselves. A pattern has no other way to write them than in brackets of their own.
        if ["*", "?", "$"].contains(variable) { return String(variable) }
        let parts = variable.split(separator: ",", maxSplits: 1).map { $0.drop { $0 == " " } }
        guard let name = parts.first else { return nil }
        if let values = values(String(name)), values.count == 1 { return values[0] }
        guard parts.count == 2, parts[1].hasPrefix("'"), parts[1].hasSuffix("'"), parts[1].utf8.count > 1 else {
            return nil
        }
        return String(parts[1].dropFirst().dropLast())
    }

    /// The keys of the variables in a text.
    static func variables(in text: String) -> [String] {
        text.split(separator: "${").dropFirst().compactMap { part in
            guard let end = part.firstIndex(of: "}") else { return nil }
            let name = part[..<end].prefix { $0 != "," }
            return ["*", "?", "$"].contains(name) ? nil : String(name)
        }
    }
}
