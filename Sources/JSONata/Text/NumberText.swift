/// Numbers as JavaScript writes them.
enum NumberText {
    /// The shortest text that reads back as the number: plain digits from 1e-7 up to 1e21, an exponent beyond.
    static func text(of value: Double) -> String {
        if value == 0 { return "0" }
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        if value.magnitude <= 9_007_199_254_740_992, let integer = Int64(exactly: value) { return String(integer) }
        // In this range Swift writes plain digits as well.
        if value.magnitude >= 1e-4, value.magnitude < 1e15 { return value.description }
        let digits = ShortestDigits(value.magnitude)
        let text = layOut(digits.digits, pointAt: digits.exponent)
        return value < 0 ? "-" + text : text
    }

    /// A broken number rounded to 15 significant digits, which hides the noise of binary fractions.
    static func roundedTo15Digits(_ value: Double) -> Double {
        guard value.isFinite, value.rounded(.towardZero) != value else { return value }
        // Decimals of up to six places, the usual case, have at most 15 digits.
        let scaled = (value * 1e6).rounded()
        if scaled.magnitude < 1e15, scaled / 1e6 == value { return value }
        if ShortestDigits(value.magnitude).digits.count <= 15 { return value }
        return Double(DecimalFormat.scientific(value, fractionDigits: 14)) ?? value
    }

    /// - Parameter point: how many digits stand before the decimal point; may be negative or beyond the digits.
    private static func layOut(_ digits: [UInt8], pointAt point: Int) -> String {
        var text: [UInt8] = []
        let zero = UInt8(ascii: "0")
        if point > 21 || point < -5 {
            text.append(digits[0])
            if digits.count > 1 { text += [UInt8(ascii: ".")] + digits.dropFirst() }
            let exponent = point - 1
            text += [UInt8(ascii: "e"), UInt8(ascii: exponent < 0 ? "-" : "+")]
            text += String(abs(exponent)).utf8
        } else if point <= 0 {
            text += [zero, UInt8(ascii: ".")] + [UInt8](repeating: zero, count: -point) + digits
        } else if point >= digits.count {
            text += digits + [UInt8](repeating: zero, count: point - digits.count)
        } else {
            text += digits[..<point] + [UInt8(ascii: ".")] + digits[point...]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The fewest decimal digits that tell a positive number from its neighbours.
struct ShortestDigits {
    /// ASCII digits without leading or trailing zeros.
    private(set) var digits: [UInt8] = []
    /// How many of them stand before the decimal point.
    private(set) var exponent = 0

    init(_ value: Double) {
        var seenPoint = false
        var text = value.description
        text.withUTF8 { bytes in
            for index in bytes.indices {
                let byte = bytes[index]
                if byte == UInt8(ascii: ".") {
                    seenPoint = true
                } else if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
                    let rest = String(decoding: bytes[(index + 1)...], as: UTF8.self)
                    exponent += Int(rest) ?? 0
                    break
                } else {
                    if byte != UInt8(ascii: "0") || !digits.isEmpty {
                        digits.append(byte)
                        if !seenPoint { exponent += 1 }
                    } else if seenPoint {
                        exponent -= 1
                    }
                }
            }
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits.isEmpty { digits = [UInt8(ascii: "0")] }
    }
}
