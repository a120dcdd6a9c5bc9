import Core
import HostTesting
import StatesLanguage
import Storage
import Testing

@testable import Workflows

@Suite struct StoreTests {
    static func pass(_ result: JSON) -> JSON {
        ["StartAt": "P", "States": ["P": ["Type": "Pass", "Result": result, "End": true]]]
    }

    private func refusal(_ body: () async throws -> Void) async -> WorkflowError? {
        do {
            try await body()
            Issue.record("nothing was refused")
            return nil
        } catch {
            return error as? WorkflowError
        }
    }

    @Test func creatingAgainChangesNothing() async throws {
        let harness = try EngineHarness()
        let first = try await harness.create(Self.pass(1))
        #expect(try await harness.create(Self.pass(1)) == first)
        let refused = await refusal { _ = try await harness.create(Self.pass(2)) }
        #expect(refused?.message == "State Machine Already Exists: '\(first.arn)'")
        let name = await refusal { _ = try await harness.create(Self.pass(1), name: "a b") }
        #expect(name == WorkflowError(.invalidName, "Invalid Name: 'a b'"))
        let definition = await refusal { _ = try await harness.create(["StartAt": "P"], name: "other") }
        #expect(
            definition?.message
                == "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'"
        )
        await harness.crash()
    }

    @Test func updatesVersionsAndAliases() async throws {
        let harness = try EngineHarness()
        let engine = harness.engine
        let machine = try await harness.create(Self.pass("one"))
        let v1 = try await engine.publishVersion(of: machine.arn)
        #expect(v1.versionARN == "\(machine.arn):1")
        #expect(try await engine.publishVersion(of: machine.arn).version == 1)
        let updated = try await engine.updateStateMachine(
            UpdateStateMachineRequest(arn: machine.arn, definition: Self.pass("two").text()))
        #expect(!updated.revision.isEmpty)
        let stale = await refusal { _ = try await engine.publishVersion(of: machine.arn, revision: "INITIAL") }
        #expect(stale?.code == .conflict)
        let v2 = try await engine.publishVersion(of: machine.arn, description: "second")
        #expect(v2.version == 2)
        #expect(try await engine.versions(of: machine.arn).items.map(\.version) == [2, 1])

        let routing = [
            StateMachineAlias.Route(versionARN: "\(machine.arn):1", weight: 100),
            StateMachineAlias.Route(versionARN: "\(machine.arn):2", weight: 0),
        ]
        let alias = try await engine.createAlias(name: "live", routing: routing)
        #expect(alias.arn == "\(machine.arn):live")
        for (arn, output) in [
            (machine.arn, "two"), ("\(machine.arn):1", "one"), ("\(machine.arn):2", "two"), (alias.arn, "one"),
        ] {
            let ended = try await engine.startExecution(StartExecutionRequest(machineARN: arn))
            #expect(ended.output == "\"\(output)\"")
            #expect(ended.aliasARN == (arn == alias.arn ? arn : nil))
        }
        #expect(try await engine.executions(of: alias.arn).items.count == 1)
        let held = await refusal { try await engine.deleteVersion("\(machine.arn):1") }
        #expect(held?.message.hasSuffix("[live]") == true)
        let sum = await refusal {
            _ = try await engine.createAlias(
                name: "bad", routing: [StateMachineAlias.Route(versionARN: "\(machine.arn):1", weight: 99)])
        }
        #expect(sum?.message == "Sum of routing configuration weights must equal 100. Received: [99]")
        try await engine.deleteAlias(alias.arn)
        try await engine.deleteVersion("\(machine.arn):1")
        #expect(try await engine.versions(of: machine.arn).items.map(\.version) == [2])
        try await engine.deleteStateMachine(machine.arn)
        let gone = await refusal { _ = try await engine.stateMachine(machine.arn) }
        #expect(gone?.message == "State Machine Does Not Exist: '\(machine.arn)'")
        let start = await refusal {
            _ = try await engine.startExecution(StartExecutionRequest(machineARN: machine.arn))
        }
        #expect(start?.code == .stateMachineDoesNotExist)
        await harness.crash()
    }

    @Test func runningExecutionsKeepTheirDefinition() async throws {
        let harness = try EngineHarness()
        let definition: (String) -> JSON = { result in
            [
                "StartAt": "W",
                "States": [
                    "W": ["Type": "Wait", "Seconds": 60, "Next": "P"],
                    "P": ["Type": "Pass", "Result": .string(result), "End": true],
                ],
            ]
        }
        let machine = try await harness.create(definition("old"))
        let started = try await harness.start(machine)
        _ = try await harness.engine.updateStateMachine(
            UpdateStateMachineRequest(arn: machine.arn, definition: definition("new").text()))
        #expect(try await harness.finish(started.arn).output == "\"old\"")
        let after = try await harness.start(machine)
        #expect(try await harness.finish(after.arn).output == "\"new\"")
        await harness.crash()
    }

    @Test func listingsHavePages() async throws {
        let harness = try EngineHarness()
        for index in 0..<5 { _ = try await harness.create(Self.pass(1), name: "m\(index)") }
        var names: [String] = []
        var token: String?
        repeat {
            let page = try await harness.engine.stateMachines(
                scope: EngineHarness.scope, maxResults: 2, nextToken: token)
            names += page.items.map(\.name)
            token = page.nextToken
        } while token != nil
        #expect(names == ["m0", "m1", "m2", "m3", "m4"])
        #expect(try await harness.engine.stateMachines(scope: Scope(account: "111111111111")).items.isEmpty)
        let machine = try await harness.engine.stateMachine(
            "arn:aws:states:us-east-1:000000000000:stateMachine:m0")
        for _ in 0..<3 { _ = try await harness.start(machine) }
        let page = try await harness.engine.executions(of: machine.arn, status: .succeeded, maxResults: 2)
        #expect(page.items.count == 2 && page.nextToken != nil)
        #expect(try await harness.engine.executions(of: machine.arn, status: .failed).items.isEmpty)
        let token2 = await refusal {
            _ = try await harness.engine.executions(of: machine.arn, nextToken: "garbage!")
        }
        #expect(token2?.code == .invalidToken)
        await harness.crash()
    }

    @Test func tagsAndActivities() async throws {
        let harness = try EngineHarness()
        let engine = harness.engine
        let activity = try await engine.createActivity(
            name: "a", tags: [Tag(key: "k", value: "v")], scope: EngineHarness.scope)
        try await engine.tag(activity.arn, [Tag(key: "k", value: "w"), Tag(key: "l", value: "")])
        try await engine.untag(activity.arn, keys: ["l"])
        #expect(try await engine.tags(of: activity.arn) == [Tag(key: "k", value: "w")])
        let missing = await refusal { _ = try await engine.tags(of: activity.arn + "x") }
        #expect(missing == WorkflowError(.resourceNotFound, "Resource not found: '\(activity.arn)x'"))
        try await engine.deleteActivity(activity.arn)
        let gone = await refusal { _ = try await engine.describeActivity(activity.arn) }
        #expect(gone?.message == "Activity Does Not Exist: '\(activity.arn)'")
        await harness.crash()
    }

    @Test(arguments: [
        ("nonsense", "Invalid ARN prefix: nonsense"),
        (
            "arn:aws:states:us-east-1:000000000000:stateMachine:",
            "Resource type not valid in this context: stateMachine"
        ),
        ("arn:aws:sqs:r:a:q", "arn:aws:sqs:r:a:q"),
    ])
    func arnsAreChecked(arn: String, reason: String) async throws {
        let harness = try EngineHarness()
        let refused = await refusal { _ = try await harness.engine.stateMachine(arn) }
        #expect(refused?.message == "Invalid Arn: '\(reason)'")
        await harness.crash()
    }
}
