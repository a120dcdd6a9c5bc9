/// A set of UTF-16 code units.
struct UnitSet: Sendable, Equatable {
    /// One bit for each of the first 128 units.
    private(set) var low: UInt64 = 0
    private(set) var high: UInt64 = 0
    /// Ranges beyond them.
    private(set) var ranges: [ClosedRange<UInt16>] = []
    var isNegated = false
    /// Units that differ only in case are the same.
    var ignoresCase = false

    mutating func insert(_ unit: UInt16) { insert(unit...unit) }

    mutating func insert(_ range: ClosedRange<UInt16>) {
        if range.lowerBound < 128 {
            for unit in range.lowerBound...min(range.upperBound, 127) {
                if unit < 64 { low |= 1 << UInt64(unit) } else { high |= 1 << UInt64(unit - 64) }
            }
        }
        if range.upperBound >= 128 { ranges.append(max(range.lowerBound, 128)...range.upperBound) }
    }

    mutating func insert(_ other: UnitSet) {
        if other.isNegated {
            for range in other.complement { insert(range) }
        } else {
            low |= other.low
            high |= other.high
            ranges += other.ranges
        }
    }

    /// What the set leaves out, when it is not negated itself.
    private var complement: [ClosedRange<UInt16>] {
        var members: [ClosedRange<UInt16>] = []
        for unit in UInt16(0)..<128 where containsExactly(unit) { members.append(unit...unit) }
        members += ranges
        members.sort { $0.lowerBound < $1.lowerBound }
        var gaps: [ClosedRange<UInt16>] = []
        var next = 0
        for range in members {
            if Int(range.lowerBound) > next { gaps.append(UInt16(next)...(range.lowerBound - 1)) }
            next = max(next, Int(range.upperBound) + 1)
        }
        if next <= 0xFFFF { gaps.append(UInt16(next)...0xFFFF) }
        return gaps
    }

    /// Adds the other case of the first 128 units, so that only the units beyond need care when matching.
    mutating func closeOverCase() {
        ignoresCase = true
        let upper: UInt64 = 0x07FF_FFFE
        let lower: UInt64 = 0x07FF_FFFE_0000_0000
        high |= (high & upper) << 32 | (high & lower) >> 32
    }

    @inline(__always) func contains(_ unit: UInt16) -> Bool {
        if unit < 64 { return (low >> UInt64(unit) & 1 == 1) != isNegated }
        if unit < 128 { return (high >> UInt64(unit - 64) & 1 == 1) != isNegated }
        return containsBeyond(unit) != isNegated
    }

    private func containsExactly(_ unit: UInt16) -> Bool {
        if unit < 64 { return low >> UInt64(unit) & 1 == 1 }
        if unit < 128 { return high >> UInt64(unit - 64) & 1 == 1 }
        return ranges.contains { $0.contains(unit) }
    }

    private func containsBeyond(_ unit: UInt16) -> Bool {
        if containsExactly(unit) { return true }
        guard ignoresCase else { return false }
        let canonical = UnitCase.canonical(unit)
        return containsExactly(canonical) || containsExactly(UnitCase.lower(unit))
    }

    /// One bit for each of the first 128 units that the set holds, and whether it may hold others.
    var lowMembers: (low: UInt64, high: UInt64, others: Bool) {
        isNegated ? (~low, ~high, true) : (low, high, !ranges.isEmpty || ignoresCase)
    }

    static let digits: UnitSet = {
        var set = UnitSet()
        set.insert(0x30...0x39)
        return set
    }()

    static let word: UnitSet = {
        var set = digits
        set.insert(0x41...0x5A)
        set.insert(0x61...0x7A)
        set.insert(0x5F)
        return set
    }()

    static let space: UnitSet = {
        var set = UnitSet()
        set.insert(0x09...0x0D)
        for unit: UInt16 in [0x20, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF] { set.insert(unit) }
        set.insert(0x2000...0x200A)
        return set
    }()

    static let lineEnds: UnitSet = {
        var set = UnitSet()
        for unit: UInt16 in [0x0A, 0x0D, 0x2028, 0x2029] { set.insert(unit) }
        return set
    }()

    var negated: UnitSet {
        var set = self
        set.isNegated.toggle()
        return set
    }
}

/// Case of single code units.
enum UnitCase {
    /// The upper case, where it is one unit and does not leap into ASCII.
    static func canonical(_ unit: UInt16) -> UInt16 {
        if unit < 128 { return unit >= 0x61 && unit <= 0x7A ? unit - 32 : unit }
        guard let scalar = Unicode.Scalar(unit) else { return unit }
        let upper = scalar.properties.uppercaseMapping.utf16
        guard upper.count == 1, let mapped = upper.first, mapped >= 128 else { return unit }
        return mapped
    }

    static func lower(_ unit: UInt16) -> UInt16 {
        guard let scalar = Unicode.Scalar(unit) else { return unit }
        let lower = scalar.properties.lowercaseMapping.utf16
        guard lower.count == 1, let mapped = lower.first else { return unit }
        return mapped
    }
}
