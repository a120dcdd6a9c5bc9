import Core

/// A JSONata expression, compiled once and evaluated any number of times, from any number of tasks.
public struct JSONataExpression: Sendable {
    /// The text it was compiled from.
    public let source: String
    public let dialect: JSONataDialect
    /// What the expression refers to outside of itself.
    public let references: JSONataReferences

    private let program: Program

    /// Parses and compiles the expression.
    ///
    /// - Throws: an error whose code starts with `S`, or `U1001` when the expression is too large or nested too deeply.
    public init(_ source: String, dialect: JSONataDialect = .standard) throws(JSONataError) {
        let compiled = try Program.compile(source, dialect: dialect)
        self.source = source
        self.dialect = dialect
        references = compiled.references
        program = compiled.program
    }

    /// Evaluates the expression.
    ///
    /// - Parameters:
    ///   - input: what `$` and `$$` mean; nil means that there is none.
    ///   - bindings: values of variables by their names without the dollar sign; they take precedence over the function
    ///     library.
    ///   - environment: time, randomness and bounds.
    public func evaluate(
        _ input: JSON?, bindings: [String: JSON] = [:], environment: JSONataEnvironment
    ) throws(JSONataError) -> JSONataResult {
        try program.evaluate(input, bindings: bindings, environment: environment)
    }
}
