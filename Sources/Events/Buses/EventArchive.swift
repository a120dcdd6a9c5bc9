public import Core

/// Keeps the events of a bus that match a pattern, to be replayed.
public struct EventArchive: Sendable {
    public var id: Int64
    public var scope: Scope
    public var name: String
    public var bus: BusKey
    public var summary: String?
    /// Nil for every event.
    public var pattern: String?
    /// Zero for ever.
    public var retentionDays: Int
    public var createdAt: Timestamp

    public var arn: String { scope.arn("events", "archive/\(name)").description }
}

/// What an archive holds.
public struct ArchiveContents: Hashable, Sendable {
    public var count: Int
    /// Bytes.
    public var size: Int
}

struct ArchivedEvent: Sendable {
    var id: Int64
    var archive: Int64
    var time: Timestamp
    var size: Int
    var event: [UInt8]
}

/// Puts the archived events of a time on their bus once more.
public struct EventReplay: Sendable {
    public enum State: String, Sendable {
        case starting = "STARTING"
        case running = "RUNNING"
        case cancelling = "CANCELLING"
        case cancelled = "CANCELLED"
        case completed = "COMPLETED"

        public var isActive: Bool { self == .starting || self == .running || self == .cancelling }
    }

    /// Replays of one account and region that may be active at once.
    public static let activeLimit = 10

    public var scope: Scope
    public var name: String
    public var state: State
    /// The archive's ARN.
    public var archive: String
    public var destination: BusKey
    /// The ARNs of the rules that receive the events; empty for all of the bus.
    public var rules: [String]
    public var summary: String?
    /// Of the events: inclusive.
    public var start: Timestamp
    /// Of the events: exclusive.
    public var end: Timestamp
    public var begunAt: Timestamp
    public var endedAt: Timestamp?
    /// The time of the last event that was replayed.
    public var lastReplayed: Timestamp?
    var cursor: Int64 = 0

    public var arn: String { scope.arn("events", "replay/\(name)").description }

    public init(
        _ scope: Scope, name: String, archive: String, destination: BusKey, rules: [String] = [],
        summary: String? = nil, start: Timestamp, end: Timestamp, at time: Timestamp
    ) {
        self.scope = scope
        self.name = name
        state = .starting
        self.archive = archive
        self.destination = destination
        self.rules = rules
        self.summary = summary
        self.start = start
        self.end = end
        begunAt = time
    }
}
