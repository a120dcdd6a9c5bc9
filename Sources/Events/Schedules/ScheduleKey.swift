public import Core

/// Which service a schedule belongs to.
public enum ScheduleOwner: String, Sendable {
    /// A schedule of EventBridge Scheduler.
    case scheduler
    /// The schedule of a rule on the default event bus.
    case rule
}

/// What identifies a schedule.
public struct ScheduleKey: Hashable, Sendable {
    public var owner: ScheduleOwner
    public var scope: Scope
    /// The schedule group; for rules the event bus.
    public var group: String
    public var name: String

    /// A schedule of the scheduler.
    public init(_ scope: Scope, group: String = "default", name: String) {
        self.init(.scheduler, scope, group: group, name: name)
    }

    public init(_ owner: ScheduleOwner, _ scope: Scope, group: String = "default", name: String) {
        self.owner = owner
        self.scope = scope
        self.group = group
        self.name = name
    }

    public var arn: String {
        switch owner {
        case .scheduler: scope.arn("scheduler", "schedule/\(group)/\(name)").description
        case .rule: scope.arn("events", group == "default" ? "rule/\(name)" : "rule/\(group)/\(name)").description
        }
    }
}
