/// What one entry of a field's array asks of the field's value.
enum ValueMatcher: Hashable, Sendable {
    /// A string equal byte for byte.
    case exact([UInt8])
    /// `true`, `false`, `null`, or a number compared by its text.
    case literal([UInt8])
    case prefix([UInt8])
    case suffix([UInt8])
    case prefixIgnoringCase(CaseVariants)
    case suffixIgnoringCase(CaseVariants)
    case equalsIgnoringCase(CaseVariants)
    case wildcard(WildcardExpression)
    case number(ComparableNumber)
    case range(NumberRange)
    case address(AddressBlock)
    case anythingBut(AnythingBut)
    case exists
    case absent
}

/// Values that a field must not have; every other value matches, of whichever type.
enum AnythingBut: Hashable, Sendable {
    case strings(Set<[UInt8]>)
    case numbers(Set<ComparableNumber>)
    case ignoringCase(Set<CaseVariants>)
    case prefixes(Set<[UInt8]>)
    case suffixes(Set<[UInt8]>)
    case wildcards(Set<WildcardExpression>)
}

extension ValueMatcher {
    /// How much of the events a matcher is likely to let pass, from the strictest up. Machines test strict fields first.
    var looseness: Int {
        switch self {
        case .exact, .literal, .number: 0
        case .address, .equalsIgnoringCase: 2
        case .prefix, .suffix, .prefixIgnoringCase, .suffixIgnoringCase: 3
        case .wildcard: 4
        case .range: 5
        case .anythingBut: 6
        case .exists: 7
        case .absent: 8
        }
    }
}
