import Core

/// The compiled form.
final class Program: Sendable {
    static func compile(
        _ source: String, dialect: JSONataDialect
    ) throws(JSONataError) -> (program: Program, references: JSONataReferences) {
        (Program(), JSONataReferences())
    }

    func evaluate(
        _ input: JSON?, bindings: [String: JSON], environment: JSONataEnvironment
    ) throws(JSONataError) -> JSONataResult {
        throw JSONataError(code: "D1012", text: "The evaluator is not in place yet")
    }
}
