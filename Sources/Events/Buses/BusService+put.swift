public import Core
import EventPatterns
import Metering
public import Storage

/// An event for a bus.
public struct BusEvent: Sendable {
    public var bus: BusKey
    public var entry: EventEntry

    public init(_ bus: BusKey, _ entry: EventEntry) {
        self.bus = bus
        self.entry = entry
    }
}

extension BusService {
    /// Puts events on their buses and returns after the commit: the identifier or the error of each. An event for a bus
    /// that does not exist goes nowhere, and is acknowledged like the others.
    ///
    /// - Parameter origin: the account and region of the caller, which the events name.
    public func put(_ events: [BusEvent], origin: Scope) async throws -> [Result<String, EntryError>] {
        let now = clock.now
        var results: [Result<String, EntryError>] = []
        var routed: [Routed] = []
        var sizes: [BusKey: [Int]] = [:]
        for event in events {
            let id = newIdentifier()
            do throws(EntryError) {
                let bytes = try event.entry.envelope(id: id, origin: origin, now: now)
                let context: JSONObject = event.entry.traceHeader.map { ["traceHeader": .string($0)] } ?? [:]
                routed.append(
                    route(
                        MatchedEvent(bytes, id: id, ingestedAt: now), on: event.bus, context: context,
                        archivedSize: event.entry.archivedSize))
                sizes[event.bus, default: []].append(event.entry.size)
                results.append(.success(id))
            } catch {
                results.append(.failure(error))
            }
        }
        guard !routed.isEmpty else { return results }
        try await database.write { [routed, sizes] transaction in
            for each in routed { try self.write(each, now: now, in: transaction) }
            for (bus, bytes) in sizes {
                self.meter.record(.customEvents(bytes: bytes, on: bus.arn, in: bus.scope, at: now), in: transaction)
            }
        }
        return results
    }

    /// Puts events of the platform's own services, such as object notifications, in the transaction that causes them.
    /// They cost nothing.
    ///
    /// - Returns: the events' identifiers.
    /// - Throws: ``EntryError`` when a detail is no JSON object.
    @discardableResult
    public func put(_ events: [BusEvent], in transaction: Transaction) throws -> [String] {
        let now = clock.now
        return try events.map { event in
            let id = newIdentifier()
            let bytes = try event.entry.envelope(id: id, origin: event.bus.scope, now: now)
            let routed = route(
                MatchedEvent(bytes, id: id, ingestedAt: now), on: event.bus, archivedSize: event.entry.archivedSize)
            try write(routed, now: now, in: transaction)
            return id
        }
    }

    /// Whether a bus exists.
    public func contains(_ key: BusKey) -> Bool { directory.contains(key) }

    // MARK: Routing

    /// What becomes of an event: decided outside of any transaction, written in one.
    struct Routed: Sendable {
        var deliveries: [NewDelivery] = []
        var archived: [ArchivedEvent] = []
    }

    /// - Parameters:
    ///   - context: what every delivery's context begins with.
    ///   - rules: the ARNs of the rules that may take the event; nil for all. Replayed events are not archived again.
    func route(
        _ event: MatchedEvent, on key: BusKey, context: JSONObject = [:], archivedSize: Int = 0,
        rules: Set<String>? = nil, isReplay: Bool = false
    ) -> Routed {
        var routed = Routed()
        guard let bus = directory.bus(key), let matched = try? bus.machine.rules(matching: event.bytes) else {
            return routed
        }
        for number in matched {
            if let route = bus.routes[number] {
                if let rules, !rules.contains(route.rule.key.arn) { continue }
                add(route, event, context, to: &routed)
            }
        }
        guard !isReplay else { return routed }
        for number in matched where bus.collectors[number] != nil { collect(number, bus, event, archivedSize, &routed) }
        for number in bus.universal { collect(number, bus, event, archivedSize, &routed) }
        return routed
    }

    private func collect(
        _ number: Int, _ bus: BusDirectory.Bus, _ event: MatchedEvent, _ size: Int, _ routed: inout Routed
    ) {
        guard let collector = bus.collectors[number] else { return }
        routed.archived.append(
            ArchivedEvent(
                id: identifiers.next(), archive: collector.archive.id, time: event.ingestedAt, size: size,
                event: event.bytes))
    }

    func add(
        _ route: BusDirectory.Route, _ event: MatchedEvent, _ context: JSONObject, to routed: inout Routed
    ) {
        for target in route.targets {
            guard let payload = target.input.payload(event, route.rule.key) else { continue }
            var delivery = NewDelivery(
                target: target.target.arn, kind: .rule, payload: payload, context: context, retry: target.retry,
                deadLetter: target.deadLetter)
            delivery.context["ruleArn"] = .string(route.rule.key.arn)
            delivery.context["eventId"] = .string(event.id)
            for (name, key) in Self.parameters where target.target.definition[name] != nil {
                delivery.context[key] = target.target.definition[name]
            }
            if let group = target.target.definition["SqsParameters"]?["MessageGroupId"] {
                delivery.context["messageGroupId"] = group
            }
            routed.deliveries.append(delivery)
        }
    }

    /// What the kinds of targets need besides the payload, under the names by which they look for it.
    private static let parameters = [
        ("RoleArn", "roleArn"), ("HttpParameters", "httpParameters"), ("KinesisParameters", "kinesisParameters"),
        ("EcsParameters", "ecsParameters"), ("BatchParameters", "batchParameters"),
    ]

    func write(_ routed: Routed, now: Timestamp, in transaction: Transaction) throws {
        try outbox.enqueue(routed.deliveries, in: transaction)
        for event in routed.archived { try store.insert(event, in: transaction) }
    }
}

extension BusService: ScheduledRules {
    /// The scheduled event goes to the rule's targets alone; the other rules of the bus do not see it.
    public func fire(_ key: ScheduleKey, at scheduledTime: Timestamp, in transaction: Transaction) throws {
        let rule = RuleKey(BusKey(key.scope, key.group), key.name)
        guard let route = directory.route(rule) else { return }
        let entry = EventEntry(
            source: "aws.events", detailType: "Scheduled Event", detail: "{}", resources: [rule.arn],
            time: scheduledTime)
        let id = newIdentifier()
        let bytes = try entry.envelope(id: id, origin: key.scope, now: clock.now)
        var routed = Routed()
        add(route, MatchedEvent(bytes, id: id, ingestedAt: clock.now), [:], to: &routed)
        try write(routed, now: clock.now, in: transaction)
    }
}

extension EventEntry {
    /// What an archive counts for the event: its texts and the twenty characters of its time.
    var archivedSize: Int { size - (time == nil ? 0 : 14) + 20 }
}
