import Core

/// `$eval`: evaluates a text as an expression.
enum Evaluator {
    @Sendable static func evaluate(_ call: Call) throws(JSONataError) -> Value {
        guard let source = call.string(0) else { return .undefined }
        let run = call.run
        try run.spend(source.utf8.count)
        let site = run.evalSite
        run.evalSite = nil
        var context = call[1].isUndefined ? call.context : call[1]
        if !call[1].isUndefined { context = Program.wrapped(context) }
        let node: Node
        let height: Int
        let scope = Scope(parent: site?.scope)
        do throws(JSONataError) {
            let syntax = try Resolver.resolve(try Parser.parse(source))
            var compiler = Compiler(dialect: run.dialect, scope: scope, firstGlobal: run.globals.count)
            node = compiler.compileRoot(syntax)
            height = syntax.height
            run.globals += Program.globals(compiler.globals, run.bindings, run.root, run.dialect)
        } catch {
            throw JSONataError(code: "D3120", value: .string(error.message))
        }
        // The text may call itself, so its levels count like those of a function.
        try run.enter(height)
        defer { run.leave(height) }
        do throws(JSONataError) {
            let frame = Frame.make(scope.count, parent: site?.frame)
            return try node.evaluate(context, frame, run)
        } catch {
            if error.isLimit { throw error }
            throw JSONataError(code: "D3121", value: .string(error.message))
        }
    }
}

extension JSONataError {
    /// Whether a bound of the evaluation was reached.
    var isLimit: Bool { code == "D1011" || code == "D1012" || code == "D2015" }
}
