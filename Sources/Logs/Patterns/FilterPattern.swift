import Core

/// A filter pattern of CloudWatch Logs: which log lines are meant.
///
/// The language has three forms. *Terms* look for text anywhere in the line: `ERROR "out of memory" -debug`,
/// `?WARN ?ERROR`, `%40[0-9]%`. A *JSON pattern* in braces tests members of a line that is a JSON object:
/// `{ $.status >= 500 && $.path = "/api/*" }`. A *space-delimited pattern* in brackets names the fields of a line and
/// tests some of them: `[ip, ..., status = 5*, bytes > 1000]`. The empty pattern means every line.
public struct FilterPattern: Sendable {
    enum Form: Sendable {
        case everything
        case terms(TermPattern)
        case json(JSONCondition)
        case fields(FieldPattern)
    }

    /// AWS bounds a pattern at 1,024 characters.
    public static let maximumLength = 1024

    public let source: String
    let form: Form

    public init(_ source: String) throws(FilterPatternError) {
        guard source.unicodeScalars.count <= Self.maximumLength else {
            throw FilterPatternError("a filter pattern has at most \(Self.maximumLength) characters")
        }
        self.source = source
        var reader = PatternReader(source)
        reader.skipSpace()
        switch reader.peek {
        case nil: form = .everything
        case UInt8(ascii: "{"): form = .json(try JSONCondition.parse(&reader))
        case UInt8(ascii: "["): form = try FieldPattern.parse(&reader).map(Form.fields) ?? .everything
        default: form = .terms(try TermPattern.parse(&reader))
        }
    }

    /// Every line.
    public static let everything = FilterPattern()

    private init() {
        source = ""
        form = .everything
    }

    public var matchesEverything: Bool { if case .everything = form { true } else { false } }

    /// What the pattern names in a line that it matches: members by their selectors, fields by their names behind `$`.
    public func values(in message: String) -> [(name: String, value: String)] {
        switch form {
        case .everything, .terms: return []
        case .json(let condition):
            guard let json = try? JSON(parsing: message) else { return [] }
            return condition.paths.compactMap { path in
                path.values(in: json).first.map { (path.text, $0.stringValue ?? $0.text()) }
            }
        case .fields(let pattern): return pattern.values(in: Array(message.utf8))
        }
    }

    public func matches(_ message: String) -> Bool {
        switch form {
        case .everything: return true
        case .terms(let terms): return terms.matches(Array(message.utf8))
        case .json(let condition):
            guard let json = try? JSON(parsing: message), case .object = json else { return false }
            return condition.isTrue(of: json)
        case .fields(let pattern): return pattern.matches(Array(message.utf8))
        }
    }
}

/// Why a text is no filter pattern.
public struct FilterPatternError: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    public var description: String { "Invalid filter pattern: \(reason)." }
}
