/// A text of which upper and lower case count as the same.
struct CaseVariants: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    var letters: [LetterVariants] { text.unicodeScalars.map(LetterVariants.init) }
}

/// The ways of writing a character: its bytes in lower and in upper case. The two may differ in length.
struct LetterVariants {
    var lower: [UInt8]
    var upper: [UInt8]
    /// The same for characters of the same variants, as `k` and `K`.
    var id: UInt64

    init(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
            lower = [isLetter ? byte | 0x20 : byte]
            upper = [isLetter ? byte & ~0x20 : byte]
            id = UInt64(lower[0]) << 32 | UInt64(upper[0])
            return
        }
        let lowerText = scalar.properties.lowercaseMapping
        let upperText = scalar.properties.uppercaseMapping
        lower = Array(lowerText.utf8)
        upper = Array(upperText.utf8)
        let scalars = (lowerText.unicodeScalars, upperText.unicodeScalars)
        if scalars.0.count == 1, scalars.1.count == 1, let low = scalars.0.first, let high = scalars.1.first {
            id = UInt64(low.value) << 32 | UInt64(high.value)
        } else {
            id = 1 << 63 | UInt64(scalar.value)
        }
    }

    var hasOneForm: Bool { lower == upper }

    /// For matching from a text's end.
    var reversed: LetterVariants {
        var copy = self
        copy.lower.reverse()
        copy.upper.reverse()
        return copy
    }
}
