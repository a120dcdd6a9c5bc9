/// Cuts the source into tokens on demand: only the parser knows whether a slash divides or opens a regular expression.
struct Tokenizer {
    private let units: [UInt16]
    private(set) var position = 0

    init(_ source: String) { units = Array(source.utf16) }

    var length: Int { units.count }

    /// The next token. A slash after an operand divides; elsewhere it opens a regular expression.
    mutating func next(afterOperand: Bool) throws(JSONataError) -> Token {
        try skipBlank()
        guard position < units.count else { return Token(kind: .end, position: units.count) }
        let unit = units[position]
        if unit == "/", !afterOperand { return try scanRegex() }
        if let symbol = takeSymbol() { return Token(kind: .symbol(symbol), position: position) }
        switch unit {
        case "\"", "'": return try scanString(quote: unit)
        case "0"..."9": return try scanNumber()
        case "`": return try scanQuotedName()
        default: return scanWord()
        }
    }

    private func unit(at index: Int) -> UInt16 { index < units.count ? units[index] : 0 }

    private func text(_ range: Range<Int>) -> String { String(decoding: units[range], as: UTF16.self) }

    private mutating func skipBlank() throws(JSONataError) {
        while position < units.count {
            if Self.isBlank(units[position]) {
                position += 1
            } else if units[position] == "/", unit(at: position + 1) == "*" {
                try skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() throws(JSONataError) {
        let start = position
        position += 2
        while !(unit(at: position) == "*" && unit(at: position + 1) == "/") {
            position += 1
            if position >= units.count { throw JSONataError(code: "S0106", position: start) }
        }
        position += 2
    }

    private static func isBlank(_ unit: UInt16) -> Bool {
        unit == " " || (unit >= 0x09 && unit <= 0x0D && unit != 0x0C)
    }

    // MARK: Symbols

    private mutating func takeSymbol() -> Symbol? {
        if let symbol = Self.doubleSymbol(unit(at: position), unit(at: position + 1)) {
            position += 2
            return symbol
        }
        guard let symbol = Self.singleSymbol(units[position]) else { return nil }
        position += 1
        return symbol
    }

    private static func doubleSymbol(_ first: UInt16, _ second: UInt16) -> Symbol? {
        switch (first, second) {
        case (".", "."): .range
        case (":", "="): .bind
        case ("!", "="): .notEqual
        case (">", "="): .greaterOrEqual
        case ("<", "="): .lessOrEqual
        case ("*", "*"): .doubleStar
        case ("~", ">"): .apply
        case ("?", ":"): .elvis
        case ("?", "?"): .coalesce
        default: nil
        }
    }

    private static func singleSymbol(_ unit: UInt16) -> Symbol? {
        guard unit < 0x80, let scalar = Unicode.Scalar(unit) else { return nil }
        switch scalar {
        case ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<",
            ">", "^", "&", "!", "~":
            return Symbol(rawValue: String(scalar))
        default: return nil
        }
    }

    // MARK: Literals

    private mutating func scanString(quote: UInt16) throws(JSONataError) -> Token {
        position += 1
        var content: [UInt16] = []
        while position < units.count {
            let unit = units[position]
            if unit == "\\" {
                try scanEscape(into: &content)
            } else if unit == quote {
                position += 1
                return Token(kind: .string(String(decoding: content, as: UTF16.self)), position: position)
            } else {
                content.append(unit)
            }
            position += 1
        }
        throw JSONataError(code: "S0101", position: position)
    }

    private mutating func scanEscape(into content: inout [UInt16]) throws(JSONataError) {
        position += 1
        let unit = self.unit(at: position)
        switch unit {
        case "\"", "\\", "/": content.append(unit)
        case "b": content.append(0x08)
        case "f": content.append(0x0C)
        case "n": content.append(0x0A)
        case "r": content.append(0x0D)
        case "t": content.append(0x09)
        case "u":
            guard let value = hexadecimal(position + 1) else { throw JSONataError(code: "S0104", position: position) }
            content.append(value)
            position += 4
        default:
            let token = position < units.count ? text(position..<position + 1) : ""
            throw JSONataError(code: "S0103", position: position, token: token)
        }
    }

    private func hexadecimal(_ start: Int) -> UInt16? {
        guard start + 4 <= units.count else { return nil }
        var value: UInt16 = 0
        for unit in units[start..<start + 4] {
            guard let scalar = Unicode.Scalar(unit), let digit = Character(scalar).hexDigitValue, unit < 0x80 else {
                return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    private mutating func scanNumber() throws(JSONataError) -> Token {
        let start = position
        var end = units[position] == "0" ? position + 1 : endOfDigits(position)
        if unit(at: end) == "." {
            let fractionEnd = endOfDigits(end + 1)
            if fractionEnd > end + 1 { end = fractionEnd }
        }
        if unit(at: end) | 0x20 == "e" {
            let sign = unit(at: end + 1)
            let digits = sign == "+" || sign == "-" ? end + 2 : end + 1
            let exponentEnd = endOfDigits(digits)
            if exponentEnd > digits { end = exponentEnd }
        }
        let written = text(start..<end)
        guard let value = Double(written), value.isFinite else {
            throw JSONataError(code: "S0102", position: start, token: written)
        }
        position = end
        return Token(kind: .number(value), position: end)
    }

    private func endOfDigits(_ start: Int) -> Int {
        var end = start
        while end < units.count, isDigit(units[end]) { end += 1 }
        return end
    }

    private mutating func scanQuotedName() throws(JSONataError) -> Token {
        let start = position + 1
        guard let end = units[start...].firstIndex(where: { $0 == "`" }) else {
            position = units.count
            throw JSONataError(code: "S0105", position: position)
        }
        position = end + 1
        return Token(kind: .name(text(start..<end)), position: position)
    }

    private mutating func scanWord() -> Token {
        let start = position
        while position < units.count, !Self.isBlank(units[position]), Self.singleSymbol(units[position]) == nil {
            position += 1
        }
        if units[start] == "$" { return Token(kind: .variable(text(start + 1..<position)), position: position) }
        let word = text(start..<position)
        return Token(kind: Self.keyword(word) ?? .name(word), position: position)
    }

    private static func keyword(_ word: String) -> Token.Kind? {
        switch word {
        case "or": .symbol(.or)
        case "in": .symbol(.in)
        case "and": .symbol(.and)
        case "true": .constant(true)
        case "false": .constant(false)
        case "null": .constant(nil)
        default: nil
        }
    }

    // MARK: Regular expressions

    /// The closing slash is the first one that is neither escaped nor inside brackets.
    private mutating func scanRegex() throws(JSONataError) -> Token {
        position += 1
        let start = position
        var nesting = 0
        while position < units.count {
            let unit = units[position]
            if unit == "/", nesting == 0, !isEscaped(position) { return try finishRegex(from: start) }
            if !(units[position - 1] == "\\") {
                if unit == "(" || unit == "[" || unit == "{" { nesting += 1 }
                if unit == ")" || unit == "]" || unit == "}" { nesting -= 1 }
            }
            position += 1
        }
        throw JSONataError(code: "S0302", position: position)
    }

    private func isEscaped(_ index: Int) -> Bool {
        var backslashes = 0
        while backslashes < index, units[index - backslashes - 1] == "\\" { backslashes += 1 }
        return backslashes % 2 == 1
    }

    private mutating func finishRegex(from start: Int) throws(JSONataError) -> Token {
        guard position > start else { throw JSONataError(code: "S0301", position: position) }
        let pattern = text(start..<position)
        position += 1
        let flagStart = position
        while unit(at: position) == "i" || unit(at: position) == "m" { position += 1 }
        return Token(kind: .regex(pattern: pattern, flags: text(flagStart..<position)), position: position)
    }
}
