import Core
import HostTesting
import StatesLanguage
import Storage
import Testing

@testable import Workflows

@Suite struct NestedAndExpressTests {
    static func nested(_ pattern: String, _ machine: StateMachineRecord) -> JSON {
        [
            "StartAt": "N",
            "States": [
                "N": [
                    "Type": "Task", "Resource": .string("arn:aws:states:::states:startExecution\(pattern)"),
                    "Parameters": ["StateMachineArn": .string(machine.arn), "Input.$": "$", "Name": "child"],
                    "End": true,
                ]
            ],
        ]
    }

    @Test(arguments: ["", ".sync", ".sync:2"]) func startsAndAwaitsChildren(pattern: String) async throws {
        let harness = try EngineHarness()
        let child = try await harness.create(
            ["StartAt": "W", "States": ["W": ["Type": "Wait", "Seconds": 30, "End": true]]], name: "child")
        let parent = try await harness.create(Self.nested(pattern, child), name: "parent")
        let started = try await harness.start(parent, ["k": 1])
        let ended = try await harness.finish(started.arn)
        #expect(ended.status == .succeeded)
        let output = try JSON(parsing: try #require(ended.output))
        #expect(
            output["ExecutionArn"]?.stringValue == "arn:aws:states:us-east-1:000000000000:execution:child:child")
        switch pattern {
        case "": #expect(output["SdkHttpMetadata"]?["HttpStatusCode"] == 200)
        case ".sync": #expect(output["Output"] == #"{"k":1}"#)
        default: #expect(output["Output"] == ["k": 1])
        }
        let waited = ended.stoppedAt?.milliseconds(since: ended.startedAt)
        #expect(waited == (pattern.isEmpty ? 0 : 30_000))
        await harness.crash()
    }

    @Test func aFailingChildFailsItsParent() async throws {
        let harness = try EngineHarness()
        let child = try await harness.create(
            ["StartAt": "F", "States": ["F": ["Type": "Fail", "Error": "E", "Cause": "C"]]], name: "child")
        let parent = try await harness.create(Self.nested(".sync", child), name: "parent")
        let ended = try await harness.finish(try await harness.start(parent).arn)
        #expect(ended.failure.error == "States.TaskFailed")
        let cause = try JSON(parsing: try #require(ended.failure.cause))
        #expect(cause["Error"] == "E" && cause["Cause"] == "C" && cause["Status"] == "FAILED")
        await harness.crash()
    }

    @Test func stoppingAParentStopsItsChild() async throws {
        let harness = try EngineHarness()
        let child = try await harness.create(
            ["StartAt": "W", "States": ["W": ["Type": "Wait", "Seconds": 3000, "End": true]]], name: "child")
        let parent = try await harness.create(Self.nested(".sync", child), name: "parent")
        let started = try await harness.start(parent)
        let arn = "arn:aws:states:us-east-1:000000000000:execution:child:child"
        await harness.wait { (try? await harness.engine.execution(arn)) != nil }
        await harness.settle()
        _ = try await harness.engine.stopExecution(started.arn)
        try await harness.wait { try await harness.engine.execution(arn).status == .aborted }
        #expect(try await harness.engine.execution(arn).status == .aborted)
        await harness.crash()
    }

    @Test func aMissingMachineIsAFailureOfTheTask() async throws {
        let harness = try EngineHarness()
        var child = try await harness.create(
            ["StartAt": "P", "States": ["P": ["Type": "Pass", "End": true]]], name: "child")
        child.arn += "x"
        let parent = try await harness.create(Self.nested("", child), name: "parent")
        let ended = try await harness.finish(try await harness.start(parent).arn)
        #expect(ended.failure.error == "StepFunctions.StateMachineDoesNotExistException")
        #expect(
            ended.failure.cause?.hasPrefix("State Machine Does Not Exist: '\(child.arn)' (Service: AWSStepFunctions; ")
                == true)
        await harness.crash()
    }

    // MARK: Express

    static let express: JSON = [
        "StartAt": "A",
        "States": [
            "A": [
                "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "ResultPath": "$.a",
                "Retry": [["ErrorEquals": ["E"], "IntervalSeconds": 3]], "Next": "P",
            ], "P": ["Type": "Pass", "End": true],
        ],
    ]

    @Test func syncExpressIsBilledByTime() async throws {
        let meter = RecordingMeter()
        let harness = try EngineHarness(
            ScriptedIntegration(["A": [["failure": ["error": "E"]], ["success": 1]]]), meter: meter)
        let machine = try await harness.create(Self.express, type: .express)
        let request = StartExecutionRequest(machineARN: machine.arn, input: #"{"k":1}"#)
        async let answer = harness.engine.startSyncExecution(request)
        await harness.clock.waitForSleepers(1)
        while await harness.clock.advanceToNext(), meter.usages.recorded.isEmpty {}
        let result = try await answer
        #expect(result.record.status == .succeeded)
        #expect(result.record.output == #"{"k":1,"a":1}"#)
        #expect(result.record.arn.contains(":express:machine:"))
        #expect(result.billedMilliseconds == 3000)
        let usage = try #require(meter.usages.recorded.first)
        #expect(usage.requests == 1 && usage.billedMegabytes == 64 && usage.transitions == 0)
        #expect(usage.gigabyteMilliseconds == 187.5)
        await harness.crash()
    }

    @Test func expressEndsAfterFiveMinutes() async throws {
        let harness = try EngineHarness()
        let machine = try await harness.create(
            ["StartAt": "W", "States": ["W": ["Type": "Wait", "Seconds": 1000, "End": true]]], type: .express)
        async let answer = harness.engine.startSyncExecution(StartExecutionRequest(machineARN: machine.arn))
        await harness.clock.waitForSleepers(1)
        await harness.clock.advance(by: 300_000)
        let result = try await answer
        #expect(result.record.status == .timedOut)
        #expect(result.record.failure.error == "States.Timeout")
        await harness.crash()
    }

    @Test func typesAreNotMixedUp() async throws {
        let harness = try EngineHarness()
        let machine = try await harness.create(Self.express)
        let refused = await #expect(throws: WorkflowError.self) {
            try await harness.engine.startSyncExecution(StartExecutionRequest(machineARN: machine.arn))
        }
        #expect(refused?.code == .stateMachineTypeNotSupported)
        let bad = await #expect(throws: WorkflowError.self) {
            try await harness.engine.startExecution(StartExecutionRequest(machineARN: machine.arn, input: "not json"))
        }
        #expect(bad?.code == .invalidExecutionInput)
        #expect(
            bad?.message
                == "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, "
                + "Number, Array, Object or token 'null', 'true' or 'false')'")
        await harness.crash()
    }

    @Test(arguments: [("ALL", 4), ("ERROR", 2), ("FATAL", 1), ("OFF", 0)]) func logsByLevel(
        level: String, count: Int
    ) async throws {
        let observer = RecordingObserver()
        let harness = try EngineHarness(observer: observer)
        let logging: JSON = [
            "level": .string(level), "includeExecutionData": true,
            "destinations": [
                [
                    "cloudWatchLogsLogGroup": [
                        "logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"
                    ]
                ]
            ],
        ]
        let machine = try await harness.create(
            [
                "StartAt": "P",
                "States": [
                    "P": [
                        "Type": "Choice", "Choices": [["Variable": "$.x", "IsPresent": true, "Next": "F"]],
                        "Default": "F",
                    ],
                    "F": ["Type": "Fail", "Error": "E"],
                ],
            ], settings: ["loggingConfiguration": logging])
        _ = try await harness.start(machine)
        let records = observer.logs.recorded
        // The choice adds its own two.
        #expect(records.count == count + (level == "ALL" ? 1 : 0))
        if let last = records.last {
            #expect(last.message["type"] == "ExecutionFailed")
            #expect(last.message["id"]?.stringValue == "5")
            #expect(last.message["previous_event_id"] == "4")
            #expect(last.message["details"]?["error"] == "E")
            #expect(last.message["redrive_count"] == "0")
        }
        #expect(observer.statuses.recorded == [.running, .failed])
        await harness.crash()
    }
}

final class RecordingObserver: WorkflowObserver {
    let statuses = Recorder<ExecutionStatus>()
    let logs = Recorder<WorkflowLogRecord>()

    func statusChanged(_ execution: ExecutionRecord, in transaction: Transaction) throws {
        transaction.afterCommit { self.statuses.record(execution.status) }
    }

    func log(_ records: [WorkflowLogRecord], of execution: ExecutionRecord, to destination: String) {
        for record in records { logs.record(record) }
    }
}
