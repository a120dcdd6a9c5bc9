import Core
import Events
import Project
import Storage

/// Triggers of type `EventBridgeRule` as rules on a bus.
struct RuleTriggers {
    let buses: BusService
    let scope: Scope
    let clock: any HostClock
    let deadLetterARN: (String) -> String

    func put(_ name: String, _ source: RuleTrigger, _ target: String, in transaction: Transaction) throws {
        let bus = BusKey(scope, source.bus)
        if !buses.contains(bus) { try buses.createBus(EventBus(bus, at: clock.now), in: transaction) }
        let key = RuleKey(bus, name)
        try buses.putRule(
            EventRule(key, pattern: source.pattern, state: source.isEnabled ? "ENABLED" : "DISABLED"), in: transaction)
        var definition: JSONObject = [
            "Id": .string(name), "Arn": .string(target),
            "RetryPolicy": [
                "MaximumRetryAttempts": JSON(source.retry.maximumRetryAttempts),
                "MaximumEventAgeInSeconds": JSON(source.retry.maximumEventAge),
            ],
        ]
        if let input = source.input { definition["Input"] = .string(input) }
        if let path = source.inputPath { definition["InputPath"] = .string(path) }
        if let transformer = source.inputTransformer { definition["InputTransformer"] = transformer }
        if let queue = source.retry.deadLetter {
            definition["DeadLetterConfig"] = ["Arn": .string(deadLetterARN(queue))]
        }
        try buses.putTargets([RuleTarget(definition: definition)], of: key, in: transaction)
    }

    func delete(_ name: String, bus: String, in transaction: Transaction) throws {
        let key = RuleKey(BusKey(scope, bus), name)
        _ = try buses.removeTargets([name], of: key, in: transaction)
        try buses.deleteRule(key, in: transaction)
    }
}
