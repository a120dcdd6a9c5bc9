import Core
import HostTesting
import StatesLanguage
import Storage
import Testing

@testable import Workflows

let function: JSON = "arn:aws:lambda:us-east-1:000000000000:function:f"

@Suite struct EngineTests {
    static let twoTasks: JSON = [
        "StartAt": "A",
        "States": [
            "A": ["Type": "Task", "Resource": function, "ResultPath": "$.a", "Next": "B"],
            "B": ["Type": "Task", "Resource": function, "ResultPath": "$.b", "End": true],
        ],
    ]

    @Test func runsTasksToTheEnd() async throws {
        let harness = try EngineHarness(ScriptedIntegration(["A": [["success": 1]], "B": [["success": 2]]]))
        let machine = try await harness.create(Self.twoTasks)
        let started = try await harness.start(machine, ["k": 0], name: "one")
        let ended = try await harness.engine.ended(started.arn)
        #expect(ended.status == .succeeded)
        #expect(ended.output == #"{"k":0,"a":1,"b":2}"#)
        #expect(ended.arn == "arn:aws:states:us-east-1:000000000000:execution:machine:one")
        #expect(try await harness.lines(started.arn).count == 12)
        await harness.crash()
    }

    @Test func purelyComputedMachineIsOneCommit() async throws {
        let harness = try EngineHarness()
        var states: JSONObject = [:]
        for index in 0..<10 {
            states["S\(index)"] =
                index == 9
                ? ["Type": "Pass", "End": true] : ["Type": "Pass", "Next": .string("S\(index + 1)")]
        }
        let machine = try await harness.create(["StartAt": "S0", "States": .object(states)])
        let started = try await harness.start(machine)
        #expect(started.status == .succeeded)
        let rows = try await harness.database.read {
            try $0.query("SELECT COUNT(*) FROM workflows_journal")[0].int64(0)
        }
        #expect(rows == 1)
        #expect(harness.engine.liveCount == 0)
        await harness.crash()
    }

    @Test func waitsOnTheClockAndLeavesMemory() async throws {
        let harness = try EngineHarness()
        let machine = try await harness.create([
            "StartAt": "W", "States": ["W": ["Type": "Wait", "Seconds": 3600, "End": true]],
        ])
        let started = try await harness.start(machine)
        #expect(started.status == .running)
        #expect(harness.engine.liveCount == 0)
        let ended = try await harness.finish(started.arn)
        #expect(ended.status == .succeeded)
        #expect(ended.stoppedAt?.milliseconds(since: started.startedAt) == 3_600_000)
        await harness.crash()
    }

    @Test func namesAreTakenOnce() async throws {
        let harness = try EngineHarness()
        let machine = try await harness.create([
            "StartAt": "W", "States": ["W": ["Type": "Wait", "Seconds": 10, "End": true]],
        ])
        let first = try await harness.start(machine, [:], name: "n")
        let second = try await harness.start(machine, [:], name: "n")
        #expect(first.id == second.id)
        await #expect(throws: WorkflowError.self) { try await harness.start(machine, ["other": 1], name: "n") }
        _ = try await harness.finish(first.arn)
        let refused = await #expect(throws: WorkflowError.self) { try await harness.start(machine, [:], name: "n") }
        #expect(refused?.code == .executionAlreadyExists)
        #expect(refused?.message == "Execution Already Exists: '\(first.arn)'")
        await harness.crash()
    }

    @Test func stops() async throws {
        let harness = try EngineHarness(ScriptedIntegration(["A": [["hang": true]]]))
        let machine = try await harness.create(Self.twoTasks)
        let started = try await harness.start(machine)
        await harness.waitForTasks(1)
        let stopped = try await harness.engine.stopExecution(started.arn, error: "E", cause: "C")
        #expect(stopped.status == .aborted)
        #expect(stopped.failure == ErrorOutput(error: "E", cause: "C"))
        await harness.wait { harness.integration.cancelled.recorded.count == 1 }
        #expect(harness.integration.cancelled.recorded.count == 1)
        #expect(try await harness.lines(started.arn).last == "5<0 ExecutionAborted E")
        await harness.crash()
    }

    static let callback: JSON = [
        "StartAt": "T",
        "States": [
            "T": [
                "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": ["MessageBody": ["token.$": "$$.Task.Token"]], "HeartbeatSeconds": 60, "End": true,
            ]
        ],
    ]

    @Test func callbacksAreAnsweredOnce() async throws {
        let harness = try EngineHarness(ScriptedIntegration(["T": [["success": ["MessageId": "m"]]]]))
        let started = try await harness.start(try await harness.create(Self.callback))
        await harness.waitForTasks(1)
        let task = try #require(harness.integration.started.recorded.first)
        #expect(task.parameters["MessageBody"]?["token"]?.stringValue == task.token)
        try await harness.engine.sendTaskHeartbeat(token: task.token)
        try await harness.engine.sendTaskSuccess(token: task.token, output: "5")
        let ended = try await harness.finish(started.arn)
        #expect(ended.output == "5")
        let late = await #expect(throws: WorkflowError.self) {
            try await harness.engine.sendTaskSuccess(token: task.token, output: "6")
        }
        #expect(late?.code == .taskTimedOut)
        let wrong = await #expect(throws: WorkflowError.self) {
            try await harness.engine.sendTaskFailure(token: "nonsense", error: nil, cause: nil)
        }
        #expect(wrong?.code == .invalidToken)
        await harness.crash()
    }

    @Test func heartbeatsKeepATaskAlive() async throws {
        let harness = try EngineHarness(ScriptedIntegration(["T": [["success": [:]]]]))
        let started = try await harness.start(try await harness.create(Self.callback))
        await harness.waitForTasks(1)
        let token = try #require(harness.integration.started.recorded.first?.token)
        for _ in 0..<3 {
            await harness.clock.advance(by: 50_000)
            try await harness.engine.sendTaskHeartbeat(token: token)
        }
        #expect(try await harness.engine.execution(started.arn).status == .running)
        await harness.clock.advance(by: 61_000)
        let ended = try await harness.engine.execution(started.arn)
        #expect(ended.status == .failed)
        #expect(ended.failure.error == "States.Timeout")
        await harness.crash()
    }

    @Test func activitiesAreTakenByWorkers() async throws {
        let harness = try EngineHarness()
        let activity = try await harness.engine.createActivity(name: "a", scope: EngineHarness.scope)
        let machine = try await harness.create([
            "StartAt": "T", "States": ["T": ["Type": "Task", "Resource": .string(activity.arn), "End": true]],
        ])
        let started = try await harness.start(machine, ["v": 1])
        let task = try #require(try await harness.engine.activityTask(of: activity.arn, worker: "w"))
        #expect(task.input == ["v": 1])
        try await harness.engine.sendTaskSuccess(token: task.token, output: #"{"done":true}"#)
        let ended = try await harness.finish(started.arn)
        #expect(ended.output == #"{"done":true}"#)
        #expect(try await harness.lines(started.arn)[3] == "4<3 ActivityStarted")
        await harness.crash()
    }

    @Test func redriveGoesOnFromTheFailure() async throws {
        let harness = try EngineHarness(
            ScriptedIntegration(["A": [["success": 1]], "B": [["failure": ["error": "E"]], ["success": 2]]]))
        let started = try await harness.start(try await harness.create(Self.twoTasks))
        let failed = try await harness.finish(started.arn)
        #expect(failed.status == .failed)
        let date = try await harness.engine.redriveExecution(started.arn)
        let ended = try await harness.finish(started.arn)
        #expect(ended.redriveCount == 1 && ended.redrivenAt == date)
        #expect(ended.status == .succeeded)
        #expect(ended.output == #"{"a":1,"b":2}"#)
        #expect(harness.integration.started.recorded.map(\.stateName) == ["A", "B", "B"])
        let lines = try await harness.lines(started.arn)
        #expect(lines.contains { $0.hasSuffix("ExecutionRedriven") })
        let again = await #expect(throws: WorkflowError.self) {
            try await harness.engine.redriveExecution(started.arn)
        }
        #expect(again?.code == .executionNotRedrivable)
        await harness.crash()
    }

    @Test func redriveIsIdempotentByItsToken() async throws {
        let harness = try EngineHarness(
            ScriptedIntegration(["A": [["success": 1]], "B": [["failure": ["error": "E"]]]]))
        let started = try await harness.start(try await harness.create(Self.twoTasks))
        _ = try await harness.finish(started.arn)
        let engine = harness.engine
        async let left = engine.redriveExecution(started.arn, clientToken: "t")
        async let right = engine.redriveExecution(started.arn, clientToken: "t")
        let dates = try await [left, right]
        #expect(dates[0] == dates[1])
        #expect(try await harness.finish(started.arn).redriveCount == 1)
        // The answer is the first one's, though the execution has failed again and could be redriven.
        await harness.clock.advance(by: 15 * 60_000)
        #expect(try await engine.redriveExecution(started.arn, clientToken: "t") == dates[0])
        #expect(try await engine.execution(started.arn).redriveCount == 1)
        await harness.clock.advance(by: 1)
        #expect(try await engine.redriveExecution(started.arn, clientToken: "t") != dates[0])
        #expect(try await harness.finish(started.arn).redriveCount == 2)
        await harness.crash()
    }

    @Test func redriveRunsOnlyTheFailedIterations() async throws {
        let definition: JSON = [
            "StartAt": "M",
            "States": [
                "M": [
                    "Type": "Map", "MaxConcurrency": 1, "End": true,
                    "ItemProcessor": [
                        "StartAt": "T", "States": ["T": ["Type": "Task", "Resource": function, "End": true]],
                    ],
                ]
            ],
        ]
        let harness = try EngineHarness(
            ScriptedIntegration(["T": [["success": "a"], ["failure": ["error": "E"]], ["success": "b"]]]))
        let started = try await harness.start(try await harness.create(definition), [1, 2, 3])
        #expect(try await harness.finish(started.arn).status == .failed)
        _ = try await harness.engine.redriveExecution(started.arn)
        let ended = try await harness.finish(started.arn)
        #expect(ended.output == #"["a","b","b"]"#)
        #expect(harness.integration.started.recorded.map(\.parameters) == [1, 2, 2, 3])
        await harness.crash()
    }

    @Test func historyIsPagedBothWays() async throws {
        let harness = try EngineHarness()
        let started = try await harness.start(try await harness.create(Self.twoTasks))
        _ = try await harness.finish(started.arn)
        for reverse in [false, true] {
            var ids: [Int64] = []
            var token: String?
            repeat {
                let page = try await harness.engine.history(
                    of: started.arn, reverse: reverse, maxResults: 5, nextToken: token)
                #expect(page.items.count <= 5)
                ids += page.items.map(\.id)
                token = page.nextToken
            } while token != nil
            let all = Array(Int64(1)...12)
            #expect(ids == (reverse ? all.reversed() : all))
        }
        await harness.crash()
    }

    @Test func aShutdownWaitsForTasksThatHaveBegun() async throws {
        let gate = Wakeup()
        let integration = GatedIntegration(gate)
        let temporary = try Database.temporary(schema: WorkflowSchema.migrations)
        let clock = VirtualClock()
        let engine = WorkflowEngine(
            database: temporary.database, clock: clock, identifiers: IdentifierSequence(clock: clock),
            integration: integration)
        let service = Task { try await engine.run() }
        let machine = try await engine.createStateMachine(
            CreateStateMachineRequest(name: "m", definition: Self.twoTasks.text(), roleARN: "r"),
            scope: EngineHarness.scope)
        let started = try await engine.startExecution(StartExecutionRequest(machineARN: machine.arn))
        await integration.begun.wait()
        engine.drain()
        gate.notify()
        try await service.value
        // The first task's end is on record, the second was scheduled and not begun.
        let lines = try await engine.history(of: started.arn).items.map(\.line)
        #expect(lines.contains("6<5 TaskStateExited A"))
        #expect(lines.last == "9<8 LambdaFunctionStarted")
        #expect(integration.count.recorded == ["A"])
        await temporary.database.close()
    }

    @Test func meterGetsEveryTransition() async throws {
        let meter = RecordingMeter()
        let harness = try EngineHarness(
            ScriptedIntegration(["A": [["failure": ["error": "E"]], ["success": 1]]]), meter: meter)
        var definition = Self.twoTasks
        definition["States"]?["A"]?["Retry"] = [["ErrorEquals": ["E"]]]
        let started = try await harness.start(try await harness.create(definition))
        _ = try await harness.finish(started.arn)
        #expect(meter.usages.recorded.map(\.transitions).reduce(0, +) == 3)
        await harness.crash()
    }
}

final class RecordingMeter: WorkflowMeter {
    let usages = Recorder<WorkflowUsage>()

    func record(_ usage: WorkflowUsage, in transaction: Transaction) throws {
        transaction.afterCommit { self.usages.record(usage) }
    }

    func record(_ usage: WorkflowUsage) async { usages.record(usage) }
}

/// Does each task once it is let to.
final class GatedIntegration: TaskIntegration {
    let begun = Wakeup()
    let count = Recorder<String>()
    private let gate: Wakeup

    init(_ gate: Wakeup) { self.gate = gate }

    func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON {
        count.record(task.stateName)
        begun.notify()
        await gate.wait()
        return 1
    }
}
