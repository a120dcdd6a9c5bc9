import Core

/// Functions on numbers.
enum NumericFunctions {
    @Sendable static func number(_ call: Call) throws(JSONataError) -> Value {
        switch call[0] {
        case .undefined: return .undefined
        case .json(.bool(let flag)): return Value(flag ? 1 : 0)
        case .json(.string(let text)):
            if let number = NumberReader.read(text) { return Value(number) }
        case .json(.int), .json(.double): return call[0]
        default: break
        }
        throw JSONataError(code: "D3030", value: call[0].shown, index: 1)
    }

    @Sendable static func floor(_ call: Call) throws(JSONataError) -> Value {
        call.number(0).map { Value($0.rounded(.down)) } ?? .undefined
    }

    @Sendable static func ceil(_ call: Call) throws(JSONataError) -> Value {
        call.number(0).map { Value($0.rounded(.up)) } ?? .undefined
    }

    @Sendable static func round(_ call: Call) throws(JSONataError) -> Value {
        guard let number = call.number(0) else { return .undefined }
        return Value(Numbers.round(number, precision: Int(clamping: call.number(1) ?? 0)))
    }

    @Sendable static func abs(_ call: Call) throws(JSONataError) -> Value {
        call.number(0).map { Value($0.magnitude) } ?? .undefined
    }

    @Sendable static func sqrt(_ call: Call) throws(JSONataError) -> Value {
        guard let number = call.number(0) else { return .undefined }
        guard number >= 0 else { throw JSONataError(code: "D3060", value: call[0].shown, index: 1) }
        return Value(number.squareRoot())
    }

    @Sendable static func power(_ call: Call) throws(JSONataError) -> Value {
        guard let base = call.number(0) else { return .undefined }
        let result = call.number(1).map { Power.raise(base, to: $0) } ?? .nan
        guard result.isFinite else {
            throw JSONataError(code: "D3061", value: call[0].shown, other: call[1].shown, index: 1)
        }
        return Value(result)
    }

    @Sendable static func random(_ call: Call) throws(JSONataError) -> Value {
        .json(.double(unit(&call.run.random)))
    }

    /// A number from 0 up to but not including 1.
    static func unit(_ random: inout SeededRandom) -> Double { Double(random.next() >> 11) * 0x1p-53 }

    @Sendable static func formatNumber(_ call: Call) throws(JSONataError) -> Value {
        guard let number = call.number(0), let picture = call.string(1) else { return .undefined }
        let options = call[2].object
        let format =
            options == nil
            ? try call.run.numberPicture(picture) : try NumberPicture(picture, options: options)
        return try call.result(try format.format(number))
    }

    @Sendable static func formatBase(_ call: Call) throws(JSONataError) -> Value {
        guard let number = call.number(0) else { return .undefined }
        let radix = Numbers.round(call.number(1) ?? 10, precision: 0)
        guard radix >= 2, radix <= 36 else { throw JSONataError(code: "D3100", value: JSON(number: radix)) }
        return try call.result(digits(Numbers.round(number, precision: 0), Int(radix)))
    }

    private static func digits(_ value: Double, _ radix: Int) -> String {
        if let integer = Int64(exactly: value) { return String(integer, radix: radix) }
        guard value.isFinite else { return NumberText.text(of: value) }
        if radix == 10 { return NumberText.text(of: value) }
        var rest = value.magnitude
        var digits: [Character] = []
        while rest >= 1 {
            let digit = Int(rest.truncatingRemainder(dividingBy: Double(radix)))
            digits.append(Character(String(digit, radix: radix)))
            rest = (rest / Double(radix)).rounded(.down)
        }
        return (value < 0 ? "-" : "") + String(digits.reversed())
    }

    @Sendable static func formatInteger(_ call: Call) throws(JSONataError) -> Value {
        guard let number = call.number(0), let picture = call.string(1) else { return .undefined }
        return try call.result(try IntegerPicture(picture).format(number.rounded(.down)))
    }

    @Sendable static func parseInteger(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0), let picture = call.string(1) else { return .undefined }
        return try IntegerPicture(picture).parse(text).map { Value($0) } ?? .undefined
    }
}

extension Int {
    /// The nearest integer towards zero within the range of 32 bits, which is plenty for counts and positions.
    init(clamping value: Double) {
        self = value.isNaN ? 0 : Int(Swift.max(-2_147_483_648, Swift.min(2_147_483_647, value)))
    }
}

/// Numbers written as text, as `$number` takes them.
enum NumberReader {
    static func read(_ text: String) -> Double? {
        isDecimal(Array(text.utf8)) ? Double(text).flatMap { $0.isFinite ? $0 : nil } : readRadix(text)
    }

    /// `-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?`
    private static func isDecimal(_ bytes: [UInt8]) -> Bool {
        var index = bytes.first == UInt8(ascii: "-") ? 1 : 0
        guard skipDigits(bytes, &index) else { return false }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard skipDigits(bytes, &index) else { return false }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
                index += 1
            }
            guard skipDigits(bytes, &index) else { return false }
        }
        return index == bytes.count
    }

    private static func skipDigits(_ bytes: [UInt8], _ index: inout Int) -> Bool {
        let start = index
        while index < bytes.count, isDigit(bytes[index]) { index += 1 }
        return index > start
    }

    /// `0x…`, `0o…`, `0b…`
    private static func readRadix(_ text: String) -> Double? {
        let digits = text.dropFirst(2)
        guard text.hasPrefix("0"), let mark = text.dropFirst().first, !digits.isEmpty else { return nil }
        let radix: Double
        switch mark {
        case "x", "X": radix = 16
        case "o", "O": radix = 8
        case "b", "B": radix = 2
        default: return nil
        }
        var value = 0.0
        for character in digits {
            guard character.isASCII, let digit = character.hexDigitValue, Double(digit) < radix else { return nil }
            value = value * radix + Double(digit)
        }
        return value.isFinite ? value : nil
    }
}
