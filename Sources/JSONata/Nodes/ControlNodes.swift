import Core

/// `a ? b : c`
final class ConditionNode: Node, @unchecked Sendable {
    private let test: Node
    private let then: Node
    private let otherwise: Node?

    init(_ test: Node, then: Node, otherwise: Node?) {
        self.test = test
        self.then = then
        self.otherwise = otherwise
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        if try Truth.isTrue(try test.evaluate(input, frame, run)) { return try then.evaluate(input, frame, run) }
        return try otherwise?.evaluate(input, frame, run) ?? .undefined
    }
}

/// `a ?: b`, which takes what is true, and `a ?? b`, which takes what exists.
final class DefaultNode: Node, @unchecked Sendable {
    private let value: Node
    private let fallback: Node
    private let testsTruth: Bool

    init(_ value: Node, _ fallback: Node, testsTruth: Bool) {
        self.value = value
        self.fallback = fallback
        self.testsTruth = testsTruth
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let first = try value.evaluate(input, frame, run)
        let isTaken = testsTruth ? try Truth.isTrue(first) : !first.isUndefined
        return isTaken ? first : try fallback.evaluate(input, frame, run)
    }
}

/// `( …; … )`
final class BlockNode: Node, @unchecked Sendable {
    private let expressions: [Node]
    /// Variables that the block binds; without any it needs no frame of its own.
    private let slotCount: Int
    /// Its last path hands its bindings on to the path around the block.
    private let handsOn: Bool

    init(_ expressions: [Node], slotCount: Int, handsOn: Bool) {
        self.expressions = expressions
        self.slotCount = slotCount
        self.handsOn = handsOn
    }

    override var tupleScope: Scope? { handsOn ? expressions.last?.tupleScope : nil }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let own = slotCount == 0 ? frame : Frame.make(slotCount, parent: frame)
        var result = Value.undefined
        for expression in expressions { result = try expression.evaluate(input, own, run) }
        return result
    }

    override func evaluateTuples(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> [Frame]? {
        guard handsOn, let last = expressions.last, last.tupleScope != nil else { return nil }
        let own = slotCount == 0 ? frame : Frame.make(slotCount, parent: frame)
        for expression in expressions.dropLast() { _ = try expression.evaluate(input, own, run) }
        return try last.evaluateTuples(input, own, run)
    }
}

/// `$name := value`
final class BindingNode: Node, @unchecked Sendable {
    private let slot: Int
    private let value: Node

    init(slot: Int, value: Node) {
        self.slot = slot
        self.value = value
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        if let lambda = value as? LambdaNode {
            let function = try Lambda(lambda, frame: frame, input: input)
            frame[slot] = .localFunction(lambda, input: ValueBox(input))
            if function.closureDepth - 1 > frame.header.closureDepth {
                frame.header.closureDepth = function.closureDepth - 1
            }
            return .function(function)
        }
        let result = try value.evaluate(input, frame, run)
        if case .function = result {
            try run.spend(8)
            run.mayBeCyclic(frame)
        }
        frame.bind(slot, result)
        return result
    }
}
