import Core
import HostTesting
import StatesLanguage
import Testing

@testable import Workflows

@Suite struct TaskTokenTests {
    /// Whoever gets the token of a task that waits for a job may end it before the job does.
    @Test(arguments: ["codebuild:startBuild.sync", "sqs:sendMessage.waitForTaskToken"]) func endsTasks(resource: String)
        async throws
    {
        let harness = try EngineHarness(
            ScriptedIntegration(["A": [["success": "begun"]]], jobs: ["A": ["hang": true]]))
        let machine = try await harness.create([
            "StartAt": "A",
            "States": [
                "A": [
                    "Type": "Task", "Resource": .string("arn:aws:states:::\(resource)"),
                    "Parameters": ["Token.$": "$$.Task.Token"], "End": true,
                ]
            ],
        ])
        let execution = try await harness.start(machine)
        await harness.waitForTasks(1)
        let token = try #require(harness.integration.started.recorded.first?.parameters["Token"]?.stringValue)
        try await harness.engine.sendTaskSuccess(token: token, output: "[1]")
        let ended = try await harness.finish(execution.arn)
        #expect(ended.status == .succeeded && ended.output == "[1]")
        await harness.crash()
    }

    @Test func requestsHaveNone() throws {
        let machine = WorkflowMachine(
            try StateMachineDefinition(
                compiling:
                    #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","#
                    + #""Parameters":{"T.$":"$$.Task.Token"},"End":true}}}"#))
        var driver = try MachineDriver(machine, input: "{}")
        driver.run()
        #expect(driver.state.result?.failure.error == ErrorName.runtime)
    }
}
