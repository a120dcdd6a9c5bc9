import Core

/// The picture of `$formatNumber`: XPath's `format-number` (Functions and Operators 3.1, section 4.7).
struct NumberPicture {
    /// Text is handled by scalars, since every character that matters is one.
    private typealias Text = [Unicode.Scalar]

    /// One half of the picture: for positive numbers, or for negative ones.
    private struct Part {
        var prefix: Text
        var suffix: Text
        var whole: Text
        var active: Text
        var mantissa: Text
        var integer: Text
        var fraction: Text
        var exponent: Text?

        // What the analysis finds.
        var integerGroups: [Int] = []
        var regularGroup = 0
        var fractionGroups: [Int] = []
        var minimumInteger = 0
        var scaling = 0
        var minimumFraction = 0
        var maximumFraction = 0
        var minimumExponent = 0
    }

    private let symbols: Symbols
    private var positive: Part
    private var negative: Part

    /// The characters that options may replace.
    private struct Symbols {
        var decimal: Text = ["."]
        var grouping: Text = [","]
        var exponent: Text = ["e"]
        var minus: Text = ["-"]
        var percent: Text = ["%"]
        var perMille: Text = ["\u{2030}"]
        var zero: Unicode.Scalar = "0"
        var digit: Text = ["#"]
        var separator: Text = [";"]

        init(_ options: JSONObject?) {
            for member in options ?? JSONObject() {
                guard case .string(let text) = member.value else { continue }
                let value = Text(text.unicodeScalars)
                switch member.key {
                case "decimal-separator": decimal = value
                case "grouping-separator": grouping = value
                case "exponent-separator": exponent = value
                case "minus-sign": minus = value
                case "percent": percent = value
                case "per-mille": perMille = value
                case "zero-digit": zero = value.first ?? zero
                case "digit": digit = value
                case "pattern-separator": separator = value
                default: continue
                }
            }
        }

        func isDecimalDigit(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value >= zero.value && scalar.value < zero.value + 10
        }

        func isDigit(_ scalar: Unicode.Scalar) -> Bool { isDecimalDigit(scalar) || [scalar] == digit }

        func isActive(_ scalar: Unicode.Scalar) -> Bool {
            isDigit(scalar) || [scalar] == decimal || [scalar] == exponent || [scalar] == grouping
                || [scalar] == separator
        }
    }

    init(_ picture: String, options: JSONObject?) throws(JSONataError) {
        symbols = Symbols(options)
        let halves = Self.split(Text(picture.unicodeScalars), by: symbols.separator)
        guard halves.count <= 2 else { throw JSONataError(code: "D3080") }
        positive = try Self.analyse(halves[0], symbols)
        if halves.count == 2 {
            negative = try Self.analyse(halves[1], symbols)
        } else {
            negative = positive
            negative.prefix = symbols.minus + negative.prefix
        }
    }

    private static func split(_ text: Text, by separator: Text) -> [Text] {
        guard !separator.isEmpty else { return [text] }
        var parts: [Text] = []
        var start = 0
        while let found = text.index(of: separator, from: start) {
            parts.append(Text(text[start..<found]))
            start = found + separator.count
        }
        return parts + [Text(text[start...])]
    }

    // MARK: Analysis

    private static func analyse(_ whole: Text, _ symbols: Symbols) throws(JSONataError) -> Part {
        var part = cut(whole, symbols)
        if let code = fault(part, symbols) { throw JSONataError(code: code) }
        part.integerGroups = groups(part.integer, part, symbols, fromRight: true)
        part.regularGroup = regularInterval(part.integerGroups)
        part.fractionGroups = groups(part.fraction, part, symbols, fromRight: false)
        part.minimumInteger = part.integer.count(where: symbols.isDecimalDigit)
        part.scaling = part.minimumInteger
        part.minimumFraction = part.fraction.count(where: symbols.isDecimalDigit)
        part.maximumFraction = part.fraction.count(where: symbols.isDigit)
        if part.minimumInteger == 0, part.maximumFraction == 0 {
            if part.exponent != nil {
                part.minimumFraction = 1
                part.maximumFraction = 1
            } else {
                part.minimumInteger = 1
            }
        }
        if part.exponent != nil, part.minimumInteger == 0, part.integer.index(of: symbols.digit) != nil {
            part.minimumInteger = 1
        }
        if part.minimumInteger == 0, part.minimumFraction == 0 { part.minimumFraction = 1 }
        part.minimumExponent = part.exponent?.count(where: symbols.isDecimalDigit) ?? 0
        return part
    }

    private static func cut(_ whole: Text, _ symbols: Symbols) -> Part {
        let isBody: (Unicode.Scalar) -> Bool = { symbols.isActive($0) && [$0] != symbols.exponent }
        let start = whole.firstIndex(where: isBody) ?? 0
        let end = whole.lastIndex(where: isBody).map { $0 + 1 } ?? whole.count
        let active = Text(whole[start..<max(start, end)])
        var mantissa = active
        var exponent: Text?
        if let found = active.index(of: symbols.exponent) {
            mantissa = Text(active[..<found])
            exponent = Text(active[(found + symbols.exponent.count)...])
        }
        let point = mantissa.index(of: symbols.decimal)
        return Part(
            prefix: Text(whole[..<start]), suffix: Text(whole[max(start, end)...]), whole: whole, active: active,
            mantissa: mantissa, integer: point.map { Text(mantissa[..<$0]) } ?? mantissa,
            fraction: point.map { Text(mantissa[($0 + symbols.decimal.count)...]) } ?? [], exponent: exponent)
    }

    /// The last rule that the picture breaks, which is the one that the reference reports.
    private static func fault(_ part: Part, _ symbols: Symbols) -> String? {
        let whole = part.whole
        var code: String?
        let point = whole.index(of: symbols.decimal)
        if whole.occurrences(of: symbols.decimal) > 1 { code = "D3081" }
        let percents = whole.occurrences(of: symbols.percent)
        let perMilles = whole.occurrences(of: symbols.perMille)
        if percents > 1 { code = "D3082" }
        if perMilles > 1 { code = "D3083" }
        if percents > 0, perMilles > 0 { code = "D3084" }
        if !part.mantissa.contains(where: symbols.isDigit) { code = "D3085" }
        if part.active.contains(where: { !symbols.isActive($0) }) { code = "D3086" }
        if let point {
            let isGroup: (Int) -> Bool = { whole.indices.contains($0) && [whole[$0]] == symbols.grouping }
            if isGroup(point - 1) || isGroup(point + 1) { code = "D3087" }
        } else if part.integer.last.map({ [$0] == symbols.grouping }) ?? false {
            code = "D3088"
        }
        if whole.index(of: symbols.grouping + symbols.grouping) != nil { code = "D3089" }
        if let first = part.integer.index(of: symbols.digit),
            part.integer[..<first].contains(where: symbols.isDecimalDigit)
        {
            code = "D3090"
        }
        if let last = part.fraction.lastIndex(where: { [$0] == symbols.digit }),
            part.fraction[last...].contains(where: symbols.isDecimalDigit)
        {
            code = "D3091"
        }
        if let exponent = part.exponent {
            if !exponent.isEmpty, percents + perMilles > 0 { code = "D3092" }
            if exponent.isEmpty || !exponent.allSatisfy(symbols.isDecimalDigit) { code = "D3093" }
        }
        return code
    }

    /// Digits to the right (or left) of each grouping separator.
    private static func groups(_ text: Text, _ part: Part, _ symbols: Symbols, fromRight: Bool) -> [Int] {
        var positions: [Int] = []
        var next = text.index(of: symbols.grouping)
        while let found = next, found < text.count {
            let side = fromRight ? text[found...] : text[..<found]
            positions.append(side.count(where: symbols.isDigit))
            next = text.index(of: symbols.grouping, from: found + 1)
        }
        return positions
    }

    /// The interval when all separators are equally far apart, else zero.
    private static func regularInterval(_ positions: [Int]) -> Int {
        guard let first = positions.first else { return 0 }
        let divisor = positions.dropFirst().reduce(first, greatestCommonDivisor)
        guard divisor > 0 else { return 0 }
        for multiple in 1...positions.count where !positions.contains(multiple * divisor) { return 0 }
        return divisor
    }

    // MARK: Formatting

    func format(_ value: Double) throws(JSONataError) -> String {
        let part = value >= 0 ? positive : negative
        var number = value
        if part.whole.index(of: symbols.percent) != nil {
            number *= 100
        } else if part.whole.index(of: symbols.perMille) != nil {
            number *= 1000
        }
        guard number.isFinite else { throw JSONataError(code: "D1001", value: .double(value)) }
        var exponent: Int?
        if part.minimumExponent > 0 { (number, exponent) = Self.normalize(number, scaling: part.scaling) }
        number = Numbers.round(number, precision: part.maximumFraction)
        var digits = digits(number.magnitude, part)
        group(&digits.integer, &digits.fraction, part)
        var text = part.prefix + digits.integer
        if !digits.fraction.isEmpty { text += symbols.decimal + digits.fraction }
        if let exponent { text += self.exponent(exponent, part) }
        return String(String.UnicodeScalarView(text + part.suffix))
    }

    private static func normalize(_ value: Double, scaling: Int) -> (Double, Int) {
        let most = Power.raise(10, to: Double(scaling))
        let least = Power.raise(10, to: Double(scaling - 1))
        var mantissa = value
        var exponent = 0
        guard mantissa != 0 else { return (0, 0) }
        while mantissa.magnitude < least {
            mantissa *= 10
            exponent -= 1
        }
        while mantissa.magnitude > most {
            mantissa /= 10
            exponent += 1
        }
        return (mantissa, exponent)
    }

    /// The digits before and behind the point, padded to their least numbers.
    private func digits(_ value: Double, _ part: Part) -> (integer: Text, fraction: Text) {
        let fixed = Text(DecimalFormat.fixed(value, fractionDigits: part.maximumFraction).unicodeScalars)
        let point = fixed.firstIndex(of: ".") ?? fixed.count
        var integer = Text(fixed[..<point].drop { $0 == "0" })
        var fraction = Text(fixed[min(point + 1, fixed.count)...])
        while fraction.last == "0" { fraction.removeLast() }
        integer = Text(repeating: "0", count: max(0, part.minimumInteger - integer.count)) + integer
        fraction += Text(repeating: "0", count: max(0, part.minimumFraction - fraction.count))
        return (integer.map(localized), fraction.map(localized))
    }

    private func localized(_ digit: Unicode.Scalar) -> Unicode.Scalar {
        Unicode.Scalar(symbols.zero.value + digit.value - 0x30) ?? digit
    }

    private func group(_ integer: inout Text, _ fraction: inout Text, _ part: Part) {
        if part.regularGroup > 0 {
            var position = integer.count - part.regularGroup
            while position > 0 {
                integer.insert(contentsOf: symbols.grouping, at: position)
                position -= part.regularGroup
            }
        } else {
            for position in part.integerGroups.sorted() {
                let separators = part.integerGroups.count { $0 < position } * symbols.grouping.count
                let place = integer.count - position - separators
                if place > 0 { integer.insert(contentsOf: symbols.grouping, at: place) }
            }
        }
        for (index, position) in part.fractionGroups.enumerated() {
            let place = position + index * symbols.grouping.count
            if place < fraction.count { fraction.insert(contentsOf: symbols.grouping, at: place) }
        }
    }

    private func exponent(_ exponent: Int, _ part: Part) -> Text {
        let digits = Text(String(exponent.magnitude).unicodeScalars)
        let padded = Text(repeating: "0", count: max(0, part.minimumExponent - digits.count)) + digits
        return symbols.exponent + (exponent < 0 ? symbols.minus : []) + padded.map(localized)
    }
}

func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    var (a, b) = (first, second)
    while b != 0 { (a, b) = (b, a % b) }
    return a
}

extension Array where Element == Unicode.Scalar {
    /// Where a piece of text occurs first.
    func index(of piece: [Unicode.Scalar], from start: Int = 0) -> Int? {
        guard !piece.isEmpty, start >= 0, count - piece.count >= start else { return nil }
        return (start...count - piece.count).first { self[$0..<$0 + piece.count].elementsEqual(piece) }
    }

    func occurrences(of piece: [Unicode.Scalar]) -> Int {
        var found = 0
        var start = 0
        while let index = index(of: piece, from: start) {
            found += 1
            start = index + 1
        }
        return found
    }
}
