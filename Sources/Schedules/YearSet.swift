/// The years of a cron expression, 1970 to 2199, as bits.
struct YearSet: Hashable, Sendable {
    static let first = 1970
    static let last = 2199

    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(_ years: [Int]) {
        for year in years where year >= Self.first && year <= Self.last {
            let bit = year - Self.first
            setWord(bit >> 6, word(bit >> 6) | 1 << UInt64(bit & 63))
        }
    }

    func contains(_ year: Int) -> Bool {
        guard year >= Self.first, year <= Self.last else { return false }
        let bit = year - Self.first
        return word(bit >> 6) >> UInt64(bit & 63) & 1 == 1
    }

    /// The first year of the set that is not before the given one.
    func next(from year: Int) -> Int? {
        var bit = max(year, Self.first) - Self.first
        while bit < 256 {
            let rest = word(bit >> 6) >> UInt64(bit & 63)
            if rest != 0 { return Self.first + bit + rest.trailingZeroBitCount }
            bit = (bit | 63) + 1
        }
        return nil
    }

    /// The last year of the set that is not after the given one.
    func previous(from year: Int) -> Int? {
        var bit = min(year, Self.last) - Self.first
        while bit >= 0 {
            let rest = word(bit >> 6) << UInt64(63 - bit & 63)
            if rest != 0 { return Self.first + bit - rest.leadingZeroBitCount }
            bit = (bit & ~63) - 1
        }
        return nil
    }

    private func word(_ position: Int) -> UInt64 {
        switch position {
        case 0: words.0
        case 1: words.1
        case 2: words.2
        default: words.3
        }
    }

    private mutating func setWord(_ position: Int, _ value: UInt64) {
        switch position {
        case 0: words.0 = value
        case 1: words.1 = value
        case 2: words.2 = value
        default: words.3 = value
        }
    }

    static func == (left: YearSet, right: YearSet) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) {
        for position in 0..<4 { hasher.combine(word(position)) }
    }
}
