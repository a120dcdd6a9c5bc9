import Core

/// Numbers in English words.
enum NumberWords {
    private static let few = [
        "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
        "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
    ]
    private static let ordinals = [
        "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth",
        "Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth",
        "Nineteenth",
    ]
    private static let decades = [
        "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred",
    ]
    private static let magnitudes = ["Thousand", "Million", "Billion", "Trillion"]

    static func text(of value: Double, isOrdinal: Bool) -> String { words(value, follows: false, isOrdinal) }

    /// - Parameter follows: larger units stand before.
    private static func words(_ value: Double, follows: Bool, _ isOrdinal: Bool) -> String {
        if value <= 19 {
            let word = (isOrdinal ? ordinals : few)[Int(value)]
            return follows ? " and " + word : word
        }
        if value < 100 { return tens(Int(value), follows, isOrdinal) }
        if value < 1000 {
            let rest = value.truncatingRemainder(dividingBy: 100)
            let start = (follows ? ", " : "") + few[Int(value / 100)] + " Hundred"
            if rest > 0 { return start + words(rest, follows: true, isOrdinal) }
            return start + (isOrdinal ? "th" : "")
        }
        let magnitude = min(Int(Power.log10(value) / 3), magnitudes.count)
        let factor = Power.raise(10, to: Double(magnitude * 3))
        let count = (value / factor).rounded(.down)
        let rest = value - count * factor
        let start = (follows ? ", " : "") + words(count, follows: false, false) + " " + magnitudes[magnitude - 1]
        if rest > 0 { return start + words(rest, follows: true, isOrdinal) }
        return start + (isOrdinal ? "th" : "")
    }

    private static func tens(_ value: Int, _ follows: Bool, _ isOrdinal: Bool) -> String {
        let decade = decades[value / 10 - 2]
        let start = follows ? " and " : ""
        if value % 10 > 0 { return start + decade + "-" + words(Double(value % 10), follows: false, isOrdinal) }
        return start + (isOrdinal ? decade.dropLast() + "ieth" : decade)
    }

    // MARK: Reading

    private static let values: [String: Double] = {
        var values: [String: Double] = ["hundredth": 100]
        for words in [few, ordinals] {
            for (value, word) in words.enumerated() { values[word.lowercased()] = Double(value) }
        }
        for (index, word) in decades.enumerated() {
            let value = Double((index + 2) * 10)
            values[word.lowercased()] = value
            values[word.lowercased().dropLast() + "ieth"] = value
        }
        for (index, word) in magnitudes.enumerated() {
            let value = Power.raise(10, to: Double((index + 1) * 3))
            values[word.lowercased()] = value
            values[word.lowercased() + "th"] = value
        }
        return values
    }()

    /// Longer words first, so that none hides behind its own beginning.
    static let pattern: String = {
        let words = values.keys.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
        return "(?:" + words.joined(separator: "|") + "|and|[\\-, ])+"
    }()

    /// - Parameter text: in lower case.
    static func value(of text: String) -> Double {
        var segments: [Double] = [0]
        for word in split(text) {
            guard let value = values[word] else { return .nan }
            var top = segments.removeLast()
            if value < 100 {
                if top >= 1000 {
                    segments.append(top)
                    top = 0
                }
                segments.append(top + value)
            } else {
                segments.append(top * value)
            }
        }
        return segments.reduce(0, +)
    }

    /// Words stand apart by blanks, hyphens, commas and `and`.
    private static func split(_ text: String) -> [String] {
        let words = text.split { $0 == " " || $0 == "-" || $0 == "\t" || $0 == "\n" || $0 == "\\" }
        return words.map { $0.hasSuffix(",") ? String($0.dropLast()) : String($0) }.filter { $0 != "and" }
    }
}

/// I, II, III, IV …
enum RomanNumber {
    private static let numerals: [(value: Int, text: String)] = [
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
        (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ]

    static func text(of value: Double) throws(JSONataError) -> String {
        // Each thousand is one more letter.
        guard value <= 10_000_000 else { throw JSONataError(code: "D1001", value: JSON(number: value)) }
        var rest = Int(value)
        var text = ""
        for numeral in numerals {
            text += String(repeating: numeral.text, count: rest / numeral.value)
            rest %= numeral.value
        }
        return text
    }

    /// - Parameter text: in upper case.
    static func value(of text: String) -> Double {
        let values: [Unicode.Scalar: Double] = ["M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1]
        var total = 0.0
        var largest = 1.0
        for scalar in text.unicodeScalars.reversed() {
            guard let value = values[scalar] else { return .nan }
            if value < largest {
                total -= value
            } else {
                largest = value
                total += value
            }
        }
        return total
    }
}

/// A, B, … Z, AA, AB …
enum LetterNumber {
    static func text(of value: Double, first: Unicode.Scalar) -> String {
        var letters: [UInt8] = []
        var rest = value
        while rest > 0 {
            let digit = (rest - 1).truncatingRemainder(dividingBy: 26)
            letters.append(UInt8(first.value) + UInt8(digit))
            rest = ((rest - 1) / 26).rounded(.down)
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }

    static func value(of text: String, first: Unicode.Scalar) -> Double {
        text.unicodeScalars.reduce(0) { $0 * 26 + Double($1.value) - Double(first.value) + 1 }
    }
}
