import Core

/// A compiled expression. Nodes are immutable; everything that changes is in the frame and the evaluation.
class Node: @unchecked Sendable {
    /// - Parameters:
    ///   - input: the context, which `$` means.
    ///   - frame: the variables of the innermost scope.
    func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value { .undefined }

    /// The stream of bindings that a path inside another path hands on; nil when this is not such a path.
    func evaluateTuples(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> [Frame]? { nil }

    /// Names of the slots of the frames that `evaluateTuples` yields.
    var tupleScope: Scope? { nil }
}

final class LiteralNode: Node, @unchecked Sendable {
    let value: JSON

    init(_ value: JSON) { self.value = value }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        .json(value)
    }
}

/// `$`
final class ContextNode: Node, @unchecked Sendable {
    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        input.unwrapped
    }
}

extension Value {
    /// The input itself, when this is the wrapper around an input that is an array.
    @inline(__always) var unwrapped: Value {
        if case .array(let elements, let traits) = self, traits.contains(.wrapsInput), let first = elements.first {
            return .json(first)
        }
        return self
    }
}

/// A variable that the expression or its host binds.
final class VariableNode: Node, @unchecked Sendable {
    struct Place {
        /// Scopes to go outward.
        var hops: Int
        var slot: Int
    }

    /// Where it may be bound, innermost first. A scope further out counts as long as the inner one has not bound it.
    private let places: [Place]
    /// The number among the free variables.
    let global: Int?

    init(places: [Place], global: Int?) {
        self.places = places
        self.global = global
    }

    var isLocal: Bool { !places.isEmpty }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        for place in places {
            let owner = frame.ancestor(place.hops)
            let value = owner[place.slot]
            switch value {
            case .unbound: continue
            case .localFunction(let node, let input):
                return .function(try Lambda(node, frame: owner, input: input.value))
            default: return value
            }
        }
        return global.map { run.globals[$0] } ?? .undefined
    }

    /// The lambda bound where it was written, with the frame that owns it; spares the making of a closure for a call.
    @inline(__always) func localFunction(_ frame: Frame) -> (node: LambdaNode, frame: Frame, input: Value)? {
        guard let place = places.first else { return nil }
        let owner = frame.ancestor(place.hops)
        guard case .localFunction(let node, let input) = owner[place.slot] else { return nil }
        return (node, owner, input.value)
    }
}

/// `*`
final class WildcardNode: Node, @unchecked Sendable {
    private let isRaw: Bool

    init(isRaw: Bool) { self.isRaw = isRaw }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var found: [JSON] = []
        switch input.unwrapped {
        case .json(.object(let object)):
            try run.spend(object.count)
            found.reserveCapacity(object.count)
            for position in object.indices { try Self.add(object.value(at: position), to: &found, run) }
        case .json(.array(let elements)), .array(let elements, _):
            try run.spend(elements.count)
            for element in elements { try Self.add(element, to: &found, run) }
        default: return .undefined
        }
        try run.checkLength(found.count)
        let sequence = Value.array(found, .sequence)
        return isRaw ? sequence : sequence.normalized(run)
    }

    @inline(__always) private static func add(
        _ value: JSON, to found: inout [JSON], _ run: Evaluation
    ) throws(JSONataError) {
        if case .array(let inner) = value { try flatten(inner, into: &found, run) } else { found.append(value) }
    }

    private static func flatten(_ elements: [JSON], into found: inout [JSON], _ run: Evaluation) throws(JSONataError) {
        try run.spend(elements.count)
        for element in elements {
            if case .array(let inner) = element {
                try flatten(inner, into: &found, run)
            } else {
                found.append(element)
            }
        }
    }
}

/// `**`
final class DescendantsNode: Node, @unchecked Sendable {
    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var found: [JSON] = []
        switch input {
        case .json(let json): try Self.collect(json, into: &found, run)
        case .array(let elements, _): for element in elements { try Self.collect(element, into: &found, run) }
        case .function: return input
        default: return .undefined
        }
        try run.checkLength(found.count)
        return Value.array(found, .sequence).normalized(run)
    }

    private static func collect(_ json: JSON, into found: inout [JSON], _ run: Evaluation) throws(JSONataError) {
        try run.spend(1)
        switch json {
        case .array(let elements): for element in elements { try collect(element, into: &found, run) }
        case .object(let object):
            found.append(json)
            for position in object.indices { try collect(object.value(at: position), into: &found, run) }
        default: found.append(json)
        }
    }
}

/// A value followed by `[]`.
final class KeepArrayNode: Node, @unchecked Sendable {
    private let base: Node

    init(_ base: Node) { self.base = base }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        try base.evaluate(input, frame, run).keepingSingleton()
    }

    override func evaluateTuples(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> [Frame]? {
        try base.evaluateTuples(input, frame, run)
    }

    override var tupleScope: Scope? { base.tupleScope }
}

/// A regular expression as a function.
final class RegexNode: Node, @unchecked Sendable {
    private let regex: Regex

    init(_ regex: Regex) { self.regex = regex }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        .function(RegexFunction(regex))
    }
}
