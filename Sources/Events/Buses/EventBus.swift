public import Core

/// What identifies an event bus.
public struct BusKey: Hashable, Sendable {
    public static let defaultName = "default"

    public var scope: Scope
    public var name: String

    public init(_ scope: Scope, _ name: String = BusKey.defaultName) {
        self.scope = scope
        self.name = name
    }

    /// The bus that an ARN names; nil when it names something else.
    public init?(arn text: String) {
        guard let arn = ARN(text), arn.service == "events", arn.resource.hasPrefix("event-bus/") else { return nil }
        self.init(Scope(account: arn.account, region: arn.region), String(arn.resource.dropFirst(10)))
    }

    public var arn: String { scope.arn("events", "event-bus/\(name)").description }
}

/// An event bus and its settings.
public struct EventBus: Sendable {
    public var key: BusKey
    public var summary: String?
    /// The resource policy's document, as it was put together from permissions.
    public var policy: JSON?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// What is kept and answered but has no effect here, by AWS's member names.
    public var settings: JSONObject

    public init(
        _ key: BusKey, summary: String? = nil, policy: JSON? = nil, at time: Timestamp, settings: JSONObject = [:]
    ) {
        self.key = key
        self.summary = summary
        self.policy = policy
        createdAt = time
        updatedAt = time
        self.settings = settings
    }
}

/// What identifies a rule.
public struct RuleKey: Hashable, Sendable {
    public var bus: BusKey
    public var name: String

    public init(_ bus: BusKey, _ name: String) {
        self.bus = bus
        self.name = name
    }

    /// The rule that an ARN names; nil when it names something else.
    public init?(arn text: String) {
        guard let arn = ARN(text), arn.service == "events", arn.resource.hasPrefix("rule/") else { return nil }
        let scope = Scope(account: arn.account, region: arn.region)
        let parts = arn.resource.dropFirst(5).split(separator: "/")
        guard let name = parts.last else { return nil }
        let bus = parts.count == 1 ? BusKey.defaultName : parts.dropLast().joined(separator: "/")
        self.init(BusKey(scope, bus), String(name))
    }

    public var arn: String {
        let resource = bus.name == BusKey.defaultName ? "rule/\(name)" : "rule/\(bus.name)/\(name)"
        return bus.scope.arn("events", resource).description
    }

    var scheduleKey: ScheduleKey { ScheduleKey(.rule, bus.scope, group: bus.name, name: name) }
}

/// A rule of an event bus: a pattern, a schedule, or both.
public struct EventRule: Sendable {
    public var key: RuleKey
    /// The pattern as it was written.
    public var pattern: String?
    public var schedule: String?
    public var isEnabled: Bool
    public var summary: String?
    public var roleARN: String?
    /// The state as it was given, which knows more kinds than enabled and disabled.
    public var state: String

    public init(
        _ key: RuleKey, pattern: String? = nil, schedule: String? = nil, state: String = "ENABLED",
        summary: String? = nil, roleARN: String? = nil
    ) {
        self.key = key
        self.pattern = pattern
        self.schedule = schedule
        self.state = state
        isEnabled = state != "DISABLED"
        self.summary = summary
        self.roleARN = roleARN
    }
}

/// A target of a rule.
public struct RuleTarget: Hashable, Sendable {
    public static let limit = 5

    /// Unique within the rule.
    public var id: String
    public var arn: String
    /// The whole target by AWS's member names, `Id` and `Arn` included.
    public var definition: JSONObject

    public init(definition: JSONObject) {
        id = definition["Id"]?.stringValue ?? ""
        arn = definition["Arn"]?.stringValue ?? ""
        self.definition = definition
    }
}

/// What an operation on buses, rules, archives, connections and destinations refuses, with the message of AWS.
public struct BusError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        case doesNotExist, alreadyExists, invalid, limitExceeded, invalidPattern, illegalStatus
    }

    public var kind: Kind
    public var description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    static func missing(_ bus: BusKey) -> BusError {
        BusError(.doesNotExist, "Event bus \(bus.name) does not exist.")
    }

    static func missing(_ rule: RuleKey) -> BusError {
        BusError(.doesNotExist, "Rule \(rule.name) does not exist on EventBus \(rule.bus.name).")
    }
}
