import Core
import Events
import HostTesting
import Storage
@testable import Project
import Testing
@testable import millrace

/// Triggers of type `EventBridgeRule` as rules, on a host of which nothing runs.
@Suite struct RuleTriggersTests {
    private static let target = "arn:aws:lambda:us-east-1:000000000000:function:f"

    @Test func `a trigger becomes a rule with one target, is changed and is removed`() async throws {
        let directory = try TemporaryDirectory("rules")
        let host = try await MillraceHost(HostSettings(dataDirectory: directory.path), clock: VirtualClock())
        let scope = host.settings.scope
        @Sendable func triggers() -> RuleTriggers {
            RuleTriggers(buses: host.buses, scope: scope, clock: host.clock) { scope.arn("sqs", $0).description }
        }
        var source = RuleTrigger(pattern: #"{"source":["shop"]}"#)
        source.bus = "orders"
        source.inputPath = "$.detail"
        source.retry.maximumRetryAttempts = 3
        source.retry.maximumEventAge = 60
        source.retry.deadLetter = "dead"
        let (first, key) = (source, RuleKey(BusKey(scope, "orders"), "t"))
        try await host.database.write { try triggers().put("t", first, Self.target, in: $0) }
        #expect(host.buses.contains(key.bus))
        let (rule, targets) = try await host.database.read {
            (try host.buses.rule(key, in: $0), try host.buses.targets(of: key, in: $0))
        }
        #expect(rule.pattern == source.pattern)
        #expect(rule.isEnabled)
        #expect(
            targets.map { JSON.object($0.definition) } == [
                [
                    "Id": "t", "Arn": .string(Self.target),
                    "RetryPolicy": ["MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60],
                    "InputPath": "$.detail",
                    "DeadLetterConfig": ["Arn": .string(scope.arn("sqs", "dead").description)],
                ]
            ])

        source.isEnabled = false
        source.inputPath = nil
        source.input = #"{"n":1}"#
        let second = source
        try await host.database.write { try triggers().put("t", second, Self.target, in: $0) }
        let (changed, again) = try await host.database.read {
            (try host.buses.rule(key, in: $0), try host.buses.targets(of: key, in: $0))
        }
        #expect(!changed.isEnabled)
        #expect(again.count == 1)
        #expect(again.first?.definition["Input"] == #"{"n":1}"#)

        try await host.database.write { try triggers().delete("t", bus: "orders", in: $0) }
        await #expect(throws: BusError.self) {
            try await host.database.read { try host.buses.rule(key, in: $0) }
        }
        await host.database.close()
    }
}
