public import Core
import EventPatterns
public import Storage

extension BusService {
    // MARK: Archives

    /// - Throws: when the bus does not exist, the pattern is not valid or the name is taken.
    @discardableResult
    public func createArchive(
        _ name: String, of bus: BusKey, summary: String?, pattern: String?, retentionDays: Int,
        in transaction: Transaction
    ) throws -> EventArchive {
        guard try store.archive(name, bus.scope, in: transaction) == nil else {
            throw BusError(.alreadyExists, "Archive \(name) already exists.")
        }
        _ = try self.bus(bus, in: transaction)
        let archive = EventArchive(
            id: identifiers.next(), scope: bus.scope, name: name, bus: bus, summary: summary, pattern: pattern,
            retentionDays: retentionDays, createdAt: clock.now)
        try keep(archive, in: transaction)
        return archive
    }

    public func changeArchive(
        _ name: String, _ scope: Scope, in transaction: Transaction, _ change: (inout EventArchive) -> Void
    ) throws -> EventArchive {
        var archive = try archive(name, scope, in: transaction)
        change(&archive)
        try keep(archive, in: transaction)
        return archive
    }

    private func keep(_ archive: EventArchive, in transaction: Transaction) throws {
        let pattern = try archive.pattern.map(Self.compile)
        try store.put(archive, in: transaction)
        let (directory, alarm) = (directory, alarm)
        let sweep = clock.now.adding(milliseconds: Self.sweepInterval)
        transaction.afterCommit {
            directory.put(archive, pattern)
            if archive.retentionDays > 0 { alarm.set(for: sweep) }
        }
    }

    public func archive(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> EventArchive {
        guard let archive = try store.archive(name, scope, in: transaction) else {
            throw BusError(.doesNotExist, "Archive \(name) does not exist.")
        }
        return archive
    }

    /// Archives in the order of their names, beginning after a name.
    public func archives(
        _ scope: Scope, namePrefix: String = "", of bus: BusKey? = nil, after: String = "", limit: Int,
        in transaction: Transaction
    ) throws -> [EventArchive] {
        if let bus { _ = try self.bus(bus, in: transaction) }
        return try store.archives(
            scope, namePrefix: namePrefix, bus: bus?.name, after: after, limit: limit, in: transaction)
    }

    public func contents(of archive: EventArchive, in transaction: Transaction) throws -> ArchiveContents {
        try store.contents(of: archive.id, in: transaction)
    }

    public func deleteArchive(_ name: String, _ scope: Scope) async throws {
        let directory = directory
        try await database.writeInPieces { transaction in
            let archive = try self.archive(name, scope, in: transaction)
            let removed = try self.store.removeEvents(of: archive, limit: Database.pieceSize, in: transaction)
            guard removed < Database.pieceSize else { return .more }
            try self.store.delete(archive, in: transaction)
            transaction.afterCommit { directory.remove(archive: archive.arn) }
            return .done
        }
    }

    // MARK: Replays

    public func startReplay(_ replay: EventReplay, in transaction: Transaction) throws {
        guard try store.replay(replay.name, replay.scope, in: transaction) == nil else {
            throw BusError(.alreadyExists, "Replay \(replay.name) already exists.")
        }
        _ = try bus(replay.destination, in: transaction)
        guard let source = try archive(of: replay, in: transaction) else {
            let name = replay.archive.split(separator: "/").last.map(String.init) ?? replay.archive
            throw BusError(
                .invalid, "Parameter EventSourceArn is not valid. Reason: Archive \(name) does not exist.")
        }
        guard replay.start < replay.end else {
            throw BusError(
                .invalid,
                "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.")
        }
        guard source.bus == replay.destination else {
            throw BusError(
                .invalid,
                "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.")
        }
        let active = try store.activeReplays(in: transaction).filter {
            $0.scope == replay.scope && $0.state != .cancelling
        }
        guard active.count < EventReplay.activeLimit else { throw Self.limitExceeded }
        try store.put(replay, in: transaction)
        let alarm = alarm
        let begin = clock.now.adding(milliseconds: Self.replayDelay)
        transaction.afterCommit { alarm.set(for: begin) }
    }

    private func archive(of replay: EventReplay, in transaction: Transaction) throws -> EventArchive? {
        guard let arn = ARN(replay.archive), arn.resource.hasPrefix("archive/") else { return nil }
        let scope = Scope(account: arn.account, region: arn.region)
        return try store.archive(String(arn.resource.dropFirst(8)), scope, in: transaction)
    }

    public func replay(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> EventReplay {
        guard let replay = try store.replay(name, scope, in: transaction) else {
            throw BusError(.doesNotExist, "Replay \(name) does not exist.")
        }
        return replay
    }

    /// Replays in the order of their names, beginning after a name.
    public func replays(
        _ scope: Scope, namePrefix: String = "", archive: String? = nil, state: String? = nil, after: String = "",
        limit: Int, in transaction: Transaction
    ) throws -> [EventReplay] {
        try store.replays(
            scope, namePrefix: namePrefix, archive: archive, state: state, after: after, limit: limit, in: transaction)
    }

    public func cancelReplay(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> EventReplay {
        var replay = try replay(name, scope, in: transaction)
        guard replay.state == .starting || replay.state == .running else {
            throw BusError(.illegalStatus, "Replay \(name) is not in a valid state for this operation.")
        }
        replay.state = .cancelling
        try store.put(replay, in: transaction)
        let (alarm, end) = (alarm, clock.now.adding(milliseconds: Self.replayDelay))
        transaction.afterCommit { alarm.set(for: end) }
        return replay
    }

    // MARK: Running

    /// Milliseconds between a replay's start and its first event: the time in which it can be cancelled for nothing.
    static let replayDelay: Int64 = 1000
    static let sweepInterval: Int64 = 3_600_000
    private static let replayBatch = 100

    /// Takes every active replay a batch further; says whether one has more to do.
    func advanceReplays() async throws -> Bool {
        try await database.write { transaction in
            var isUnfinished = false
            for replay in try self.store.activeReplays(in: transaction) {
                if try self.advance(replay, in: transaction) { isUnfinished = true }
            }
            return isUnfinished
        }
    }

    private func advance(_ replay: EventReplay, in transaction: Transaction) throws -> Bool {
        var replay = replay
        let now = clock.now
        guard replay.state != .cancelling, let archive = try archive(of: replay, in: transaction) else {
            replay.state = .cancelled
            replay.endedAt = now
            try store.put(replay, in: transaction)
            return false
        }
        guard now.milliseconds(since: replay.begunAt) >= Self.replayDelay else { return true }
        let batch = try store.archived(replay, of: archive.id, limit: Self.replayBatch, in: transaction)
        for archived in batch { try put(archived, of: replay, now: now, in: transaction) }
        if let last = batch.last {
            replay.lastReplayed = last.time
            replay.cursor = last.id
        }
        let isDone = batch.count < Self.replayBatch
        replay.state = isDone ? .completed : .running
        if isDone { replay.endedAt = now }
        try store.put(replay, in: transaction)
        return !isDone
    }

    private func put(
        _ archived: ArchivedEvent, of replay: EventReplay, now: Timestamp, in transaction: Transaction
    ) throws {
        let id = EventEnvelope.identifier(of: archived.event) ?? newIdentifier()
        let event = MatchedEvent(
            EventEnvelope.marking(archived.event, replay: replay.name), id: id, ingestedAt: now)
        let rules = replay.rules.isEmpty ? nil : Set(replay.rules)
        try write(
            route(event, on: replay.destination, rules: rules, isReplay: true), now: now, in: transaction)
    }
}
