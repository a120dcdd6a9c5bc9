/// A set of characters in a pattern: ranges of code points and Unicode categories.
struct CharacterSet: Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []
    private(set) var categories: [Category] = []
    private(set) var excluded: [CharacterSet] = []
    var isNegated = false

    enum Category: Sendable { case letter, separator, number, mark, punctuation, symbol }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }
    mutating func insert(_ scalar: UInt32) { ranges.append(scalar...scalar) }
    mutating func insert(_ category: Category) { categories.append(category) }

    mutating func formUnion(_ other: CharacterSet) {
        if other.isNegated {
            excluded.append(other)
        } else {
            ranges += other.ranges
            categories += other.categories
            excluded += other.excluded
        }
    }

    func contains(_ scalar: UInt32) -> Bool { holds(scalar) != isNegated }

    private func holds(_ scalar: UInt32) -> Bool {
        for range in ranges where range.contains(scalar) { return true }
        for set in excluded where set.contains(scalar) { return true }
        guard !categories.isEmpty, let character = Unicode.Scalar(scalar) else { return false }
        let category = character.properties.generalCategory
        return categories.contains { $0.contains(category) }
    }
}

extension CharacterSet.Category {
    func contains(_ category: Unicode.GeneralCategory) -> Bool {
        switch self {
        case .letter:
            switch category {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
            default: false
            }
        case .separator:
            switch category {
            case .spaceSeparator, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        case .number:
            switch category {
            case .decimalNumber, .letterNumber, .otherNumber: true
            default: false
            }
        case .mark:
            switch category {
            case .nonspacingMark, .spacingMark, .enclosingMark: true
            default: false
            }
        case .punctuation:
            switch category {
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation, .otherPunctuation:
                true
            default: false
            }
        case .symbol:
            switch category {
            case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
            default: false
            }
        }
    }
}

extension CharacterSet {
    /// The class of `\d`, `\w`, `\s` and their opposites.
    static func escape(_ letter: UInt32) -> CharacterSet? {
        var set = CharacterSet()
        switch letter | 0x20 {
        case 0x64: set.insert(0x30...0x39)
        case 0x77:
            set.insert(0x30...0x39)
            set.insert(0x41...0x5A)
            set.insert(0x61...0x7A)
            set.insert(0x5F)
        case 0x73:
            set.insert(0x09...0x0D)
            set.insert(0x20)
        default: return nil
        }
        set.isNegated = letter & 0x20 == 0
        return set
    }

    /// The class of `\p{…}`.
    static func property(_ name: String) -> CharacterSet? {
        var set = CharacterSet()
        switch name {
        case "L", "Letter", "IsL", "Alpha", "IsAlphabetic": set.insert(.letter)
        case "Z", "Separator": set.insert(.separator)
        case "N", "Nd", "Number": set.insert(.number)
        case "M", "Mark": set.insert(.mark)
        case "P", "Punct": set.insert(.punctuation)
        case "S", "Symbol": set.insert(.symbol)
        case "ASCII": set.insert(0...0x7F)
        case "Graph": set.insert(0x21...0x7E)
        case "Print": set.insert(0x20...0x7E)
        case "Alnum":
            set.insert(0x30...0x39)
            set.insert(0x41...0x5A)
            set.insert(0x61...0x7A)
        default: return nil
        }
        return set
    }

    /// `.`: everything but the ends of lines.
    static let anyButLineEnd: CharacterSet = {
        var set = CharacterSet()
        set.insert(0x0A)
        set.insert(0x0D)
        set.insert(0x85)
        set.insert(0x2028...0x2029)
        set.isNegated = true
        return set
    }()
}
