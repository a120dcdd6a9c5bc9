public import Core
import EventPatterns
public import Metering
public import Storage

/// Event buses: routes events through the rules of a bus to their targets, archives and replays them.
///
/// Everything that changes works within the caller's transaction and takes effect in memory after its commit, so that
/// several changes can be made at once and none is ever seen half.
public final class BusService: Sendable {
    public static let schema = BusStore.schema
    /// Rules of one bus.
    static let ruleLimit = 10_000
    /// Buses through which an event may be passed on.
    static let hopLimit = 10

    public let database: Database
    let store = BusStore()
    let directory = BusDirectory()
    public let clock: any HostClock
    public let random: any RandomSource
    let identifiers: IdentifierSequence
    let outbox: Outbox
    let meter: Meter
    let schedules: ScheduleStore
    /// Rings for replays and for archives whose events are past their retention.
    let alarm: Alarm

    public init(
        database: Database, clock: any HostClock, identifiers: IdentifierSequence, outbox: Outbox, meter: Meter,
        schedules: ScheduleStore, random: any RandomSource = SystemRandomSource()
    ) {
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
        self.outbox = outbox
        self.meter = meter
        self.schedules = schedules
        self.random = random
        alarm = Alarm(clock: clock)
    }

    /// Reads buses, rules and archives from the database. Call it before the first event.
    public func load() async throws {
        let store = store
        let directory = directory
        try await database.read { transaction in
            for bus in try store.allBuses(in: transaction) { directory.add(bus.key) }
            for rule in try store.allRules(in: transaction) {
                directory.put(rule, try? rule.pattern.map { try EventPattern(parsing: $0) })
                let targets = try store.targets(of: rule.key, in: transaction)
                directory.setTargets(targets.compactMap { try? BusDirectory.CompiledTarget($0) }, of: rule.key)
            }
            for archive in try store.allArchives(in: transaction) {
                directory.put(archive, try? archive.pattern.map { try EventPattern(parsing: $0) })
            }
        }
    }

    func newIdentifier() -> String { UUIDText.make(high: random.nextUInt64(), low: random.nextUInt64()) }

    // MARK: Buses

    public func createBus(_ bus: EventBus, in transaction: Transaction) throws {
        guard try find(bus.key, in: transaction) == nil else {
            throw BusError(.alreadyExists, "Event bus \(bus.key.name) already exists.")
        }
        try store.insert(bus, in: transaction)
        let directory = directory
        transaction.afterCommit { directory.add(bus.key) }
    }

    public func bus(_ key: BusKey, in transaction: Transaction) throws -> EventBus {
        guard let bus = try find(key, in: transaction) else { throw BusError.missing(key) }
        return bus
    }

    private func find(_ key: BusKey, in transaction: Transaction) throws -> EventBus? {
        try store.bus(key, in: transaction) ?? (key.name == BusKey.defaultName ? defaultBus(key.scope) : nil)
    }

    /// The bus that every account has from the start.
    private func defaultBus(_ scope: Scope) -> EventBus {
        EventBus(BusKey(scope), at: Timestamp(milliseconds: 1_562_803_200_000))
    }

    /// Buses in the order of their names, beginning after a name.
    public func buses(
        _ scope: Scope, namePrefix: String = "", after: String = "", limit: Int, in transaction: Transaction
    ) throws -> [EventBus] {
        var buses = try store.buses(scope, namePrefix: namePrefix, after: after, limit: limit, in: transaction)
        let name = BusKey.defaultName
        if name > after, name.hasPrefix(namePrefix), !buses.contains(where: { $0.key.name == name }) {
            buses.append(try bus(BusKey(scope), in: transaction))
            buses.sort { $0.key.name < $1.key.name }
        }
        return Array(buses.prefix(limit))
    }

    /// Changes a bus's settings; the closure sees what is stored.
    public func changeBus(
        _ key: BusKey, in transaction: Transaction, _ change: (inout EventBus) throws -> Void
    ) throws {
        var bus = try bus(key, in: transaction)
        try change(&bus)
        bus.updatedAt = clock.now
        try store.insert(bus, in: transaction)
        let directory = directory
        transaction.afterCommit { directory.add(key) }
    }

    /// Removes a bus with its rules; there need not be one of that name. The default bus stays.
    public func deleteBus(_ key: BusKey, in transaction: Transaction) throws {
        guard key.name != BusKey.defaultName else {
            throw BusError(.invalid, "Cannot delete event bus \(key.name).")
        }
        try store.delete(key, in: transaction)
        let directory = directory
        transaction.afterCommit { directory.remove(key) }
    }
}
