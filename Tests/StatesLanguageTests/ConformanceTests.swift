import Core
import StatesLanguage
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Real definitions from public sample collections. Placeholders in them stand for values.
@Suite struct ConformanceTests {
    /// Definitions that AWS would refuse too, and why.
    private static let refused: [String: String] = [
        "step-functions-workflows-collection/shared-fallback-state-jsonata/statemachine/statemachine.asl.json":
            "'QueryLanguage' stands inside 'States', where it is a state that is no object; the states then use JSONata "
            + "fields in JSONPath states",
        "step-functions-workflows-collection/textract-analyze-expense-tf/statemachine/statemachine.asl.json":
            "the filters compare with words that stand in no quotes, which is no JSONPath",
    ]

    private static let file: String? = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let folder = getenv("MILLRACE_CONFORMANCE").map { String(cString: $0) } ?? "/\(root)/../shared/conformance"
        let path = "\(folder)/asl-definitions.json"
        return File.exists(path) ? path : nil
    }()

    @Test(.enabled(if: file != nil, "the conformance folder is not there; set MILLRACE_CONFORMANCE"))
    func acceptsDefinitions() throws {
        let cases = try JSON(parsing: File.read(try #require(Self.file))).arrayValue ?? []
        #expect(!cases.isEmpty)
        for example in cases {
            let name = example.text(of: "id")
            let definition = try #require(example["definition"])
            let compilation = StateMachineDefinition.compile(definition.text(), allowsPlaceholders: true)
            let errors = compilation.diagnostics.filter { $0.severity == .error }.map(\.summary)
            if Self.refused[name] == nil {
                #expect(errors.isEmpty, "\(name)")
            } else {
                #expect(!errors.isEmpty, "\(name) is refused no more")
            }
        }
    }
}
