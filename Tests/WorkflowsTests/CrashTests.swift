import Core
import HostTesting
import StatesLanguage
import Storage
import Testing

@testable import Workflows

/// The engine is killed after every commit that an execution makes, and started anew on what is on disk.
@Suite struct CrashTests {
    struct Scenario: Sendable, CustomTestStringConvertible {
        let name: String
        let definition: JSON
        let input: JSON
        let answers: [String: [JSON]]
        var testDescription: String { name }
    }

    static let scenarios: [Scenario] = [
        Scenario(
            name: "tasks, a retry and a wait",
            definition: [
                "StartAt": "A",
                "States": [
                    "A": [
                        "Type": "Task", "Resource": function, "ResultPath": "$.a", "Next": "W",
                        "Retry": [["ErrorEquals": ["Again"]]],
                    ],
                    "W": ["Type": "Wait", "Seconds": 100, "Next": "B"],
                    "B": ["Type": "Task", "Resource": function, "ResultPath": "$.b", "Next": "P"],
                    "P": ["Type": "Pass", "Assign": ["x.$": "$.b"], "Next": "Q"],
                    "Q": ["Type": "Pass", "Parameters": ["x.$": "$x", "all.$": "$"], "End": true],
                ],
            ], input: ["k": 1],
            answers: ["A": [["success": "a"]], "B": [["success": "b"]]]),
        Scenario(
            name: "a map of jobs",
            definition: [
                "StartAt": "M",
                "States": [
                    "M": [
                        "Type": "Map", "MaxConcurrency": 2, "Next": "C",
                        "ItemProcessor": [
                            "StartAt": "J",
                            "States": [
                                "J": [
                                    "Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync",
                                    "Parameters": ["JobName.$": "$"], "End": true,
                                ]
                            ],
                        ],
                    ],
                    "C": [
                        "Type": "Choice", "Choices": [["Variable": "$[0]", "IsPresent": true, "Next": "Z"]],
                        "Default": "Z",
                    ],
                    "Z": ["Type": "Succeed"],
                ],
            ], input: ["x", "y", "z"], answers: ["J": [["echo": true]]]),
    ]

    @Test(arguments: scenarios) func anyCrashGivesTheSameResult(_ scenario: Scenario) async throws {
        let (output, commits) = try await undisturbed(scenario)
        #expect(commits > 3)
        var crashes = 0
        for survivors in 0...commits {
            let (disturbed, hasCrashed) = try await run(scenario, crashAfter: survivors)
            #expect(disturbed == output, "after \(survivors) commits")
            if hasCrashed { crashes += 1 }
        }
        // Messages that come in together share a commit, so that a run may need fewer than the undisturbed one did.
        #expect(crashes > commits / 2)
    }

    private func undisturbed(_ scenario: Scenario) async throws -> (String?, Int) {
        let harness = try EngineHarness(ScriptedIntegration(scenario.answers))
        let machine = try await harness.create(scenario.definition)
        let started = try await harness.start(machine, scenario.input, name: "run")
        let ended = try await harness.finish(started.arn)
        #expect(ended.status == .succeeded)
        let rows = try await harness.database.read {
            try $0.query("SELECT COUNT(*) FROM workflows_journal")[0].int(0)
        }
        await harness.crash()
        return (ended.output, rows)
    }

    private func run(_ scenario: Scenario, crashAfter survivors: Int) async throws -> (String?, Bool) {
        let first = try EngineHarness(ScriptedIntegration(scenario.answers))
        let directory = first.directory
        let machine = try await first.create(scenario.definition)
        // The test's own writes commit too while it lets things settle; only the journal's count.
        first.faults.fail(
            .statement("INSERT INTO workflows_journal"), after: survivors, times: .max,
            with: StorageError(.io, "crashed (simulated)"))
        let arn = "arn:aws:states:us-east-1:000000000000:execution:machine:run"
        _ = try? await first.start(machine, scenario.input, name: "run")
        for _ in 0..<60 where first.faults.injected == 0 {
            if await !first.clock.advanceToNext() { await first.settle() }
            if let record = try? await first.engine.execution(arn), record.status.isFinal { break }
        }
        let hasCrashed = first.faults.injected > 0
        let time = first.clock.now
        await first.crash()

        let second = try EngineHarness(ScriptedIntegration(scenario.answers), in: directory, at: time)
        if (try? await second.engine.execution(arn)) == nil {
            _ = try await second.start(machine, scenario.input, name: "run")
        }
        let ended = try await second.finish(arn)
        #expect(ended.status == .succeeded)
        let events = try await second.engine.history(of: arn, maxResults: 1000).items
        #expect(events.map(\.id) == Array(1...Int64(events.count)))
        await second.crash()
        return (ended.output, hasCrashed)
    }
}
