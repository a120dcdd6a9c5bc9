import Core

/// A compiled JSONPath as Step Functions reads it: `$` is the input, `$$` the context object, `$name` a variable.
///
/// A path is definite when it can name at most one value, and then gives that value; any other gives the array of all
/// values found.
public struct JSONPath: Sendable, Hashable {
    public enum Root: Sendable, Hashable {
        case input
        case context
        /// The variable of that name.
        case variable(String)
    }

    /// As the definition has it.
    public let text: String
    public let root: Root
    public let isDefinite: Bool
    let steps: [PathStep]

    init(text: String, root: Root, steps: [PathStep]) {
        self.text = text
        self.root = root
        self.steps = steps
        isDefinite = steps.indices.allSatisfy { steps[$0].isDefinite(isLast: $0 == steps.count - 1) }
    }

    /// Whether the path is just its root, with nothing selected from it.
    public var isRoot: Bool { steps.isEmpty }
}

/// One step of a path, from a value to those below it.
enum PathStep: Sendable, Hashable {
    case member(String)
    /// `['a','b']`: as the last step an object with those members.
    case members([String])
    /// Negative positions count from the end.
    case index(Int)
    case indexes([Int])
    case slice(from: Int?, to: Int?)
    case wildcard
    /// `..`: the value itself and everything below it.
    case descendants
    case filter(FilterExpression)
    /// `.length()` and its like, at the end only.
    case function(PathFunction)

    func isDefinite(isLast: Bool) -> Bool {
        switch self {
        case .member, .index, .function: true
        case .members: isLast
        case .indexes, .slice, .wildcard, .descendants, .filter: false
        }
    }
}

enum PathFunction: String, Sendable, Hashable, CaseIterable {
    case length, size, min, max, avg, sum, keys, first, last
}

/// The condition of `[?( … )]`.
indirect enum FilterExpression: Sendable, Hashable {
    case and(FilterExpression, FilterExpression)
    case or(FilterExpression, FilterExpression)
    case not(FilterExpression)
    case exists(FilterOperand)
    case comparison(FilterOperand, FilterOperator, FilterOperand)
}

enum FilterOperator: String, Sendable, Hashable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"
    case isIn = "in"
    case isNotIn = "nin"
    case subsetOf = "subsetof"
    case anyOf = "anyof"
    case noneOf = "noneof"
    case contains = "contains"
    case size = "size"
    case empty = "empty"
}

enum FilterOperand: Sendable, Hashable {
    case literal(JSON)
    /// A path from the element under test (`@`).
    case element([PathStep])
    /// A path from the document's root (`$`).
    case document([PathStep])
}
