import Core
import Foundation
import Testing
import Wire

/// Lambda through the gateway without a socket: scenarios of calls and answers in a table.
@Suite struct LambdaScenarioTests {
    static let scenarios = Scenario.read("lambda.json")

    @Test func thereAreScenarios() { #expect(Self.scenarios.count >= 4) }

    @Test(arguments: scenarios) func scenario(_ scenario: Scenario) async throws {
        try await LambdaServices.with { host in
            var kept = ["zip": try LambdaServices.archive(), "role": LambdaServices.role]
            func filled(_ text: String) -> String {
                kept.reduce(text) { $0.replacing("${\($1.key)}", with: $1.value) }
            }
            for step in scenario.steps {
                let target = filled(try #require(step["do"]?.stringValue))
                let headers = (step["headers"]?.objectValue ?? [:]).map { ($0, $1.stringValue ?? "") }
                let answer = try await host.call(
                    target, try step["with"].map { try JSON(parsing: filled($0.text())) }, headers: headers)
                #expect(answer.status == step["status"]?.intValue.map(Int.init) ?? 200, "\(target): \(answer.text)")
                if let code = step["error"]?.stringValue {
                    #expect(answer.headers["x-amzn-ErrorType"] == code, "\(target)")
                }
                if let wanted = step["gives"] {
                    let wanted = try JSON(parsing: filled(wanted.text()))
                    #expect(SQSTests.holds(answer.json, wanted), "\(target): \(answer.text)")
                }
                if let only = step["only"]?.arrayValue {
                    let names = answer.json.objectValue.map { Set($0.keys) }
                    #expect(names == Set(only.compactMap(\.stringValue)), "\(target): \(answer.text)")
                }
                for (name, member) in step["keep"]?.objectValue ?? [:] {
                    let path = (member.stringValue ?? "").split(separator: ".").map(String.init)
                    let value = path.reduce(answer.json as JSON?) { $0?[$1] }
                    kept[name] = try #require(value?.stringValue, "\(target): \(answer.text)")
                }
                if let text = step["message"]?.stringValue {
                    let message = answer.json["message"] ?? answer.json["Message"]
                    #expect(message?.stringValue == filled(text), "\(target)")
                }
            }
        }
    }
}
