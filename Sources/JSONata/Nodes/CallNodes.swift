import Core

/// `function($a, $b) { … }`
final class LambdaNode: Node, @unchecked Sendable {
    let parameterCount: Int
    let slotCount: Int
    let signature: Signature?
    let body: Node

    init(parameterCount: Int, slotCount: Int, signature: Signature?, body: Node) {
        self.parameterCount = parameterCount
        self.slotCount = slotCount
        self.signature = signature
        self.body = body
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        .function(try Lambda(self, frame: frame, input: input))
    }
}

/// What becomes of a sequence that a call yields.
struct ResultForm: Sendable {
    /// It is left as it is for what follows.
    var isRaw: Bool
    /// It stays an array, even with a single element.
    var keepsArray: Bool

    @inline(__always) func shape(_ result: Value, _ run: Evaluation) -> Value {
        if isRaw { return result }
        return keepsArray ? result.keepingSingleton().normalized(run) : result.normalized(run)
    }
}

/// What all ways to call a function have in common.
struct Callee: Sendable {
    let procedure: Node
    /// The function's name as messages show it.
    let token: String?
    let position: Int
    /// Where the function's own name ends, which is the place of errors of calls in tail position.
    let procedurePosition: Int
    /// A variable of the name that was written without the dollar sign.
    let likelyVariable: Node?

    /// Only variables lend their names to calls in tail position.
    var tailToken: String? { procedure is VariableNode ? token : nil }

    /// The error for something that is not a function.
    func refusal(
        _ value: Value, _ input: Value, _ frame: Frame, _ run: Evaluation, hint: String, plain: String
    ) throws(JSONataError) -> JSONataError {
        if value.isUndefined, let likelyVariable, !(try likelyVariable.evaluate(input, frame, run).isUndefined) {
            return JSONataError(code: hint, position: position, token: token)
        }
        return JSONataError(code: plain, position: position, token: token)
    }
}

/// `f(a, b)`
final class CallNode: Node, @unchecked Sendable {
    let callee: Callee
    let arguments: [Node]
    /// Levels of syntax above the call inside the function's body, which is what a recursion adds to the depth.
    private let levels: Int
    private let isTail: Bool
    private let form: ResultForm
    /// The variables in sight, for `$eval`.
    private let scope: Scope?

    init(_ callee: Callee, _ arguments: [Node], levels: Int, isTail: Bool, form: ResultForm, scope: Scope?) {
        self.callee = callee
        self.arguments = arguments
        self.levels = levels
        self.isTail = isTail
        self.form = form
        self.scope = scope
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        if isTail { return try evaluateTail(input, frame, run) }
        if let variable = callee.procedure as? VariableNode, let local = variable.localFunction(frame),
            local.node.signature == nil
        {
            return try callLocal(local, input, frame, run)
        }
        return try call(applyingTo: nil, input, frame, run)
    }

    /// Calls a function of the expression without making a closure or an array of arguments.
    private func callLocal(
        _ local: (node: LambdaNode, frame: Frame, input: Value), _ input: Value, _ frame: Frame, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        let node = local.node
        let own = Frame.make(node.slotCount, parent: local.frame)
        for index in 0..<node.parameterCount { own[index] = .undefined }
        for index in arguments.indices {
            let value = try arguments[index].evaluate(input, frame, run)
            if index < node.parameterCount { own.bind(index, value) }
        }
        try run.enter(levels, callee)
        defer { run.leave(levels) }
        try run.spend(1)
        var result: Value
        do throws(JSONataError) {
            result = try node.body.evaluate(local.input, own, run)
        } catch {
            throw error.replacing(position: callee.position, token: error.token ?? callee.token)
        }
        // An error of a call in tail position has its place already.
        if case .tailCall = result { result = try Lambda.perform(run) }
        return form.shape(result, run)
    }

    /// - Parameter first: what the left side of `~>` gives as the first argument.
    func call(
        applyingTo first: Value?, _ input: Value, _ frame: Frame, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        let procedure = try callee.procedure.evaluate(input, frame, run)
        var values: [Value] = []
        values.reserveCapacity(arguments.count + 1)
        if let first { values.append(first) }
        for argument in arguments { values.append(try argument.evaluate(input, frame, run)) }
        guard case .function(let function) = procedure else {
            throw try callee.refusal(procedure, input, frame, run, hint: "T1005", plain: "T1006")
        }
        try run.enter(levels, callee)
        defer { run.leave(levels) }
        if let scope { run.evalSite = (scope, frame) }
        var result: Value
        do throws(JSONataError) {
            if let lambda = function as? Lambda {
                result = try lambda.apply(values, context: input, run)
            } else {
                result = try function.call(values, context: input, run)
            }
        } catch {
            throw error.replacing(position: callee.position, token: error.token ?? callee.token)
        }
        if case .tailCall = result { result = try Lambda.perform(run) }
        return form.shape(result, run)
    }

    private func evaluateTail(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let procedure = try callee.procedure.evaluate(input, frame, run)
        var values: [Value] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.evaluate(input, frame, run)) }
        guard case .function = procedure else {
            throw try callee.refusal(procedure, input, frame, run, hint: "T1005", plain: "T1006")
        }
        run.pendingCall = PendingCall(
            procedure: procedure, arguments: values, context: input, token: callee.tailToken,
            position: callee.procedurePosition)
        return .tailCall
    }
}

/// `f(a, ?)`
final class PartialNode: Node, @unchecked Sendable {
    private let callee: Callee
    /// nil where an argument is still due.
    private let arguments: [Node?]

    init(_ callee: Callee, _ arguments: [Node?]) {
        self.callee = callee
        self.arguments = arguments
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var given: [Value?] = []
        for argument in arguments { given.append(try argument?.evaluate(input, frame, run)) }
        let procedure = try callee.procedure.evaluate(input, frame, run)
        guard case .function(let function) = procedure else {
            throw try callee.refusal(procedure, input, frame, run, hint: "T1007", plain: "T1008")
        }
        return .function(try PartialFunction(function, given: given))
    }
}

/// `a ~> f`
final class ApplicationNode: Node, @unchecked Sendable {
    private let left: Node
    private let right: Node
    private let position: Int
    private let form: ResultForm

    init(_ left: Node, _ right: Node, position: Int, form: ResultForm) {
        self.left = left
        self.right = right
        self.position = position
        self.form = form
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let first = try left.evaluate(input, frame, run)
        let result: Value
        if let call = right as? CallNode {
            result = try call.call(applyingTo: first, input, frame, run)
        } else {
            result = try apply(try right.evaluate(input, frame, run), to: first, run)
        }
        return form.shape(result, run)
    }

    private func apply(_ function: Value, to first: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        guard case .function(let second) = function else {
            throw JSONataError(code: "T2006", position: position, value: function.shown)
        }
        if case .function(let inner) = first { return .function(try ChainedFunction(inner, second)) }
        try run.enter(1)
        defer { run.leave(1) }
        return try second.call([first], context: .json(.null), run)
    }
}

extension Evaluation {
    /// Goes deeper for a call; an error of depth is placed there.
    @inline(__always) func enter(_ levels: Int, _ callee: Callee) throws(JSONataError) {
        do throws(JSONataError) {
            try enter(levels)
        } catch {
            leave(levels)
            throw error.replacing(position: callee.position, token: callee.token)
        }
    }
}
