import Core
import Events
import Metering
import ServiceLifecycle
import Storage
import Synchronization

/// The host's logs: what functions, workflows and clients write, read back by time and followed live.
///
/// ``append(_:to:stream:scope:)`` gathers lines in memory and writes them every tenth of a second, because a lost line is
/// no lost event; ``put(_:to:stream:scope:)`` returns after the commit, because its caller was told so.
public final class LogService: Service, Sendable {
    public static let schema = LogStore.schema + LogDefinitionStore.schema
    /// Lines that wait to be written; beyond them the oldest are dropped and counted.
    static let bufferLimit = 100_000
    private static let flushInterval: Int64 = 100

    struct Pending: Sendable {
        var scope: Scope
        var group: String
        var stream: String
        var records: [LogRecord]
        var createsGroup = true
        var act: (@Sendable (Transaction) throws -> Void)?
    }

    private struct Buffer {
        var pending: [Pending] = []
        var count = 0
        var dropped = 0
    }

    let database: Database
    let clock: any HostClock
    let store = LogStore()
    let identifiers: IdentifierSequence
    let followers = LogFollowers()
    private let buffer = Mutex(Buffer())
    let outbox: Outbox
    let meter: Meter
    private let alarm: Alarm
    private let sweep: Alarm

    public init(
        database: Database, clock: any HostClock, identifiers: IdentifierSequence, outbox: Outbox, meter: Meter
    ) {
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
        self.outbox = outbox
        self.meter = meter
        alarm = Alarm(clock: clock)
        sweep = Alarm(clock: clock)
    }

    // MARK: Writing

    /// Takes lines to be written soon. Group and stream are created where they are missing.
    ///
    /// - Parameters:
    ///   - createsGroup: false for lines that are let go when their group is missing by the time they are written.
    ///   - act: becomes true with the lines: it runs in their transaction, even when there is no room for the lines
    ///     themselves.
    public func append(
        _ records: [LogRecord], to group: String, stream: String, scope: Scope, createsGroup: Bool = true,
        with act: (@Sendable (Transaction) throws -> Void)? = nil
    ) {
        guard !records.isEmpty || act != nil else { return }
        let isFirst = buffer.withLock { buffer -> Bool in
            let hasRoom = buffer.count + records.count <= Self.bufferLimit
            if !hasRoom { buffer.dropped += records.count }
            guard hasRoom || act != nil else { return false }
            let kept = hasRoom ? records : []
            buffer.pending.append(
                Pending(
                    scope: scope, group: group, stream: stream, records: kept, createsGroup: createsGroup, act: act))
            buffer.count += kept.count
            return buffer.pending.count == 1
        }
        if isFirst { alarm.set(for: clock.now.adding(milliseconds: Self.flushInterval)) }
    }

    /// Writes lines and returns after the commit.
    public func put(_ records: [LogRecord], to group: String, stream: String, scope: Scope) async throws {
        try await write([Pending(scope: scope, group: group, stream: stream, records: records)], creates: false)
    }

    /// Writes what waits in memory.
    public func flush() async throws {
        let (pending, dropped) = buffer.withLock { buffer in
            defer { buffer = Buffer() }
            return (buffer.pending, buffer.dropped)
        }
        guard !pending.isEmpty else { return }
        do {
            try await write(withNotice(pending, dropped), creates: true)
        } catch {
            keep(pending, dropped)
            throw error
        }
    }

    /// Puts back what could not be written: all that must become true, and of the lines as many as there is room for.
    private func keep(_ pending: [Pending], _ dropped: Int) {
        buffer.withLock { buffer in
            var kept: [Pending] = []
            buffer.dropped += dropped
            for var item in pending {
                if buffer.count + item.records.count <= Self.bufferLimit {
                    buffer.count += item.records.count
                } else {
                    buffer.dropped += item.records.count
                    item.records = []
                }
                if item.act != nil || !item.records.isEmpty { kept.append(item) }
            }
            buffer.pending = kept + buffer.pending
        }
    }

    private func withNotice(_ pending: [Pending], _ dropped: Int) -> [Pending] {
        var batch = pending
        if dropped > 0, var last = batch.popLast() {
            let notice = "\(dropped) lines were dropped here: they came faster than they could be written."
            last.records.append(LogRecord(time: clock.now, message: notice))
            batch.append(last)
        }
        return batch
    }

    private func write(_ batch: [Pending], creates: Bool) async throws {
        let now = clock.now
        try await database.write { transaction in
            for pending in batch {
                try pending.act?(transaction)
                if !creates, pending.records.isEmpty {
                    // Lines none of which were taken still went to a stream that must be there.
                    let group = try self.requireGroup(
                        pending.group, pending.scope, creates: false, at: now, in: transaction)
                    _ = try self.requireStream(pending.stream, group, creates: false, at: now, in: transaction)
                }
                guard !pending.records.isEmpty else { continue }
                if creates, !pending.createsGroup {
                    guard try self.store.group(pending.group, pending.scope, in: transaction) != nil else { continue }
                }
                let events = try self.insert(pending, creates: creates, at: now, in: transaction)
                transaction.afterCommit {
                    self.followers.publish(events, group: pending.group, scope: pending.scope)
                }
            }
        }
    }

    private func insert(
        _ pending: Pending, creates: Bool, at now: Timestamp, in transaction: Transaction
    ) throws -> [LogEvent] {
        let group = try requireGroup(pending.group, pending.scope, creates: creates, at: now, in: transaction)
        let stream = try requireStream(pending.stream, group, creates: creates, at: now, in: transaction)
        var events: [LogEvent] = []
        for record in pending.records {
            let event = LogEvent(
                id: identifiers.next(), stream: stream.name, time: record.time, ingestedAt: now,
                message: record.message)
            try store.insert(event, group: group.id, stream: stream.id, in: transaction)
            events.append(event)
        }
        if let first = pending.records.map(\.time).min(), let last = pending.records.map(\.time).max() {
            try store.touch(stream.id, first: first, last: last, ingestion: now, in: transaction)
        }
        try account(for: events, in: group, at: now, in: transaction)
        try notifySubscribers(of: group, stream.name, events, in: transaction)
        return events
    }

    /// Lines are billed when they are taken in, and for as long as they are kept.
    private func account(
        for events: [LogEvent], in group: LogGroup, at now: Timestamp, in transaction: Transaction
    ) throws {
        let arn = group.arn.description
        let bytes = events.reduce(0) { $0 + $1.message.utf8.count }
        let usage = Usage.logIngestion(
            into: arn, in: group.scope, bytes: bytes, events: events.count,
            isFunction: group.name.hasPrefix("/aws/lambda/"), at: now)
        meter.record(usage, in: transaction)
        let stored = Int64(bytes + events.count * BillingRule.logEventOverhead)
        try store.addBytes(stored, to: group.id, in: transaction)
        meter.store(stored, .logsStorage, of: arn, in: group.scope, at: now, transaction)
    }

    private func requireGroup(
        _ name: String, _ scope: Scope, creates: Bool, at now: Timestamp, in transaction: Transaction
    ) throws -> LogGroup {
        if let group = try store.group(name, scope, in: transaction) { return group }
        guard creates else { throw LogError(.groupDoesNotExist, "The specified log group does not exist.") }
        let group = LogGroup(
            id: identifiers.next(), scope: scope, name: name, createdAt: now, tags: [:], settings: [:])
        try store.insert(group, in: transaction)
        return group
    }

    private func requireStream(
        _ name: String, _ group: LogGroup, creates: Bool, at now: Timestamp, in transaction: Transaction
    ) throws -> LogStream {
        if let stream = try store.stream(name, of: group.id, in: transaction) { return stream }
        guard creates else { throw LogError(.streamDoesNotExist, "The specified log stream does not exist.") }
        let stream = LogStream(id: identifiers.next(), group: group.id, name: name, createdAt: now)
        try store.insert(stream, in: transaction)
        return stream
    }

    // MARK: Running

    public func run() async throws {
        sweep.set(for: clock.now)
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.alarm.run { await self.flushOrRetry() } }
                group.addTask { await self.sweep.run { await self.removeExpired() } }
                await group.waitForAll()
            }
        } onGracefulShutdown: {
            self.alarm.stop()
            self.sweep.stop()
        }
        try await flush()
    }

    /// Every hour, again at once while there is more than one portion to remove, and in a minute when the database did
    /// not let it.
    private func removeExpired() async {
        let pause: Int64
        do { pause = try await expire() ? 100 : 3_600_000 } catch { pause = 60_000 }
        sweep.set(for: clock.now.adding(milliseconds: pause))
    }

    private func flushOrRetry() async {
        do {
            try await flush()
        } catch {
            alarm.set(for: clock.now.adding(milliseconds: 1000))
        }
    }
}
