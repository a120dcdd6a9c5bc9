import Core

/// A function as a value.
class Function {
    /// Closures that own one another may be that many; releasing a longer chain would exhaust the stack.
    static let maximumClosureDepth = 2000

    /// How many arguments the higher-order functions hand over.
    let arity: Int
    let closureDepth: Int

    init(arity: Int, closureDepth: Int) {
        self.arity = arity
        self.closureDepth = closureDepth
    }

    /// Calls the function.
    /// - Parameter context: what takes the place of a missing argument, where the signature says so.
    func call(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        .undefined
    }

    /// Calls the function with as many of the arguments as it takes, and at least one.
    @inline(__always) final func callback(
        _ first: Value, _ second: @autoclosure () -> Value, _ third: @autoclosure () -> Value, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        let context = Value.json(.null)
        if arity >= 3 { return try call([first, second(), third()], context: context, run) }
        if arity == 2 { return try call([first, second()], context: context, run) }
        return try call([first], context: context, run)
    }

    static func checkedDepth(_ depth: Int) throws(JSONataError) -> Int {
        guard depth <= maximumClosureDepth else {
            throw JSONataError(
                code: "D1011", text: "More than \(maximumClosureDepth) functions hold one another in a chain")
        }
        return depth
    }
}

/// A function of the expression itself, with the frame it was written in.
final class Lambda: Function {
    let node: LambdaNode
    let frame: Frame
    let input: Value

    init(_ node: LambdaNode, frame: Frame, input: Value) throws(JSONataError) {
        self.node = node
        self.frame = frame
        self.input = input
        var inputDepth = 0
        if case .function(let function) = input { inputDepth = function.closureDepth }
        let depth = try Function.checkedDepth(max(frame.header.closureDepth, inputDepth) + 1)
        super.init(arity: node.parameterCount, closureDepth: depth)
    }

    override func call(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        let result = try apply(arguments, context: context, run)
        if case .tailCall = result { return try Lambda.perform(run) }
        return result
    }

    /// The result, or the mark of a call in tail position that is still to be performed.
    func apply(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        var validated = arguments
        if let signature = node.signature { validated = try signature.validate(arguments, context: context, run) }
        let frame = Frame.make(node.slotCount, parent: self.frame)
        for index in 0..<node.parameterCount { frame[index] = .undefined }
        for index in 0..<min(node.parameterCount, validated.count) { frame.bind(index, validated[index]) }
        try run.spend(1)
        return try node.body.evaluate(input, frame, run)
    }

    /// Performs calls in tail position one after the other, so that tail recursion needs no stack.
    static func perform(_ run: Evaluation) throws(JSONataError) -> Value {
        // The loop itself stands on the stack, and a function of the library may have called back into it.
        defer { run.leave(2) }
        try run.enter(2)
        while let pending = run.pendingCall {
            run.pendingCall = nil
            let result = try perform(pending, run)
            guard case .tailCall = result else { return result }
        }
        return .undefined
    }

    private static func perform(_ pending: PendingCall, _ run: Evaluation) throws(JSONataError) -> Value {
        do throws(JSONataError) {
            guard case .function(let function) = pending.procedure else { throw JSONataError(code: "T1006") }
            if let lambda = function as? Lambda {
                return try lambda.apply(pending.arguments, context: pending.context, run)
            }
            return try function.call(pending.arguments, context: pending.context, run)
        } catch {
            throw error.replacing(position: pending.position, token: error.token ?? pending.token)
        }
    }
}

/// A function with some of its arguments given.
final class PartialFunction: Function {
    private let base: Function
    /// The given arguments; nil where one is still due.
    private let given: [Value?]

    init(_ base: Function, given: [Value?]) throws(JSONataError) {
        self.base = base
        self.given = given
        var depth = base.closureDepth
        for case .some(.function(let function)) in given { depth = max(depth, function.closureDepth) }
        super.init(
            arity: given.reduce(0) { $1 == nil ? $0 + 1 : $0 }, closureDepth: try Function.checkedDepth(depth + 1))
    }

    override func call(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        var rest = arguments.makeIterator()
        let all = given.map { $0 ?? rest.next() ?? .undefined }
        return try base.call(all, context: context, run)
    }
}

/// `f ~> g`: the one after the other.
final class ChainedFunction: Function {
    private let first: Function
    private let second: Function

    init(_ first: Function, _ second: Function) throws(JSONataError) {
        self.first = first
        self.second = second
        let depth = max(first.closureDepth, second.closureDepth) + 1
        super.init(arity: 1, closureDepth: try Function.checkedDepth(depth))
    }

    override func call(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        try run.enter(1)
        defer { run.leave(1) }
        let between = try first.call(Array(arguments.prefix(1)), context: .json(.null), run)
        return try second.call([between], context: .json(.null), run)
    }
}
