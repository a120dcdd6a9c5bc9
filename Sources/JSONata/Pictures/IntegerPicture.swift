import Core

/// The picture of `$formatInteger` and of numbers in dates: XPath's `format-integer` (Functions and Operators 3.1,
/// section 4.6).
struct IntegerPicture {
    enum Form {
        case decimal
        case letters
        case roman
        case words
        /// A numbering sequence that starts with this token; none is known.
        case sequence(String)
    }

    enum LetterCase {
        case upper
        case lower
        case title
    }

    struct Separator {
        /// Digits to its right.
        var position: Int
        var character: Unicode.Scalar
    }

    private(set) var form = Form.decimal
    private(set) var letterCase = LetterCase.lower
    private(set) var isOrdinal = false
    var mandatoryDigits = 0
    private(set) var optionalDigits = 0
    private(set) var zero: UInt32 = 0x30
    /// From right to left.
    private(set) var separators: [Separator] = []
    /// The interval when all separators are alike and equally far apart, else zero.
    private(set) var regularInterval = 0
    /// Exactly so many digits are read, because another number follows at once.
    var parseWidth: Int?

    init(_ picture: String) throws(JSONataError) {
        var primary = picture
        if let semicolon = picture.lastIndex(of: ";") {
            primary = String(picture[..<semicolon])
            isOrdinal = picture[picture.index(after: semicolon)...].first == "o"
        }
        switch primary {
        case "A": (form, letterCase) = (.letters, .upper)
        case "a": form = .letters
        case "I": (form, letterCase) = (.roman, .upper)
        case "i": form = .roman
        case "W": (form, letterCase) = (.words, .upper)
        case "Ww": (form, letterCase) = (.words, .title)
        case "w": form = .words
        default: try readDigits(primary)
        }
    }

    private mutating func readDigits(_ pattern: String) throws(JSONataError) {
        var zeroFound: UInt32?
        var position = 0
        for scalar in pattern.unicodeScalars.reversed() {
            if let group = DecimalDigits.zero(of: scalar) {
                if let zeroFound, zeroFound != group { throw JSONataError(code: "D3131") }
                zeroFound = group
                mandatoryDigits += 1
                position += 1
            } else if scalar == "#" {
                optionalDigits += 1
                position += 1
            } else {
                separators.append(Separator(position: position, character: scalar))
            }
        }
        guard let zeroFound else {
            form = .sequence(pattern)
            return
        }
        zero = zeroFound
        regularInterval = Self.interval(separators)
    }

    private static func interval(_ separators: [Separator]) -> Int {
        guard let first = separators.first, separators.allSatisfy({ $0.character == first.character }) else { return 0 }
        let positions = separators.map(\.position)
        let divisor = positions.dropFirst().reduce(first.position, greatestCommonDivisor)
        guard divisor > 0 else { return 0 }
        for multiple in 1...positions.count where !positions.contains(multiple * divisor) { return 0 }
        return divisor
    }

    // MARK: Formatting

    /// - Parameter value: a whole number.
    func format(_ value: Double) throws(JSONataError) -> String {
        guard value.isFinite else { throw JSONataError(code: "D1001", value: .double(value)) }
        let magnitude = value.magnitude
        let text: String
        switch form {
        case .letters: text = LetterNumber.text(of: magnitude, first: letterCase == .upper ? "A" : "a")
        case .roman:
            let roman = try RomanNumber.text(of: magnitude)
            text = letterCase == .upper ? roman.uppercased() : roman
        case .words:
            let words = NumberWords.text(of: magnitude, isOrdinal: isOrdinal)
            text = letterCase == .upper ? words.uppercased() : letterCase == .lower ? words.lowercased() : words
        case .decimal: text = decimal(magnitude)
        case .sequence(let token): throw JSONataError(code: "D3130", value: .string(token))
        }
        return value < 0 ? "-" + text : text
    }

    private func decimal(_ value: Double) -> String {
        if separators.isEmpty, zero == 0x30, !isOrdinal, value < 1e15 {
            let digits = String(Int(value))
            let missing = mandatoryDigits - digits.utf8.count
            return missing > 0 ? String(repeating: "0", count: missing) + digits : digits
        }
        var digits = Array(NumberText.text(of: value).unicodeScalars)
        if digits.count < mandatoryDigits {
            digits = [Unicode.Scalar](repeating: "0", count: mandatoryDigits - digits.count) + digits
        }
        let last = digits.last
        let isTeen = digits.count > 1 && digits[digits.count - 2] == "1"
        if zero != 0x30 { digits = digits.map { Unicode.Scalar($0.value &+ zero &- 0x30) ?? $0 } }
        insertSeparators(into: &digits)
        var text = String(String.UnicodeScalarView(digits))
        if isOrdinal { text += Self.ordinalSuffix(last, isTeen: isTeen) }
        return text
    }

    private func insertSeparators(into digits: inout [Unicode.Scalar]) {
        guard let first = separators.first else { return }
        if regularInterval > 0 {
            var place = digits.count - regularInterval
            while place > 0 {
                digits.insert(first.character, at: place)
                place -= regularInterval
            }
            return
        }
        // From the left, so that what was inserted does not count for the places to come.
        for separator in separators.reversed() {
            let place = digits.count - separator.position
            if place > 0 { digits.insert(separator.character, at: place) }
        }
    }

    private static func ordinalSuffix(_ last: Unicode.Scalar?, isTeen: Bool) -> String {
        if isTeen { return "th" }
        switch last {
        case "1": return "st"
        case "2": return "nd"
        case "3": return "rd"
        default: return "th"
        }
    }

    // MARK: Parsing

    /// The number; not a number when the text is none.
    func parse(_ text: String) throws(JSONataError) -> Double? {
        switch form {
        case .letters: return LetterNumber.value(of: text, first: letterCase == .upper ? "A" : "a")
        case .roman: return RomanNumber.value(of: letterCase == .upper ? text : text.uppercased())
        case .words: return NumberWords.value(of: text.lowercased())
        case .decimal: return parseDecimal(text)
        case .sequence(let token): throw JSONataError(code: "D3130", value: .string(token))
        }
    }

    private func parseDecimal(_ text: String) -> Double {
        var scalars = Array(text.unicodeScalars)
        if isOrdinal { scalars.removeLast(min(2, scalars.count)) }
        let passedOver = regularInterval > 0 ? [","] : separators.map(\.character)
        scalars.removeAll { passedOver.contains($0) }
        if zero != 0x30 {
            scalars = scalars.map { $0.value >= zero ? Unicode.Scalar($0.value - zero + 0x30) ?? $0 : $0 }
        }
        return LeadingInteger.value(of: String(String.UnicodeScalarView(scalars)))
    }

    /// A regular expression for numbers of this form.
    func pattern() throws(JSONataError) -> String {
        switch form {
        case .letters: return letterCase == .upper ? "[A-Z]+" : "[a-z]+"
        case .roman: return letterCase == .upper ? "[MDCLXVI]+" : "[mdclxvi]+"
        case .words: return NumberWords.pattern
        case .decimal:
            let count = parseWidth.map { "{\($0)}" } ?? "+"
            return "[0-9]" + count + (isOrdinal ? "(?:th|st|nd|rd)" : "")
        case .sequence(let token): throw JSONataError(code: "D3130", value: .string(token))
        }
    }
}

/// Families of decimal digits.
enum DecimalDigits {
    private static let zeros: [UInt32] = [
        0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
        0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
        0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    ]

    /// The zero of the digit's family; nil when it is no digit.
    static func zero(of scalar: Unicode.Scalar) -> UInt32? {
        zeros.first { scalar.value >= $0 && scalar.value <= $0 + 9 }
    }
}

/// The integer that a text starts with, as JavaScript's `parseInt` reads it.
enum LeadingInteger {
    static func value(of text: String) -> Double {
        var rest = text.unicodeScalars.drop { $0.properties.isWhitespace }
        var isNegative = false
        if let sign = rest.first, sign == "-" || sign == "+" {
            isNegative = sign == "-"
            rest = rest.dropFirst()
        }
        let digits = rest.prefix { $0.value >= 0x30 && $0.value <= 0x39 }
        guard !digits.isEmpty, let value = Double(String(digits)) else { return .nan }
        return isNegative ? -value : value
    }
}
