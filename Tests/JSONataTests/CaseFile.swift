import Core
import Foundation
import JSONata

/// A table of expressions with what they must yield, in the form of the public suite:
/// `{datasets, groups: {name: [case]}}`.
struct CaseFile {
    let datasets: JSONObject
    let groups: [(name: String, cases: [Case])]

    struct Case {
        let id: String
        let source: String
        let input: JSON?
        let bindings: [String: JSON]
        let expectation: Expectation
        let isUnordered: Bool
        let depth: Int?
    }

    enum Expectation {
        case result(JSON)
        case undefined
        /// Members of the error that must agree; at least its code.
        case error(JSONObject)
    }

    init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let json = try data.withUnsafeBytes { try JSON(parsing: $0) }
        let datasets = json["datasets"]?.objectValue ?? JSONObject()
        self.datasets = datasets
        groups = (json["groups"]?.objectValue ?? JSONObject()).map { name, cases in
            (name, (cases.arrayValue ?? []).enumerated().map { Case($1, id: "\(name)#\($0)", datasets: datasets) })
        }
    }
}

extension CaseFile.Case {
    init(_ json: JSON, id: String, datasets: JSONObject) {
        self.id = json["id"]?.stringValue ?? id
        source = json["expr"]?.stringValue ?? ""
        input = json["data"] ?? json["dataset"]?.stringValue.flatMap { datasets[$0] }
        bindings = Dictionary((json["bindings"]?.objectValue ?? JSONObject()).map { ($0, $1) }) { $1 }
        isUnordered = json["unordered"]?.boolValue ?? false
        depth = json["depth"]?.intValue.map { Int($0) }
        if json["undefinedResult"] != nil {
            expectation = .undefined
        } else if let result = json["result"] {
            expectation = .result(result)
        } else if case .object(let error) = json["error"] {
            expectation = .error(error)
        } else {
            var error: JSONObject = ["code": json["code"] ?? .null]
            if let token = json["token"] { error["token"] = token }
            expectation = .error(error)
        }
    }

    /// What is wrong with the outcome; nil when nothing is.
    func failure() -> String? {
        var limits = JSONataLimits.standard
        if let depth { limits.depth = depth }
        // Only runaway expressions need more, and they are to end soon.
        if case .error = expectation { limits.steps = 1_000_000 }
        let environment = JSONataEnvironment(now: Timestamp(milliseconds: 1_510_067_557_121), seed: 7, limits: limits)
        do throws(JSONataError) {
            let expression = try JSONataExpression(source)
            return compare(try expression.evaluate(input, bindings: bindings, environment: environment))
        } catch {
            return compare(error)
        }
    }

    private func compare(_ result: JSONataResult) -> String? {
        switch (expectation, result) {
        case (.undefined, .undefined): return nil
        case (.result(let expected), .value(let value)):
            let isEqual = isUnordered ? Self.sorted(expected) == Self.sorted(value) : expected == value
            return isEqual ? nil : "yields \(value) instead of \(expected)"
        case (.result(let expected), _): return "yields \(result) instead of \(expected)"
        case (.undefined, _): return "yields \(result) instead of nothing"
        case (.error(let error), _): return "yields \(result) instead of the error \(JSON.object(error))"
        }
    }

    private func compare(_ error: JSONataError) -> String? {
        guard case .error(let expected) = expectation else { return "fails: \(error)" }
        for (name, value) in expected {
            let actual: JSON? =
                switch name {
                case "code": .string(error.code)
                case "message": .string(error.message)
                case "token", "functionName": error.token.map { .string($0) }
                case "value": error.value
                default: nil
                }
            // The suite's own guard against runaway expressions has a code of its own.
            let isGuard = value == "U1001" && (error.code == "D1011" || error.code == "D1012")
            if actual != value, !isGuard { return "fails with \(error) instead of \(JSON.object(expected))" }
        }
        return nil
    }

    private static func sorted(_ json: JSON) -> [String] { (json.arrayValue ?? [json]).map { $0.text() }.sorted() }
}
