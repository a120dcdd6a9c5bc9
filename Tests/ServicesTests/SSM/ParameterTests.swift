import Core
import Testing

/// The parameter store through the gateway without a socket: scenarios of calls and answers in a table.
@Suite struct ParameterTests {
    static let scenarios = Scenario.read("ssm.json")

    @Test func thereAreScenarios() { #expect(Self.scenarios.count >= 6) }

    @Test(arguments: scenarios) func scenario(_ scenario: Scenario) async throws {
        let host = try ParameterServices()
        var kept: [String: String] = [:]
        for step in scenario.steps {
            func filled(_ json: JSON) throws -> JSON {
                let text = kept.reduce(json.text()) { $0.replacing("${\($1.key)}", with: $1.value) }
                return try JSON(parsing: Array(text.utf8))
            }
            let operation = try #require(step["do"]?.stringValue)
            let target = operation.contains(".") ? operation : "AmazonSSM.\(operation)"
            for number in 0..<(step["times"]?.intValue ?? 1) {
                let input = try filled(step["with"] ?? [:])
                let answer = try await host.call(target, input)
                if let error = step["error"] {
                    #expect(answer.status == 400, "\(operation): \(answer.json)")
                    #expect(answer.json["__type"] == error[0], "\(operation): \(answer.json)")
                    let message = (answer.json["message"] ?? answer.json["Message"])?.stringValue ?? ""
                    #expect(message.contains(error[1]?.stringValue ?? ""), "\(operation): \(message)")
                    continue
                }
                #expect(answer.status == 200, "\(operation) \(number): \(answer.json)")
                if let wanted = step["gives"] {
                    #expect(SQSTests.holds(answer.json, try filled(wanted)), "\(operation): \(answer.json)")
                }
                for (name, member) in step["keep"]?.objectValue ?? [:] {
                    kept[name] = try #require(answer.json[member.stringValue ?? ""]?.stringValue)
                }
            }
        }
    }

    /// Nobody reads a secure value who does not ask for it to be decrypted.
    @Test func secureValuesAreHidden() async throws {
        let host = try ParameterServices()
        _ = try await host.call(
            "AmazonSSM.PutParameter", ["Name": "/a/pw", "Value": "hunter2", "Type": "SecureString"])
        for operation in ["GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"] {
            var input: JSON = ["Name": "/a/pw", "Names": ["/a/pw"], "Path": "/a"]
            let hidden = try await host.call("AmazonSSM.\(operation)", input)
            #expect(hidden.status == 200 && !hidden.json.text().contains("hunter2"), "\(operation)")
            input["WithDecryption"] = true
            let shown = try await host.call("AmazonSSM.\(operation)", input)
            #expect(shown.json.text().contains("hunter2"), "\(operation)")
        }
    }
}
