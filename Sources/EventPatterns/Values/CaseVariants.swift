/// The ways of writing a text when upper and lower case count as the same: for each character its bytes in lower and
/// in upper case, once where they do not differ. The two may differ in length.
struct CaseVariants: Hashable, Sendable {
    var characters: [[[UInt8]]]

    init(_ text: String) {
        characters = text.unicodeScalars.map { scalar in
            let lower = Array(scalar.properties.lowercaseMapping.utf8)
            let upper = Array(scalar.properties.uppercaseMapping.utf8)
            return lower == upper ? [lower] : [lower, upper]
        }
    }

    /// For matching from a text's end.
    var reversed: CaseVariants {
        var copy = self
        copy.characters = characters.reversed().map { $0.map { $0.reversed() } }
        return copy
    }
}
