/// A JSON number that patterns compare by value: any number whose shortest decimal form as a double is the number
/// that was written. Others (more digits than a double keeps, out of range) compare only by their text, as on AWS.
struct ComparableNumber: Hashable, Comparable, Sendable {
    /// The double's bits, turned so that unsigned order is numeric order.
    let key: UInt64

    static func < (left: ComparableNumber, right: ComparableNumber) -> Bool { left.key < right.key }

    init(key: UInt64) { self.key = key }

    init(_ value: Double) {
        // Zero has one key, whatever its sign.
        let bits = value == 0 ? 0 : value.bitPattern
        key = bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    /// Nil when the text is no number, or one that a double does not keep.
    init?(parsing text: String) {
        var text = text
        let parsed = text.withUTF8 { bytes -> ComparableNumber? in
            guard let base = bytes.baseAddress else { return nil }
            return ComparableNumber(parsing: base, count: bytes.count)
        }
        guard let parsed else { return nil }
        self = parsed
    }

    init?(parsing base: UnsafePointer<UInt8>, count: Int) {
        guard let decimal = DecimalDigits(parsing: base, count: count) else { return nil }
        guard let value = decimal.exactDouble(base, count: count) else { return nil }
        self.init(value)
    }
}

/// The significant digits of a written number, without leading and trailing zeros.
struct DecimalDigits: Equatable {
    var isNegative = false
    /// The digits as an integer; exact up to nineteen digits.
    var mantissa: UInt64 = 0
    var digitCount = 0
    /// The power of ten that the mantissa is multiplied with.
    var exponent = 0

    /// More digits than any double's shortest form has.
    private static let mostDigits = 17

    init?(parsing base: UnsafePointer<UInt8>, count: Int) {
        var position = 0
        if position < count, base[position] == UInt8(ascii: "-") || base[position] == UInt8(ascii: "+") {
            isNegative = base[position] == UInt8(ascii: "-")
            position += 1
        }
        var pendingZeros = 0
        var sawDigit = false
        var fractionDigits = 0
        var inFraction = false
        while position < count {
            let byte = base[position]
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                sawDigit = true
                if inFraction { fractionDigits += 1 }
                if digit == 0 {
                    if digitCount > 0 { pendingZeros += 1 }
                } else {
                    guard digitCount + pendingZeros < 19 else {
                        digitCount = 20
                        return
                    }
                    for _ in 0..<(pendingZeros + 1) { mantissa *= 10 }
                    mantissa += UInt64(digit)
                    digitCount += pendingZeros + 1
                    pendingZeros = 0
                }
            } else if byte == UInt8(ascii: "."), !inFraction {
                inFraction = true
            } else {
                break
            }
            position += 1
        }
        guard sawDigit else { return nil }
        exponent = pendingZeros - fractionDigits
        guard position < count else { return }
        guard base[position] | 0x20 == UInt8(ascii: "e"),
            let written = Self.exponent(base + position + 1, count: count - position - 1)
        else { return nil }
        exponent += written
    }

    private static func exponent(_ base: UnsafePointer<UInt8>, count: Int) -> Int? {
        var position = 0
        var isNegative = false
        if position < count, base[position] == UInt8(ascii: "-") || base[position] == UInt8(ascii: "+") {
            isNegative = base[position] == UInt8(ascii: "-")
            position += 1
        }
        guard position < count else { return nil }
        var value = 0
        while position < count {
            let digit = base[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            // Beyond this no digit changes that the number is out of every range.
            if value < 100_000 { value = value * 10 + Int(digit) }
            position += 1
        }
        return isNegative ? -value : value
    }

    /// The double whose shortest decimal form is this number; nil when there is none.
    func exactDouble(_ base: UnsafePointer<UInt8>, count: Int) -> Double? {
        if digitCount == 0 { return 0 }
        guard digitCount <= Self.mostDigits else { return nil }
        // Fifteen digits always survive the way to a double and back; both factors here are exact doubles.
        if digitCount <= 15, exponent >= -22, exponent <= 22 {
            let power = Self.powersOfTen[abs(exponent)]
            let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
            return isNegative ? -value : value
        }
        if digitCount > 15, let decided = decideByIntegers() { return decided.isExact ? decided.value : nil }
        return exactDoubleByText(base, count: count)
    }

    /// Sixteen or seventeen digits, as coordinates have them, with whole numbers of 128 bits: which double is nearest,
    /// and whether these digits are its shortest form. Nil outside of the range where that is simple.
    ///
    /// With the decimal m / 10^k and the double q / 2^s, everything is compared in units of 1 / (10^k 2^s): the two are
    /// |m 2^s - q 10^k| apart, half the distance of neighbouring doubles is 10^k / 2, that of decimals 2^s / 2.
    private func decideByIntegers() -> (value: Double, isExact: Bool)? {
        guard exponent < 0, exponent >= -19 else { return nil }
        let power = Self.wholePowersOfTen[-exponent]
        var shift = 53 - (64 - mantissa.leadingZeroBitCount) + (64 - power.leadingZeroBitCount)
        guard shift > 1, shift <= 70 else { return nil }
        var (quotient, rest) = Self.divide(mantissa, shiftedBy: shift, by: power)
        if quotient >> 53 != 0 {
            shift -= 1
            (quotient, rest) = Self.divide(mantissa, shiftedBy: shift, by: power)
        }
        let half = power / 2
        if rest > half || rest == half && quotient & 1 == 1 { quotient += 1 }
        guard quotient >> 52 == 1, quotient != 1 << 52 else { return nil }
        let divisor = UInt128(power)
        let scaled = Int128(quotient) * Int128(power)
        func distance(_ digits: UInt64) -> UInt128 {
            ((Int128(digits) << Int128(shift)) - scaled).magnitude
        }
        let apart = distance(mantissa) * 2
        let unit: UInt128 = 1 << UInt128(shift)
        // Of two decimals that are equally near, the even one counts.
        let isNearest = apart < unit || apart == unit && mantissa & 1 == 0
        let shorter = mantissa / 10 * 10
        let isShortest = distance(shorter) * 2 > divisor && distance(shorter + 10) * 2 > divisor
        let value = Double(sign: .plus, exponent: -shift, significand: Double(quotient))
        return (isNegative ? -value : value, isNearest && isShortest)
    }

    /// The quotient has at most 54 bits, so that one division of a double word by a word does.
    private static func divide(
        _ value: UInt64, shiftedBy shift: Int, by divisor: UInt64
    ) -> (quotient: UInt64, remainder: UInt64) {
        let shifted = UInt128(value) << UInt128(shift)
        return divisor.dividingFullWidth(
            (UInt64(truncatingIfNeeded: shifted >> 64), UInt64(truncatingIfNeeded: shifted)))
    }

    private func exactDoubleByText(_ base: UnsafePointer<UInt8>, count: Int) -> Double? {
        let text = String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
        guard let value = Double(text), value.isFinite else { return nil }
        var shortest = value.description
        let same = shortest.withUTF8 { bytes -> Bool in
            guard let start = bytes.baseAddress else { return false }
            return DecimalDigits(parsing: start, count: bytes.count) == self
        }
        return same ? value : nil
    }

    private static let wholePowersOfTen: [UInt64] = {
        var powers: [UInt64] = [1]
        while powers.count < 20 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
