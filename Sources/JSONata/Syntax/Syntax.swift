import Core

/// A node of the syntax tree.
///
/// The parser makes the tree in the shape of the source; the resolver then turns chains of steps into paths, hangs
/// predicates, groupings and bindings on the steps they belong to, and finds the steps that `%` speaks of.
final class Syntax {
    enum Kind {
        // Leaves
        case name(String)
        case variable(String)
        case string(String)
        case number(Double)
        case constant(JSON)
        case regex(Regex)
        case wildcard
        case descendant
        case parent(AncestorSlot)
        /// `and`, `or` and `in` may be names, which shows only when they stand where an operand is due.
        case word(Symbol)
        /// `?` in the place of an argument.
        case placeholder
        case end

        // As parsed, gone after resolution
        case step(Syntax, Syntax)
        case filter(Syntax, Syntax)
        case grouping(Syntax, [Pair])
        case ordering(Syntax, [Term])
        case focusBinding(Syntax, String)
        case indexBinding(Syntax, String)

        // Both before and after
        case binary(Symbol, Syntax, Syntax)
        case binding(String, Syntax)
        case application(Syntax, Syntax)
        case negation(Syntax)
        case array([Syntax])
        case object([Pair])
        case call(Syntax, [Syntax])
        case partial(Syntax, [Syntax])
        case lambda(parameters: [String], signature: Signature?, body: Syntax)
        case condition(Syntax, then: Syntax, otherwise: Syntax?)
        case elvis(Syntax, Syntax)
        case coalesce(Syntax, Syntax)
        case block([Syntax])
        case transform(pattern: Syntax, update: Syntax, deletion: Syntax?)

        // Only after resolution
        case path([Syntax])
        case sort([Term])
    }

    struct Pair {
        var key: Syntax
        var value: Syntax
    }

    struct Term {
        var isDescending: Bool
        var expression: Syntax
    }

    /// What happens to the values of a step, in order.
    enum Stage {
        case filter(Syntax, position: Int)
        case index(String)
    }

    struct Group {
        var pairs: [Pair]
        var position: Int
    }

    var kind: Kind
    let position: Int
    /// Levels of syntax inside this node, itself included.
    let height: Int

    // What the resolver finds out.

    /// `[]` was written behind it: a single value stays an array.
    var keepsArray = false
    /// For a path: one of its steps keeps arrays.
    var keepsSingletonArray = false
    /// An array constructor at the end of a path: its array is one value, not a sequence to be flattened.
    var isArrayValue = false
    /// The step, or the path as a whole, carries bindings with its values.
    var carriesBindings = false
    /// Filters on something that is not a step of a path.
    var predicates: [Stage] = []
    /// Filters and index bindings on a step.
    var stages: [Stage] = []
    var group: Group?
    var focus: String?
    var index: String?
    var ancestor: AncestorSlot?
    /// The `%` inside that still look for the step they mean.
    var seekingParent: [AncestorSlot] = []

    init(_ kind: Kind, at position: Int) {
        self.kind = kind
        self.position = position
        height = 1 + kind.children.reduce(0) { max($0, $1.height) }
    }
}

/// Which step a `%` means.
final class AncestorSlot {
    /// The name under which the step's input is bound; no variable can have it.
    var label: String
    /// Steps still to go up.
    var level = 1

    init(number: Int) { label = "!\(number)" }
}

extension Syntax.Kind {
    var children: [Syntax] {
        switch self {
        case .name, .variable, .string, .number, .constant, .regex, .wildcard, .descendant, .parent, .word,
            .placeholder, .end:
            []
        case .step(let left, let right), .filter(let left, let right), .binary(_, let left, let right),
            .application(let left, let right), .elvis(let left, let right), .coalesce(let left, let right):
            [left, right]
        case .grouping(let left, let pairs): [left] + pairs.flatMap { [$0.key, $0.value] }
        case .ordering(let left, let terms): [left] + terms.map(\.expression)
        case .focusBinding(let left, _), .indexBinding(let left, _), .binding(_, let left), .negation(let left): [left]
        case .array(let items), .block(let items), .path(let items): items
        case .object(let pairs): pairs.flatMap { [$0.key, $0.value] }
        case .call(let procedure, let arguments), .partial(let procedure, let arguments): [procedure] + arguments
        case .lambda(_, _, let body): [body]
        case .condition(let test, let then, let otherwise): [test, then] + (otherwise.map { [$0] } ?? [])
        case .transform(let pattern, let update, let deletion): [pattern, update] + (deletion.map { [$0] } ?? [])
        case .sort(let terms): terms.map(\.expression)
        }
    }

    /// The reference's name of the node's type, which it puts into messages.
    var typeName: String {
        switch self {
        case .name: "name"
        case .variable: "variable"
        case .string: "string"
        case .number: "number"
        case .constant: "value"
        case .regex: "regex"
        case .wildcard: "wildcard"
        case .descendant: "descendant"
        case .parent: "parent"
        case .word, .placeholder: "operator"
        case .end: "(end)"
        case .step, .filter, .grouping, .ordering, .focusBinding, .indexBinding, .binary: "binary"
        case .binding: "bind"
        case .application: "apply"
        case .negation, .array, .object: "unary"
        case .call: "function"
        case .partial: "partial"
        case .lambda: "lambda"
        case .condition, .elvis, .coalesce: "condition"
        case .block: "block"
        case .transform: "transform"
        case .path: "path"
        case .sort: "sort"
        }
    }
}
