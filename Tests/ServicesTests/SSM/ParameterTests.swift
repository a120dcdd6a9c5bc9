import Core
import HostTesting
import Storage
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

    /// Every change is an event on the default bus, in the transaction that makes it.
    @Test func changesAreAnnounced() async throws {
        let host = try ParameterServices()
        let pattern = #"{"source": ["aws.ssm"], "detail": {"name": [{"prefix": "/a/"}]}}"#
        _ = try await host.call("AWSEvents.PutRule", ["Name": "r", "EventPattern": .string(pattern)])
        let target: JSON = ["Id": "t", "Arn": "arn:aws:lambda:us-east-1:111111111111:function:f"]
        _ = try await host.call("AWSEvents.PutTargets", ["Rule": "r", "Targets": [target]])
        let parameter: JSON = ["Name": "/a/b", "Value": "v", "Type": "String", "Overwrite": true]
        _ = try await host.call("AmazonSSM.PutParameter", parameter)
        _ = try await host.call("AmazonSSM.PutParameter", parameter)
        _ = try await host.call("AmazonSSM.LabelParameterVersion", ["Name": "/a/b", "Labels": ["l"]])
        _ = try await host.call("AmazonSSM.PutParameter", ["Name": "other", "Value": "v", "Type": "String"])
        _ = try await host.call("AmazonSSM.DeleteParameter", ["Name": "/a/b"])
        let details = try await host.temporary.database.read { transaction in
            try transaction.query("SELECT payload FROM deliveries ORDER BY id").map { row in
                try JSON(parsing: row.blob(0))["detail"]?["operation"]?.stringValue
            }
        }
        #expect(details == ["Create", "Update", "LabelParameterVersion", "Delete"])
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
