import Core
import Logs
import Testing

@Suite struct StepFunctionsTests {
    private static let pass: JSON = ["A": ["Type": "Pass", "End": true]]

    @Test func logGroupsAreToldOfTheirUse() async throws {
        let host = try await StepFunctionsServices()
        let scope = StepFunctionsServices.scope
        let logging: JSON = [
            "level": "ALL",
            "destinations": [
                ["cloudWatchLogsLogGroup": ["logGroupArn": "arn:aws:logs:eu-west-1:111111111111:log-group:g:*"]]
            ],
        ]
        let refused = try await host.create(Self.pass, ["loggingConfiguration": logging])
        #expect(refused.status == 400)
        #expect(refused.body["__type"]?.stringValue == "InvalidLoggingConfiguration")

        try await host.logs.createGroup(host.logs.newGroup("g", scope))
        for name in ["m", "n"] {
            let made = try await host.create(Self.pass, ["loggingConfiguration": logging, "name": .string(name)])
            #expect(made.status == 200)
            try await host.logs.flush()
        }
        let streams = try await host.logs.streams(of: "g", scope)
        #expect(
            streams.map(\.name) == ["log_stream_created_by_aws_to_validate_log_delivery_subscriptions"])
        await host.close()
    }

    @Test func deletedLogGroupsStayDeleted() async throws {
        let host = try await StepFunctionsServices()
        let scope = StepFunctionsServices.scope
        try await host.logs.createGroup(host.logs.newGroup("g", scope))
        let arn: JSON = "arn:aws:logs:eu-west-1:111111111111:log-group:g:*"
        let made = try await host.create(
            Self.pass,
            [
                "loggingConfiguration": [
                    "level": "ALL", "destinations": [["cloudWatchLogsLogGroup": ["logGroupArn": arn]]],
                ]
            ])
        #expect(made.status == 200)
        // Before what it is told has been written.
        try await host.logs.deleteGroup("g", scope)
        try await host.logs.flush()
        #expect(try await host.logs.group("g", scope) == nil)
        // A function's lines make their group anew.
        let line = LogRecord(time: Timestamp(milliseconds: 0), message: "line")
        host.logs.append([line], to: "g", stream: "s", scope: scope)
        host.logs.append([line], to: "other", stream: "s", scope: scope, createsGroup: false)
        try await host.logs.flush()
        #expect(try await host.logs.group("g", scope) != nil)
        #expect(try await host.logs.group("other", scope) == nil)
        await host.close()
    }

    @Test func dataIsLeftOutOnDemand() async throws {
        let host = try await StepFunctionsServices()
        let machine = try #require(try await host.create(Self.pass).body["stateMachineArn"])
        let described = try await host.call(
            "DescribeStateMachine", ["stateMachineArn": machine, "includedData": "METADATA_ONLY"])
        #expect(described.body["definition"] == "" && described.body["name"] == "m")
        let execution = try #require(
            try await host.call("StartExecution", ["stateMachineArn": machine, "input": "[1, 2]"]).body["executionArn"])
        let whole = try await host.call("DescribeExecution", ["executionArn": execution]).body
        #expect(whole["input"] == "[1, 2]" && whole["output"] == "[1, 2]")
        #expect(whole["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven")
        let bare = try await host.call(
            "DescribeExecution", ["executionArn": execution, "includedData": "METADATA_ONLY"]
        ).body
        #expect(bare["input"] == nil && bare["output"] == nil && bare["status"] == "SUCCEEDED")
        #expect(bare["inputDetails"] == ["included": false])
        await host.close()
    }

    @Test(
        arguments: [
            (["encryptionConfiguration": ["type": "AWS_OWNED_KEY"]], nil),
            (["tracingConfiguration": ["enabled": false]], nil),
            (["loggingConfiguration": ["level": "OFF"]], nil),
            (["roleArn": "arn:aws:iam::111111111111:role/other"], nil),
            (["tags": [["key": "k", "value": "v"]]], nil),
            (["tracingConfiguration": ["enabled": true]], "StateMachineAlreadyExists"),
            (["roleArn": "other"], "InvalidArn"),
        ] as [(JSON, String?)])
    func theSameMachineIsMadeOnce(_ changed: JSON, _ code: String?) async throws {
        let host = try await StepFunctionsServices()
        let first = try await host.create(Self.pass)
        let second = try await host.create(Self.pass, changed.objectValue ?? [:])
        #expect(second.body["__type"]?.stringValue == code)
        if code == nil { #expect(second.body["stateMachineArn"] == first.body["stateMachineArn"]) }
        await host.close()
    }

    @Test func redrivesAreAskedForOfMapRunsAlone() async throws {
        let host = try await StepFunctionsServices()
        let machine = try #require(try await host.create(Self.pass).body["stateMachineArn"])
        let answer = try await host.call("ListExecutions", ["stateMachineArn": machine, "redriveFilter": "REDRIVEN"])
        #expect(answer.status == 400 && answer.body["__type"] == "ValidationException")
        await host.close()
    }

    struct Mock: Sendable {
        var action: String
        var result: JSON
        var isSDK = true
        /// What is wrong with it.
        var problem: String?
    }

    static let mocks = [
        Mock(action: "kms:encrypt", result: ["CiphertextBlob": "eA=="]),
        Mock(action: "kms:encrypt", result: ["CiphertextBlob": 1], problem: "'CiphertextBlob' must be a string"),
        Mock(action: "dynamodb:getItem", result: ["Item": ["id": ["S": "x"]]], isSDK: false),
        Mock(
            action: "dynamodb:getItem", result: ["Item": ["id": ["S": 1]]], isSDK: false,
            problem: "'S' must be a string"),
        Mock(
            action: "secretsmanager:listSecrets", result: ["SecretList": JSON.object([:])],
            problem: "'SecretList' must be an array"),
        Mock(
            action: "ssm:getParameter", result: ["Parameter": ["Version": "1"]],
            problem: "'Version' must be a number"),
        Mock(action: "wellarchitected:getWorkload", result: ["Workload": 1]),
    ]

    /// Also of services that the host does not have.
    @Test(arguments: mocks) func mocksAreWhatServicesAnswer(_ mock: Mock) async throws {
        let host = try await StepFunctionsServices()
        let resource = "arn:aws:states:::\(mock.isSDK ? "aws-sdk:" : "")\(mock.action)"
        let state: JSON = ["Type": "Task", "Resource": .string(resource), "End": true]
        let answer = try await host.call(
            "TestState", ["definition": .string(state.text()), "mock": ["result": .string(mock.result.text())]])
        if let problem = mock.problem {
            #expect(answer.body["__type"] == "ValidationException")
            #expect(answer.body["message"]?.stringValue == "Mock result schema validation error: Field \(problem)")
        } else {
            #expect(answer.body["status"] == "SUCCEEDED")
        }
        await host.close()
    }
}
