public import Core
public import Schedules

/// A schedule as it is kept: when it fires, what it invokes and what becomes of it afterwards.
public struct ScheduleDefinition: Sendable {
    public enum Completion: String, Sendable {
        case keep = "NONE"
        /// Removed with its last firing.
        case delete = "DELETE"
    }

    public var key: ScheduleKey
    /// Its `created` is where a rate counts from: the time at which the expression was set.
    public var schedule: Schedule
    public var isEnabled: Bool
    /// Nil for the schedule of a rule, whose targets the rule knows.
    public var target: ScheduleTarget?
    public var completion: Completion
    /// Text for people.
    public var summary: String?
    public var kmsKeyARN: String?
    /// Set by the store.
    public internal(set) var createdAt: Timestamp
    /// Set by the store.
    public internal(set) var updatedAt: Timestamp

    public init(
        _ key: ScheduleKey, _ schedule: Schedule, isEnabled: Bool = true, target: ScheduleTarget?,
        completion: Completion = .keep, summary: String? = nil, kmsKeyARN: String? = nil
    ) {
        self.key = key
        self.schedule = schedule
        self.isEnabled = isEnabled
        self.target = target
        self.completion = completion
        self.summary = summary
        self.kmsKeyARN = kmsKeyARN
        createdAt = schedule.created
        updatedAt = schedule.created
    }
}

/// A schedule with what is known of its firings.
public struct StoredSchedule: Sendable {
    /// Unique in the database; also the seed of the flexible window's delays.
    public let id: Int64
    public var definition: ScheduleDefinition
    /// The last firing that was handled, or the time before the first one.
    public var handled: Timestamp
    /// The pending firing's own time; nil when there is none any more or the schedule is disabled.
    public var next: Timestamp?
    /// When the pending firing is due: its time plus the flexible window's delay.
    public var due: Timestamp?

    /// Sets the pending firing to the first one after an instant.
    mutating func schedule(after instant: Timestamp) {
        handled = instant
        next = definition.isEnabled ? definition.schedule.next(after: instant) : nil
        due = next.map { definition.schedule.due($0, seed: UInt64(bitPattern: id)) }
    }
}

/// What an operation on schedules refuses.
public struct ScheduleError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        case alreadyExists, doesNotExist, groupDoesNotExist, groupIsDeleting
    }

    public var kind: Kind
    public var description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
