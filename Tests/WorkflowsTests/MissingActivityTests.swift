import Core
import Testing

@testable import Workflows

@Suite struct MissingActivityTests {
    private static func machine(_ activity: String) -> JSON {
        ["StartAt": "A", "States": ["A": ["Type": "Task", "Resource": .string(activity), "End": true]]]
    }

    @Test func failsWhatWouldWaitForever() async throws {
        let harness = try EngineHarness()
        await harness.settle()
        let activity = try await harness.engine.createActivity(name: "gone", scope: EngineHarness.scope)
        try await harness.engine.deleteActivity(activity.arn)
        let machine = try await harness.create(Self.machine(activity.arn))
        let ended = try await harness.start(machine, name: "before")
        #expect(ended.status == .failed)
        #expect(
            ended.failure
                == ErrorOutput(
                    error: "States.Runtime",
                    cause: "An error occurred while executing the state 'A' (entered at the event id #2). The activity "
                        + "\(activity.arn) does not exist."))
        let lines = try await harness.lines(ended.arn)
        #expect(lines.count == 3)
        let directory = harness.directory
        await harness.crash()

        // The journal says what was missing then, whatever is there now.
        let again = try EngineHarness(in: directory)
        _ = try await again.engine.createActivity(name: "gone", scope: EngineHarness.scope)
        #expect(try await again.lines(ended.arn) == lines)
        let waiting = try await again.start(machine, name: "after")
        #expect(waiting.status == .running)
        await again.crash()
    }

    @Test func signalsKeepWhatIsMissing() throws {
        var signal = Signal(.taskStarted(3, worker: "w"), at: Timestamp(milliseconds: 5), seed: 9)
        signal.missingActivities = ["a", "b"]
        #expect(
            try Signal.decode(Signal.encode([signal, Signal(.start, at: Timestamp(milliseconds: 6), seed: 1)])) == [
                signal, Signal(.start, at: Timestamp(milliseconds: 6), seed: 1),
            ])
    }
}
