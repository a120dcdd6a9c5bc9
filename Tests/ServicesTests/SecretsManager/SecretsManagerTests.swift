import Core
import Events
import Foundation
import Functions
import HostTesting
import Testing

/// Secrets Manager through the gateway without a socket: scenarios of calls and answers in a table.
@Suite struct SecretsManagerTests {
    static let scenarios = Scenario.read("secretsmanager.json")

    @Test func thereAreScenarios() { #expect(Self.scenarios.count >= 6) }

    @Test(arguments: scenarios) func scenario(_ scenario: Scenario) async throws {
        try await LambdaServices.with { host in
            var kept: [String: String] = [:]
            for step in scenario.steps {
                if let days = step["days pass"]?.intValue { await host.clock.advance(by: Int64(days) * 86_400_000) }
                guard let operation = step["do"]?.stringValue else { continue }
                func filled(_ json: JSON) throws -> JSON {
                    try JSON(
                        parsing: Array(
                            kept.reduce(json.text()) { $0.replacing("${\($1.key)}", with: $1.value) }.utf8))
                }
                let answer = try await host.call(
                    secrets: operation, try filled(step["with"] ?? [:]),
                    account: step["account"]?.stringValue ?? LambdaServices.account)
                if let error = step["error"] {
                    let wanted = try error[1].map { try filled($0) }
                    #expect(answer.status == 400, "\(operation): \(answer.text)")
                    #expect(answer.json["__type"] == error[0], "\(operation): \(answer.text)")
                    #expect(
                        (answer.json["message"] ?? answer.json["Message"]) == wanted,
                        "\(operation)")
                    continue
                }
                #expect(answer.status == 200, "\(operation): \(answer.text)")
                if let wanted = step["gives"] {
                    #expect(SQSTests.holds(answer.json, try filled(wanted)), "\(operation): \(answer.text)")
                }
                for name in step["lacks"]?.arrayValue ?? [] {
                    #expect(answer.json[name.stringValue ?? ""] == nil, "\(operation): \(answer.text)")
                }
                for (name, member) in step["keep"]?.objectValue ?? [:] {
                    kept[name] = try #require(answer.json[member.stringValue ?? ""]?.stringValue)
                }
            }
        }
    }

    // MARK: Passwords

    static let wishes: [(JSON, Int, String)] = [
        (["PasswordLength": 40, "ExcludePunctuation": true, "ExcludeUppercase": true] as JSON, 40, "[a-z0-9]*"),
        (["PasswordLength": 12, "ExcludeCharacters": "abc0123456789", "ExcludePunctuation": true], 12, "[d-zA-Z]*"),
        (["IncludeSpace": true], 32, ".* .*"),
    ]

    @Test(arguments: wishes) func passwords(_ input: JSON, _ length: Int, _ pattern: String) async throws {
        try await LambdaServices.with { host in
            let answer = try await host.call(secrets: "GetRandomPassword", input)
            let password = try #require(answer.json["RandomPassword"]?.stringValue)
            #expect(password.count == length)
            #expect(try Regex(pattern).wholeMatch(in: password) != nil, "\(password)")
        }
    }

    // MARK: Rotation

    /// The function is invoked for the four steps now, and for four more when its day has come.
    @Test func aFunctionRotatesASecret() async throws {
        try await LambdaServices.with(interpreters: FunctionHost.interpretersOfThisMachine()) { host in
            let file = "\(host.directory.path)/steps"
            try await host.create(
                "rotate",
                code:
                    "import json\ndef handler(event, context):\n    open('\(file)', 'a').write(event['Step'] + '\\n')\n"
            )
            let arn = "arn:aws:lambda:\(LambdaServices.region):\(LambdaServices.account):function:rotate"
            _ = try await host.call(
                secrets: "CreateSecret",
                ["Name": "s", "SecretString": "1", "ClientRequestToken": .string(Self.token(1))])
            let rotated = try await host.call(
                secrets: "RotateSecret",
                [
                    "SecretId": "s", "RotationLambdaARN": .string(arn), "ClientRequestToken": .string(Self.token(2)),
                    "RotationRules": ["AutomaticallyAfterDays": 1],
                ])
            #expect(rotated.json["VersionId"]?.stringValue == Self.token(2), "\(rotated.text)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [deliveries = host.deliveries] in try await deliveries.run() }
                try await Self.expect(4, in: file, host)
                var described = try await host.call(secrets: "DescribeSecret", ["SecretId": "s"]).json
                #expect(described["RotationEnabled"] == true && described["LastRotatedDate"] != nil)
                // The function filled nothing: its version waits no more, and the old one stays the current one.
                #expect(described["VersionIdsToStages"] == [Self.token(1): ["AWSCURRENT"]])
                await host.clock.advance(by: 86_400_000)
                try await Self.expect(8, in: file, host)
                _ = try await host.call(secrets: "CancelRotateSecret", ["SecretId": "s"])
                described = try await host.call(secrets: "DescribeSecret", ["SecretId": "s"]).json
                #expect(described["RotationEnabled"] == false && described["NextRotationDate"] == nil)
                group.cancelAll()
                while let ended = await group.nextResult() { _ = ended }
            }
        }
    }

    private static func token(_ number: Int) -> String { "00000000-0000-4000-8000-00000000000\(number)" }

    /// Asks until so many steps were taken: processes take real time, the clock hardly moves meanwhile.
    private static func expect(_ count: Int, in file: String, _ host: LambdaServices) async throws {
        let names = ["createSecret", "setSecret", "testSecret", "finishSecret"]
        var steps: [String] = []
        for _ in 0..<20_000 {
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            steps = text.split(separator: "\n").map(String.init)
            let last = try await host.call(secrets: "DescribeSecret", ["SecretId": "s"]).json["LastRotatedDate"]
            let today = host.clock.now.milliseconds / 86_400_000
            if steps.count >= count, let last = last?.doubleValue, Int64(last) / 86_400 == today { break }
            await host.clock.advance(by: 1)
        }
        #expect(steps == (0..<count).map { names[$0 % 4] })
    }
}
