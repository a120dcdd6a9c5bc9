public import AWSModels
import Core
import EventPatterns
import Events
public import Wire

extension EventBridgeProvider {
    private static func rule(_ name: String, _ bus: String?, _ context: RequestContext) -> RuleKey {
        RuleKey(Self.bus(bus, context), name)
    }

    public func putRule(
        _ input: EventBridge.PutRuleRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.PutRuleResponse {
        let key = Self.rule(input.name, input.eventBusName, context)
        let rule = EventRule(
            key, pattern: input.eventPattern.flatMap { $0.isEmpty ? nil : $0 },
            schedule: input.scheduleExpression.flatMap { $0.isEmpty ? nil : $0 },
            state: input.state?.rawValue ?? "ENABLED", summary: input.description, roleARN: input.roleArn)
        try await write { [buses, tags] transaction in
            try buses.putRule(rule, in: transaction)
            try tags.add((input.tags ?? []).map { ($0.key, $0.value) }, to: key.arn, in: transaction)
        }
        return EventBridge.PutRuleResponse { $0.ruleArn = key.arn }
    }

    public func describeRule(
        _ input: EventBridge.DescribeRuleRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DescribeRuleResponse {
        let key = Self.rule(input.name, input.eventBusName, context)
        let rule = try await read { [buses] transaction in
            _ = try buses.bus(key.bus, in: transaction)
            return try buses.rule(key, in: transaction)
        }
        return EventBridge.DescribeRuleResponse {
            $0.name = key.name
            $0.arn = key.arn
            $0.eventPattern = rule.pattern
            $0.scheduleExpression = rule.schedule
            $0.state = EventBridge.RuleState(rawValue: rule.state)
            $0.description = rule.summary
            $0.roleArn = rule.roleARN
            $0.eventBusName = key.bus.name
            $0.createdBy = key.bus.scope.account
        }
    }

    public func listRules(
        _ input: EventBridge.ListRulesRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListRulesResponse {
        let bus = Self.bus(input.eventBusName, context)
        let after = try Self.after(input.nextToken)
        let limit = input.limit ?? 100
        let found = try await read { [buses] transaction in
            try buses.rules(
                of: bus, namePrefix: input.namePrefix ?? "", after: after, limit: limit + 1, in: transaction)
        }
        let page = Page(found, limit: limit)
        return EventBridge.ListRulesResponse {
            $0.nextToken = page.last.map { ListToken.make($0.key.name) }
            $0.rules = page.items.map { rule in
                EventBridge.Rule {
                    $0.name = rule.key.name
                    $0.arn = rule.key.arn
                    $0.eventPattern = rule.pattern
                    $0.state = EventBridge.RuleState(rawValue: rule.state)
                    $0.description = rule.summary
                    $0.scheduleExpression = rule.schedule
                    $0.roleArn = rule.roleARN
                    $0.eventBusName = rule.key.bus.name
                }
            }
        }
    }

    public func listRuleNamesByTarget(
        _ input: EventBridge.ListRuleNamesByTargetRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListRuleNamesByTargetResponse {
        let bus = Self.bus(input.eventBusName, context)
        let after = try Self.after(input.nextToken)
        let limit = input.limit ?? 100
        let found = try await read { [buses] transaction in
            try buses.ruleNames(of: bus, target: input.targetArn, after: after, limit: limit + 1, in: transaction)
        }
        let page = Page(found, limit: limit)
        return EventBridge.ListRuleNamesByTargetResponse {
            $0.nextToken = page.last.map { ListToken.make($0) }
            $0.ruleNames = page.items
        }
    }

    public func enableRule(_ input: EventBridge.EnableRuleRequest, _ context: RequestContext) async throws(AWSError) {
        try await setRule(Self.rule(input.name, input.eventBusName, context), isEnabled: true)
    }

    public func disableRule(
        _ input: EventBridge.DisableRuleRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await setRule(Self.rule(input.name, input.eventBusName, context), isEnabled: false)
    }

    private func setRule(_ key: RuleKey, isEnabled: Bool) async throws(AWSError) {
        try await write { [buses] in try buses.setRule(key, isEnabled: isEnabled, in: $0) }
    }

    public func deleteRule(_ input: EventBridge.DeleteRuleRequest, _ context: RequestContext) async throws(AWSError) {
        let key = Self.rule(input.name, input.eventBusName, context)
        try await write { [buses, tags] transaction in
            try buses.deleteRule(key, in: transaction)
            try tags.removeAll(of: key.arn, in: transaction)
        }
    }

    // MARK: Targets

    public func putTargets(
        _ input: EventBridge.PutTargetsRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.PutTargetsResponse {
        let key = Self.rule(input.rule, input.eventBusName, context)
        let targets = input.targets.map { RuleTarget(definition: $0.json) }
        for target in targets { try Self.check(target) }
        try await write { [buses] in try buses.putTargets(targets, of: key, in: $0) }
        return EventBridge.PutTargetsResponse {
            $0.failedEntryCount = 0
            $0.failedEntries = []
        }
    }

    private static func check(_ target: RuleTarget) throws(AWSError) {
        guard let arn = ARN(target.arn) else {
            throw invalid("Parameter \(target.arn) is not valid. Reason: Provided Arn is not in correct format.")
        }
        if let letters = target.definition["DeadLetterConfig"]?["Arn"]?.stringValue, ARN(letters)?.service != "sqs" {
            throw invalid("Parameter \(letters) is not valid. Reason: Provided Arn is not in correct format.")
        }
        if arn.service == "sqs", arn.resource.hasSuffix(".fifo"), target.definition["SqsParameters"] == nil {
            throw invalid("Parameter(s) SqsParameters must be specified for target: \(target.id).")
        }
    }

    public func removeTargets(
        _ input: EventBridge.RemoveTargetsRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.RemoveTargetsResponse {
        let key = Self.rule(input.rule, input.eventBusName, context)
        let unknown = try await write { [buses] in try buses.removeTargets(input.ids, of: key, in: $0) }
        return EventBridge.RemoveTargetsResponse {
            $0.failedEntryCount = unknown.count
            $0.failedEntries = unknown.map { id in
                EventBridge.RemoveTargetsResultEntry {
                    $0.targetId = id
                    $0.errorCode = "ResourceNotFoundException"
                    $0.errorMessage =
                        "Rule '\(key.name)' does not have a target with the Id '\(id)'."
                }
            }
        }
    }

    public func listTargetsByRule(
        _ input: EventBridge.ListTargetsByRuleRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListTargetsByRuleResponse {
        let key = Self.rule(input.rule, input.eventBusName, context)
        let after = try Self.after(input.nextToken)
        let limit = input.limit ?? 100
        let all = try await read { [buses] in try buses.targets(of: key, in: $0) }
        // When the last page's last target is gone, some are listed twice rather than never.
        let start = all.firstIndex { $0.id == after }.map { $0 + 1 } ?? 0
        let page = Page(Array(all[start...].prefix(limit + 1)), limit: limit)
        return EventBridge.ListTargetsByRuleResponse {
            $0.nextToken = page.last.map { ListToken.make($0.id) }
            $0.targets = page.items.compactMap { EventBridge.Target(json: .object($0.definition)) }
        }
    }

    // MARK: Patterns

    public func testEventPattern(
        _ input: EventBridge.TestEventPatternRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.TestEventPatternResponse {
        let machine: PatternMachine
        do {
            machine = PatternMachine(try EventPattern(parsing: input.eventPattern))
        } catch {
            throw AWSError("InvalidEventPatternException", error.message, status: 400)
        }
        let bytes = Array(input.event.utf8)
        guard let event = try? JSON(parsing: bytes) else {
            throw Self.invalid("Parameter Event is not valid.")
        }
        try Self.checkEvent(event)
        return EventBridge.TestEventPatternResponse {
            $0.result = (try? machine.rules(matching: bytes).isEmpty) == false
        }
    }

    private static func checkEvent(_ event: JSON) throws(AWSError) {
        let required = ["id", "account", "source", "time", "region", "detail-type"]
        for name in required where event[name] == nil {
            throw invalid("Parameter Event is not valid.")
        }
    }
}
