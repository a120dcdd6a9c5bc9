/// A range of numbers, each end open or closed or missing.
struct NumberRange: Hashable, Sendable {
    struct Bound: Hashable, Sendable {
        var number: ComparableNumber
        var isOpen: Bool
    }

    var bottom: Bound?
    var top: Bound?

    func contains(_ number: ComparableNumber) -> Bool {
        if let bottom, number < bottom.number || bottom.isOpen && number == bottom.number { return false }
        if let top, top.number < number || top.isOpen && number == top.number { return false }
        return true
    }
}
