import Core
import StatesLanguage
import Testing

/// The cases that lie as data beside the tests.
enum CaseFile {
    static func cases(_ name: String, file: String = #filePath) -> [JSON] {
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        guard let bytes = try? File.read("/\(folder)/Cases/\(name).json"), let parsed = try? JSON(parsing: bytes),
            let cases = parsed.arrayValue, !cases.isEmpty
        else {
            Issue.record("the case file \(name).json is missing or not a list of cases")
            return []
        }
        return cases
    }
}

extension JSON {
    func text(of name: String) -> String { self[name]?.stringValue ?? "" }
}

extension EvaluationScope {
    /// What the cases run in: epoch, one variable and a small context object.
    static func ofCase(_ input: JSON) -> EvaluationScope {
        EvaluationScope(
            input: input, context: ContextObject(["StateMachine": ["Name": "the-state-machine"]]),
            variables: ["count": 3], now: Timestamp(milliseconds: 0), random: SeededRandom(seed: 7))
    }
}

/// Compares what an evaluation gave with what its case expects.
func check(_ example: JSON, _ label: String, _ evaluate: () throws -> JSON) {
    do {
        let value = try evaluate()
        if let expected = example["value"] {
            #expect(value == expected, "\(label)")
        } else {
            Issue.record("\(label) gave \(value), but should fail with \(example.text(of: "error"))")
        }
    } catch let failure as EvaluationFailure {
        #expect(failure.error == example.text(of: "error"), "\(label): \(failure.reason)")
        if let reason = example["reason"]?.stringValue { #expect(failure.reason == reason, "\(label)") }
    } catch {
        Issue.record("\(label): \(error)")
    }
}
