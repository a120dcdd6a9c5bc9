import Core

/// Says what is wrong with a text that is not JSON, in the words of the parser that AWS uses (Jackson).
public struct JSONSyntaxReport: Sendable, Hashable {
    /// Without the place: `Unexpected character ('}' (code 125)): was expecting double-quote to start field name`.
    public let message: String
    /// `[Source: (String)"…"; line: 1, column: 4]`
    public let source: String

    /// Nil when the text is JSON.
    ///
    /// - Parameter isRedacted: as newer versions of that parser have it: the text is not repeated, and columns are those of
    ///   the characters themselves.
    public init?(_ text: String, isRedacted: Bool = false) {
        var reader = JacksonReader(Array(text.unicodeScalars), isRedacted: isRedacted)
        guard let mistake = reader.firstMistake() else { return nil }
        message = mistake
        source = reader.sourceText
    }
}

/// Reads JSON only to find its first mistake; containers are kept on a list, so that depth costs no stack.
private struct JacksonReader {
    private static let anyValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    private static let shownCharacters = 500

    private let text: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var lineStart = 0
    /// The containers that are open, each with the place where it begins.
    private var open: [(isObject: Bool, line: Int, column: Int)] = []

    private let isRedacted: Bool
    /// Whether the last character that was read is the mistake, not what comes after it.
    private var isAtCharacter = false

    init(_ text: [Unicode.Scalar], isRedacted: Bool) {
        self.text = text
        self.isRedacted = isRedacted
    }

    var sourceText: String {
        sourceText(line: line, column: position - lineStart + (isRedacted && isAtCharacter ? 0 : 1))
    }

    private func sourceText(line: Int, column: Int) -> String {
        if isRedacted {
            return "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: \(line), "
                + "column: \(column)]"
        }
        let shown = text.prefix(Self.shownCharacters).reduce(into: "") { $0.unicodeScalars.append($1) }
        let left = text.count - Self.shownCharacters
        let truncated = left > 0 ? "[truncated \(left) chars]" : ""
        return "[Source: (String)\"\(shown)\"\(truncated); line: \(line), column: \(column)]"
    }

    // MARK: Structure

    mutating func firstMistake() -> String? {
        let mistake = findMistake()
        isAtCharacter = mistake?.hasPrefix("Unexpected character") == true
        return mistake
    }

    private mutating func findMistake() -> String? {
        if let mistake = readValue() { return mistake }
        while let container = open.last {
            if let mistake = container.isObject ? readNextMember() : readNextElement() { return mistake }
        }
        skipSpace()
        guard let extra = next() else { return nil }
        return unexpected(extra, "was expecting end-of-input")
    }

    /// Reads a scalar whole, or the opening of a container.
    private mutating func readValue() -> String? {
        skipSpace()
        guard let character = peek() else { return "No content to map due to end-of-input" }
        switch character {
        case "{", "[":
            position += 1
            guard open.count < 1000 else {
                return "Document nesting depth (1001) exceeds the maximum allowed (1000)"
            }
            open.append((character == "{", line, position - lineStart))
            return readFirst()
        case "\"":
            position += 1
            return readString()
        case "-", "0"..."9": return readNumber()
        default: return readToken()
        }
    }

    private mutating func readFirst() -> String? {
        guard let container = open.last else { return nil }
        skipSpace()
        if peek() == (container.isObject ? "}" : "]") {
            position += 1
            open.removeLast()
            return nil
        }
        return container.isObject ? readMember() : readElement()
    }

    private mutating func readElement() -> String? {
        skipSpace()
        guard peek() != nil else { return endOfInput() }
        if let character = peek(), character == "]" || character == "}" || character == "," || character == ":" {
            position += 1
            return unexpected(character, "expected a valid value \(Self.anyValue)")
        }
        return readValue()
    }

    private mutating func readMember() -> String? {
        skipSpace()
        guard let quote = next() else { return endOfInput() }
        guard quote == "\"" else { return unexpected(quote, "was expecting double-quote to start field name") }
        if let mistake = readString() { return mistake }
        skipSpace()
        guard let colon = next() else { return endOfInput() }
        guard colon == ":" else { return unexpected(colon, "was expecting a colon to separate field name and value") }
        return readElement()
    }

    private mutating func readNextMember() -> String? { readNext("}", "Object") { $0.readMember() } }

    private mutating func readNextElement() -> String? { readNext("]", "Array") { $0.readElement() } }

    private mutating func readNext(
        _ end: Unicode.Scalar, _ kind: String, _ read: (inout JacksonReader) -> String?
    ) -> String? {
        skipSpace()
        guard let separator = next() else { return endOfInput() }
        if separator == end {
            open.removeLast()
            return nil
        }
        if separator == "}" || separator == "]" {
            return "Unexpected close marker '\(separator)': expected '\(end)' (for \(kind) starting at "
                + "\(open.last.map { sourceText(line: $0.line, column: $0.column) } ?? ""))"
        }
        guard separator == "," else { return unexpected(separator, "was expecting comma to separate \(kind) entries") }
        return read(&self)
    }

    // MARK: Scalars

    private mutating func readToken() -> String? {
        let start = position
        while let character = peek(),
            character.properties.isAlphabetic || character.value < 0x80 && Self.isWord(character)
        {
            position += 1
        }
        let token = text[start..<position].prefix(256).reduce(into: "") { $0.unicodeScalars.append($1) }
        if token == "true" || token == "false" || token == "null" { return nil }
        guard token.isEmpty else { return "Unrecognized token '\(token)': was expecting \(Self.anyValue)" }
        guard let character = next() else { return endOfInput() }
        return unexpected(character, "expected a valid value \(Self.anyValue)")
    }

    private static func isWord(_ character: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(character) || character == "_" || character == "$"
    }

    private mutating func readNumber() -> String? {
        if peek() == "-" { position += 1 }
        guard let first = peek(), ("0"..."9").contains(first) else {
            return peek().map { unexpected($0, "expected digit (0-9) to follow minus sign, for valid numeric value") }
                ?? endOfInput()
        }
        position += 1
        if first == "0", let second = peek(), ("0"..."9").contains(second) {
            return "Invalid numeric value: Leading zeroes not allowed"
        }
        skipDigits()
        if peek() == "." {
            position += 1
            guard skipDigits() else { return digitMissing("decimal point") }
        }
        if peek() == "e" || peek() == "E" {
            position += 1
            if peek() == "+" || peek() == "-" { position += 1 }
            guard skipDigits() else { return digitMissing("exponent indicator") }
        }
        return nil
    }

    private mutating func digitMissing(_ place: String) -> String {
        guard let character = next() else { return endOfInput() }
        return unexpected(character, "Decimal digit must follow the \(place)")
    }

    @discardableResult private mutating func skipDigits() -> Bool {
        let start = position
        while let character = peek(), ("0"..."9").contains(character) { position += 1 }
        return position > start
    }

    private mutating func readString() -> String? {
        while let character = next() {
            switch character {
            case "\"": return nil
            case "\\": if let mistake = readEscape() { return mistake }
            case let control where control.value < 0x20:
                return "Illegal unquoted character ((CTRL-CHAR, code \(control.value))): has to be escaped using "
                    + "backslash to be included in string value"
            default: continue
            }
        }
        return "Unexpected end-of-input: was expecting closing quote for a string value"
    }

    private mutating func readEscape() -> String? {
        guard let escape = next() else { return "Unexpected end-of-input in character escape sequence" }
        switch escape {
        case "\"", "\\", "/", "b", "f", "n", "r", "t": return nil
        case "u":
            for _ in 0..<4 {
                guard let digit = next() else { return "Unexpected end-of-input in character escape sequence" }
                guard digit.properties.isASCIIHexDigit else {
                    return unexpected(digit, "expected a hex-digit for character escape sequence")
                }
            }
            return nil
        default: return "Unrecognized character escape \(Self.shown(escape))"
        }
    }

    // MARK: Pieces

    private func peek() -> Unicode.Scalar? { position < text.count ? text[position] : nil }

    private mutating func next() -> Unicode.Scalar? {
        guard position < text.count else { return nil }
        position += 1
        return text[position - 1]
    }

    private mutating func skipSpace() {
        while let character = peek() {
            guard character == " " || character == "\t" || character == "\r" || character == "\n" else { return }
            position += 1
            if character == "\n" {
                line += 1
                lineStart = position
            }
        }
    }

    private func unexpected(_ character: Unicode.Scalar, _ expectation: String) -> String {
        "Unexpected character (\(Self.shown(character))): \(expectation)"
    }

    private static func shown(_ character: Unicode.Scalar) -> String {
        character.value < 0x20
            ? "(CTRL-CHAR, code \(character.value))" : "'\(character)' (code \(character.value))"
    }

    private func endOfInput() -> String {
        guard let container = open.last else { return "Unexpected end-of-input" }
        let kind = container.isObject ? "Object" : "Array"
        return "Unexpected end-of-input: expected close marker for \(kind) (start marker at "
            + "\(sourceText(line: container.line, column: container.column)))"
    }
}
