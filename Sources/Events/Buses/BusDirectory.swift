import Core
import EventPatterns
import Synchronization

/// What of all buses is needed to route an event, in memory: compiled patterns and targets. Rebuilt from the database
/// at start and changed after each commit, while events keep flowing through the previous machine.
final class BusDirectory: Sendable {
    /// A rule with its compiled targets.
    struct Route: Sendable {
        var rule: EventRule
        var pattern: EventPattern?
        var targets: [CompiledTarget]
    }

    struct CompiledTarget: Sendable {
        var target: RuleTarget
        var input: TargetInput
        var retry: RetryPolicy
        var deadLetter: String?

        init(_ target: RuleTarget) throws(BusError) {
            self.target = target
            input = try TargetInput(target.definition)
            retry = .standard
            let policy = target.definition["RetryPolicy"]
            if let retries = policy?["MaximumRetryAttempts"]?.intValue { retry.maximumRetries = Int(retries) }
            if let age = policy?["MaximumEventAgeInSeconds"]?.intValue { retry.maximumAge = age * 1000 }
            deadLetter = target.definition["DeadLetterConfig"]?["Arn"]?.stringValue
        }
    }

    /// Collects what matches; nil pattern for everything.
    struct Collector: Sendable {
        var archive: EventArchive
        var pattern: EventPattern?
    }

    struct Bus: Sendable {
        var routes: [Int: Route] = [:]
        var collectors: [Int: Collector] = [:]
        var machine = PatternMachine()
        /// Collectors that take everything.
        var universal: Set<Int> = []
    }

    private struct State {
        var buses: [BusKey: Bus] = [:]
        var numbers: [RuleKey: Int] = [:]
        var archives: [String: (bus: BusKey, number: Int)] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Whether a bus exists. The default bus of every scope does.
    func contains(_ key: BusKey) -> Bool {
        key.name == BusKey.defaultName || state.withLock { $0.buses[key] != nil }
    }

    func add(_ key: BusKey) {
        state.withLock { state in if state.buses[key] == nil { state.buses[key] = Bus() } }
    }

    func remove(_ key: BusKey) {
        state.withLock { state in
            guard let bus = state.buses.removeValue(forKey: key) else { return }
            for route in bus.routes.values { state.numbers[route.rule.key] = nil }
            for collector in bus.collectors.values { state.archives[collector.archive.arn] = nil }
        }
    }

    func bus(_ key: BusKey) -> Bus? { state.withLock { $0.buses[key] } }

    func route(_ key: RuleKey) -> Route? {
        state.withLock { state in state.numbers[key].flatMap { state.buses[key.bus]?.routes[$0] } }
    }

    // MARK: Rules

    /// Adds a rule or replaces it, keeping its targets.
    func put(_ rule: EventRule, _ pattern: EventPattern?) {
        change(rule.key) { bus, number in
            let targets = bus.routes[number]?.targets ?? []
            bus.routes[number] = Route(rule: rule, pattern: pattern, targets: targets)
            Self.compile(&bus, number)
        }
    }

    func setTargets(_ targets: [CompiledTarget], of key: RuleKey) {
        change(key) { bus, number in bus.routes[number]?.targets = targets }
    }

    func remove(_ key: RuleKey) {
        state.withLock { state in
            guard let number = state.numbers.removeValue(forKey: key) else { return }
            state.buses[key.bus]?.routes[number] = nil
            if let machine = state.buses[key.bus]?.machine.removing(number) {
                state.buses[key.bus]?.machine = machine
            }
        }
    }

    private func change(_ key: RuleKey, _ body: (inout Bus, Int) -> Void) {
        state.withLock { state in
            if state.numbers[key] == nil {
                state.last += 1
                state.numbers[key] = state.last
            }
            guard let number = state.numbers[key] else { return }
            body(&state.buses[key.bus, default: Bus()], number)
        }
    }

    /// Only an enabled rule with a pattern is in the machine.
    private static func compile(_ bus: inout Bus, _ number: Int) {
        if let route = bus.routes[number], route.rule.isEnabled, let pattern = route.pattern {
            bus.machine = bus.machine.adding(pattern, id: number)
        } else {
            bus.machine = bus.machine.removing(number)
        }
    }

    // MARK: Archives

    func put(_ archive: EventArchive, _ pattern: EventPattern?) {
        remove(archive: archive.arn)
        state.withLock { state in
            state.last += 1
            let number = state.last
            state.archives[archive.arn] = (archive.bus, number)
            var bus = state.buses[archive.bus] ?? Bus()
            bus.collectors[number] = Collector(archive: archive, pattern: pattern)
            if let pattern {
                bus.machine = bus.machine.adding(pattern, id: number)
            } else {
                bus.universal.insert(number)
            }
            state.buses[archive.bus] = bus
        }
    }

    func remove(archive arn: String) {
        state.withLock { state in
            guard let (key, number) = state.archives.removeValue(forKey: arn), var bus = state.buses[key] else {
                return
            }
            bus.collectors[number] = nil
            bus.universal.remove(number)
            bus.machine = bus.machine.removing(number)
            state.buses[key] = bus
        }
    }
}
