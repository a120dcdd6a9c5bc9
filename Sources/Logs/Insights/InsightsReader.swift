import Core

/// The words of a query.
struct InsightsToken: Sendable {
    enum Kind: Equatable, Sendable {
        /// Names of commands, fields and functions, numbers and periods.
        case word
        /// A field's name in backquotes.
        case name
        case text
        case expression
        case symbol
    }

    var kind: Kind
    var text: String
    /// Bytes of the query.
    var range: Range<Int>

    func isWord(_ word: String) -> Bool { kind == .word && text.lowercased() == word }

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
}

/// Takes a query apart. Comments begin with `#` and end with the line.
struct InsightsReader {
    private let source: [UInt8]
    private var position = 0
    private var tokens: [InsightsToken] = []

    static func read(_ query: String) throws(FilterPatternError) -> [InsightsToken] {
        var reader = InsightsReader(source: Array(query.utf8))
        while reader.position < reader.source.count { try reader.next() }
        return reader.tokens
    }

    private init(source: [UInt8]) { self.source = source }

    private mutating func next() throws(FilterPatternError) {
        let start = position
        let byte = source[position]
        switch byte {
        case 0...0x20: position += 1
        case UInt8(ascii: "#"):
            while position < source.count, source[position] != 0x0A { position += 1 }
        case UInt8(ascii: "\""), UInt8(ascii: "'"): add(.text, try quoted(byte), start)
        case UInt8(ascii: "`"): add(.name, try quoted(byte), start)
        case UInt8(ascii: "/") where expectsExpression: add(.expression, try quoted(byte), start)
        case _ where Self.isWord(byte):
            while position < source.count, Self.isWord(source[position]) { position += 1 }
            add(.word, String(decoding: source[start..<position], as: UTF8.self), start)
        default:
            let pair = String(decoding: source[start..<min(start + 2, source.count)], as: UTF8.self)
            let isPair = ["!=", "<=", ">=", "=~", "=="].contains(pair)
            position += isPair ? 2 : 1
            add(.symbol, isPair ? pair : String(decoding: [byte], as: UTF8.self), start)
        }
    }

    private mutating func add(_ kind: InsightsToken.Kind, _ text: String, _ start: Int) {
        tokens.append(InsightsToken(kind: kind, text: text, range: start..<position))
    }

    private var expectsExpression: Bool {
        tokens.last.map { $0.isWord("like") || $0.isSymbol("=~") } ?? false
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
        default: byte == UInt8(ascii: "@") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
    }

    /// A backslash takes its meaning from the quote behind it, and in expressions keeps its own.
    private mutating func quoted(_ quote: UInt8) throws(FilterPatternError) -> String {
        position += 1
        var bytes: [UInt8] = []
        while position < source.count, source[position] != quote {
            if source[position] == UInt8(ascii: "\\"), position + 1 < source.count {
                let isQuote = source[position + 1] == quote
                let isBackslash = quote != UInt8(ascii: "/") && source[position + 1] == UInt8(ascii: "\\")
                if !isQuote, !isBackslash { bytes.append(source[position]) }
                position += 1
            }
            bytes.append(source[position])
            position += 1
        }
        guard position < source.count else {
            throw FilterPatternError("what begins with \(String(decoding: [quote], as: UTF8.self)) is not closed")
        }
        position += 1
        return String(decoding: bytes, as: UTF8.self)
    }
}
