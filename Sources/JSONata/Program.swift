import Core

/// The compiled form of an expression.
final class Program: Sendable {
    private let node: Node
    private let scope: Scope
    /// Free variables by number.
    private let globals: [String]
    private let dialect: JSONataDialect

    private init(node: Node, scope: Scope, globals: [String], dialect: JSONataDialect) {
        self.node = node
        self.scope = scope
        self.globals = globals
        self.dialect = dialect
    }

    static func compile(
        _ source: String, dialect: JSONataDialect
    ) throws(JSONataError) -> (program: Program, references: JSONataReferences) {
        let syntax = try Resolver.resolve(try Parser.parse(source))
        let scope = Scope(parent: nil)
        var compiler = Compiler(dialect: dialect, scope: scope)
        let node = compiler.compileRoot(syntax)
        let program = Program(node: node, scope: scope, globals: compiler.globals, dialect: dialect)
        return (program, ReferenceFinder.references(in: syntax, dialect: dialect))
    }

    func evaluate(
        _ input: JSON?, bindings: [String: JSON], environment: JSONataEnvironment
    ) throws(JSONataError) -> JSONataResult {
        let root = input.map { Value.json($0) } ?? .undefined
        let run = Evaluation(
            environment: environment, dialect: dialect, root: root, bindings: bindings,
            globals: Self.globals(globals, bindings, root, dialect))
        defer { run.finish() }
        let frame = Frame.make(scope.count, parent: nil)
        let value = try node.evaluate(Self.wrapped(root), frame, run)
        switch value.unwrapped {
        case .json(let json): return Self.result(json, run)
        case .array(let elements, _): return Self.result(.array(elements), run)
        case .function, .localFunction: return .function
        case .undefined, .unbound, .tailCall: return .undefined
        }
    }

    private static func result(_ json: JSON, _ run: Evaluation) -> JSONataResult {
        run.hasKeptFunctions && json.holdsFunction ? .function : .value(json)
    }

    /// An input that is an array is one input, so it is wrapped.
    static func wrapped(_ input: Value) -> Value {
        guard case .json(.array(let elements)) = input else { return input }
        return .array([.array(elements)], [.sequence, .wrapsInput])
    }

    /// The values of free variables: the host's first, then the library's.
    static func globals(
        _ names: [String], _ bindings: [String: JSON], _ root: Value, _ dialect: JSONataDialect
    ) -> [Value] {
        let library = Library.functions(of: dialect)
        return names.map { name in
            if name == "$" { return root }
            if let bound = bindings[name] { return .json(bound) }
            return library[name].map { .function($0) } ?? .undefined
        }
    }
}
