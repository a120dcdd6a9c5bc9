/// A Lambda runtime's name, understood.
public enum RuntimeIdentifier: Hashable, Sendable {
    /// A `bootstrap` of the function's own: `provided`, `provided.al2`, `provided.al2023`.
    case provided
    /// `python3.<minor>`
    case python(minor: Int)
    /// `nodejs<major>.x`
    case node(major: Int)
    /// Any executable: one process an invocation, the event on its standard input. Not one of Lambda's.
    case exec

    public init(_ text: String) throws(FunctionError) {
        switch text {
        case "provided", "provided.al2", "provided.al2023": self = .provided
        case "exec": self = .exec
        default:
            if let minor = Self.number(in: text, after: "python3.", before: ""), minor < 100 {
                self = .python(minor: minor)
            } else if let major = Self.number(in: text, after: "nodejs", before: ".x"), major < 1000 {
                self = .node(major: major)
            } else {
                throw Self.error(for: text)
            }
        }
    }

    private static func number(in text: String, after prefix: String, before suffix: String) -> Int? {
        guard text.hasPrefix(prefix), text.hasSuffix(suffix), text.utf8.count > prefix.utf8.count + suffix.utf8.count
        else { return nil }
        let digits = text.dropFirst(prefix.count).dropLast(suffix.count)
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(digits)
    }

    private static func error(for text: String) -> FunctionError {
        let families = ["java", "dotnet", "ruby", "go1.x", "python2.7", "nodejs"]
        if families.contains(where: text.hasPrefix) {
            return FunctionError(
                .unsupportedRuntime,
                "Runtime \"\(text)\" is a Lambda runtime that this host does not run: "
                    + "bring a bootstrap and use provided.al2023, or use exec for an executable")
        }
        return FunctionError(
            .unknownRuntime,
            "Runtime \"\(text)\" is not known: use python3.<n>, nodejs<n>.x, provided.al2023, provided.al2, provided "
                + "or exec")
    }
}
