import Core
import EventPatterns
import Schedules
public import Storage

extension BusService {
    /// Adds a rule or replaces the one of its name, keeping its targets.
    public func putRule(_ rule: EventRule, in transaction: Transaction) throws {
        _ = try bus(rule.key.bus, in: transaction)
        guard rule.pattern != nil || rule.schedule != nil else {
            throw BusError(.invalid, "Parameter(s) EventPattern or ScheduleExpression must be specified.")
        }
        let pattern = try rule.pattern.map(Self.compile)
        try putSchedule(of: rule, in: transaction)
        let id = try store.identifier(of: rule.key, in: transaction)
        if id == nil {
            let rules = try store.rules(
                of: rule.key.bus, namePrefix: "", after: "", limit: Self.ruleLimit, in: transaction)
            guard rules.count < Self.ruleLimit else { throw Self.limitExceeded }
        }
        try store.put(rule, id: id ?? identifiers.next(), in: transaction)
        let directory = directory
        transaction.afterCommit { directory.put(rule, pattern) }
    }

    static let limitExceeded = BusError(
        .limitExceeded, "The requested resource exceeds the maximum number allowed.")

    static func compile(_ text: String) throws -> EventPattern {
        do {
            return try EventPattern(parsing: text)
        } catch {
            throw BusError(.invalidPattern, error.message)
        }
    }

    private func putSchedule(of rule: EventRule, in transaction: Transaction) throws {
        guard let text = rule.schedule else {
            try schedules.remove(rule.key.scheduleKey, in: transaction)
            return
        }
        guard rule.key.bus.name == BusKey.defaultName else {
            throw BusError(.invalid, "ScheduleExpression is supported only on the default event bus.")
        }
        let expression: ScheduleExpression
        do {
            expression = try ScheduleExpression(text, dialect: .rule)
        } catch {
            throw BusError(.invalid, error.message)
        }
        let definition = ScheduleDefinition(
            rule.key.scheduleKey, Schedule(expression, created: clock.now), isEnabled: rule.isEnabled, target: nil)
        try schedules.put(definition, in: transaction)
    }

    public func rule(_ key: RuleKey, in transaction: Transaction) throws -> EventRule {
        guard let rule = try store.rule(key, in: transaction) else { throw BusError.missing(key) }
        return rule
    }

    /// Rules in the order of their names, beginning after a name.
    public func rules(
        of bus: BusKey, namePrefix: String = "", after: String = "", limit: Int, in transaction: Transaction
    ) throws -> [EventRule] {
        _ = try self.bus(bus, in: transaction)
        return try store.rules(of: bus, namePrefix: namePrefix, after: after, limit: limit, in: transaction)
    }

    /// The names of the rules that have a target of that ARN.
    public func ruleNames(
        of bus: BusKey, target arn: String, after: String = "", limit: Int, in transaction: Transaction
    ) throws -> [String] {
        _ = try self.bus(bus, in: transaction)
        return try store.ruleNames(of: bus, target: arn, after: after, limit: limit, in: transaction)
    }

    public func setRule(_ key: RuleKey, isEnabled: Bool, in transaction: Transaction) throws {
        _ = try bus(key.bus, in: transaction)
        var rule = try rule(key, in: transaction)
        rule.isEnabled = isEnabled
        rule.state = isEnabled ? "ENABLED" : "DISABLED"
        try putRule(rule, in: transaction)
    }

    /// Removes a rule that has no targets; there need not be one of that name.
    public func deleteRule(_ key: RuleKey, in transaction: Transaction) throws {
        _ = try bus(key.bus, in: transaction)
        guard try store.targets(of: key, in: transaction).isEmpty else {
            throw BusError(.invalid, "Rule can't be deleted since it has targets.")
        }
        try store.delete(key, in: transaction)
        try schedules.remove(key.scheduleKey, in: transaction)
        let directory = directory
        transaction.afterCommit { directory.remove(key) }
    }

    // MARK: Targets

    /// Adds targets or replaces those of the same identifiers.
    public func putTargets(_ targets: [RuleTarget], of key: RuleKey, in transaction: Transaction) throws {
        _ = try bus(key.bus, in: transaction)
        guard let id = try store.identifier(of: key, in: transaction) else { throw BusError.missing(key) }
        for target in targets { _ = try BusDirectory.CompiledTarget(target) }
        for target in targets {
            try store.put(target, of: id, position: identifiers.next(), in: transaction)
        }
        guard try store.targets(of: key, in: transaction).count <= RuleTarget.limit else { throw Self.limitExceeded }
        try refreshTargets(of: key, in: transaction)
    }

    /// - Returns: the identifiers that no target had.
    public func removeTargets(_ ids: [String], of key: RuleKey, in transaction: Transaction) throws -> [String] {
        _ = try bus(key.bus, in: transaction)
        guard let id = try store.identifier(of: key, in: transaction) else { throw BusError.missing(key) }
        let unknown = try ids.filter { try !store.deleteTarget($0, of: id, in: transaction) }
        try refreshTargets(of: key, in: transaction)
        return unknown
    }

    /// The targets in the order in which they were added.
    public func targets(of key: RuleKey, in transaction: Transaction) throws -> [RuleTarget] {
        _ = try bus(key.bus, in: transaction)
        _ = try rule(key, in: transaction)
        return try store.targets(of: key, in: transaction)
    }

    private func refreshTargets(of key: RuleKey, in transaction: Transaction) throws {
        let compiled = try store.targets(of: key, in: transaction).map(BusDirectory.CompiledTarget.init)
        let directory = directory
        transaction.afterCommit { directory.setTargets(compiled, of: key) }
    }
}
