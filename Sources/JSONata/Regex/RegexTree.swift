/// A regular expression as it was written.
indirect enum RegexTree {
    case empty
    case set(UnitSet)
    case unit(UInt16)
    case sequence([RegexTree])
    case alternation([RegexTree])
    /// A numbered group from 1, or one that does not count.
    case group(RegexTree, number: Int?)
    case repetition(RegexTree, min: Int, max: Int?, isGreedy: Bool, groups: Range<Int>)
    case start
    case end
    case wordBoundary(isNegated: Bool)
    case backreference(Int)
    case namedBackreference(String)
    case look(RegexTree, isAhead: Bool, isNegated: Bool)

    /// Whether it can match nothing at all.
    var isNullable: Bool {
        switch self {
        case .set, .unit: false
        case .sequence(let parts): parts.allSatisfy(\.isNullable)
        case .alternation(let parts): parts.contains(where: \.isNullable)
        case .group(let inner, _): inner.isNullable
        case .repetition(let inner, let min, _, _, _): min == 0 || inner.isNullable
        default: true
        }
    }
}
