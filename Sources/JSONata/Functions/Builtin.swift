import Core

/// A function of the library.
final class Builtin: Function, @unchecked Sendable {
    typealias Body = @Sendable (Call) throws(JSONataError) -> Value

    let name: String
    private let signature: Signature
    private let body: Body

    /// - Parameters:
    ///   - signature: the language's own notation; it is part of this program, so it is known to be right.
    ///   - arity: how many arguments higher-order functions hand over, where not all that the signature names.
    init(_ name: String, _ signature: String, arity: Int? = nil, _ body: @escaping Body) {
        self.name = name
        self.body = body
        do throws(JSONataError) {
            self.signature = try Signature(signature, position: 0)
        } catch {
            preconditionFailure("The signature of $\(name) is wrong: \(error)")
        }
        super.init(arity: arity ?? self.signature.parameters.count, closureDepth: 0)
    }

    override func call(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        try run.spend(1)
        let validated = try signature.validate(arguments, context: context, run)
        return try body(Call(arguments: validated, context: context, run: run))
    }
}

/// One call of a library function, its arguments checked against the signature.
struct Call {
    let arguments: [Value]
    let context: Value
    let run: Evaluation

    /// The argument at that position, undefined when it was not given.
    @inline(__always) subscript(index: Int) -> Value { index < arguments.count ? arguments[index] : .undefined }

    @inline(__always) func string(_ index: Int) -> String? { self[index].string }

    @inline(__always) func number(_ index: Int) -> Double? { self[index].number }

    @inline(__always) func elements(_ index: Int) -> [JSON]? { self[index].elements }

    func function(_ index: Int) -> Function? { if case .function(let function) = self[index] { function } else { nil } }

    /// A string as the result, once it is paid for.
    @inline(__always) func result(_ text: String) throws(JSONataError) -> Value {
        try run.checkString(bytes: text.utf8.count)
        return .json(.string(text))
    }
}
