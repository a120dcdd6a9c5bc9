import Core
import Storage
import Synchronization

/// A clock that stands still until it is told to go on.
///
/// Sleepers wake in the order of their deadlines (those of one instant in the order in which they fell asleep), and
/// while each of them wakes, ``now`` is its deadline. ``advance(by:)`` lets the woken tasks run, and fall asleep again,
/// before it goes on to the next deadline: a loop that sleeps a second at a time runs sixty times in a minute.
///
/// ```swift
/// let clock = VirtualClock()
/// async let answer = service.retry(with: clock)
/// await clock.waitForSleepers(1)
/// await clock.advance(by: 30_000)
/// ```
public final class VirtualClock: HostClock {
    private struct Sleeper {
        let number: UInt64
        let deadline: Timestamp
        let continuation: UnsafeContinuation<Void, any Error>
    }

    private struct Watcher {
        let count: Int
        let continuation: UnsafeContinuation<Void, Never>
    }

    private struct State {
        var now: Timestamp
        var next: UInt64 = 0
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []
        /// Numbers whose task was cancelled before it had fallen asleep.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>
    private let settle: @Sendable () async -> Void

    /// - Parameters:
    ///   - start: 2026-01-01T00:00:00Z unless told otherwise.
    ///   - settle: what more to wait for after tasks were woken, besides their coming to rest. Tests with a database
    ///     hand in ``settling(_:rounds:)``.
    public init(
        start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000),
        settle: @escaping @Sendable () async -> Void = {}
    ) {
        state = Mutex(State(now: start))
        self.settle = settle
    }

    public var now: Timestamp { state.withLock(\.now) }

    public func sleep(until deadline: Timestamp) async throws {
        try Task.checkCancellation()
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        // Cancelled after it was woken: the number would stay for ever.
        defer { state.withLock { _ = $0.cancelled.remove(number) } }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                fallAsleep(Sleeper(number: number, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            cancel(number)
        }
    }

    private func fallAsleep(_ sleeper: Sleeper) {
        enum Outcome { case asleep([Watcher]), due, cancelled }
        let outcome: Outcome = state.withLock { state in
            if state.cancelled.remove(sleeper.number) != nil { return .cancelled }
            guard sleeper.deadline > state.now else { return .due }
            let place = state.sleepers.firstIndex { $0.deadline > sleeper.deadline } ?? state.sleepers.endIndex
            state.sleepers.insert(sleeper, at: place)
            let count = state.sleepers.count
            defer { state.watchers.removeAll { $0.count <= count } }
            return .asleep(state.watchers.filter { $0.count <= count })
        }
        switch outcome {
        case .asleep(let watchers): for watcher in watchers { watcher.continuation.resume() }
        case .due: sleeper.continuation.resume()
        case .cancelled: sleeper.continuation.resume(throwing: CancellationError())
        }
    }

    private func cancel(_ number: UInt64) {
        let sleeper: Sleeper? = state.withLock { state in
            guard let place = state.sleepers.firstIndex(where: { $0.number == number }) else {
                state.cancelled.insert(number)
                return nil
            }
            return state.sleepers.remove(at: place)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }

    // MARK: - What tests do with it

    /// Lets this many milliseconds pass, waking every sleeper at its own time.
    public func advance(by milliseconds: Int64) async { await advance(to: now.adding(milliseconds: milliseconds)) }

    /// Lets time pass up to the instant. Time does not go backwards.
    public func advance(to instant: Timestamp) async {
        await rest(after: nil)
        await settle()
        while let sleeper = wakeNext(notAfter: instant) {
            let before = state.withLock(\.next)
            sleeper.resume()
            await rest(after: before)
            await settle()
        }
        state.withLock { $0.now = max($0.now, instant) }
    }

    /// Goes to the next deadline and wakes whoever sleeps until then; says whether there was one.
    @discardableResult
    public func advanceToNext() async -> Bool {
        await rest(after: nil)
        await settle()
        guard let deadline = nextDeadline else { return false }
        await advance(to: deadline)
        return true
    }

    private func wakeNext(notAfter limit: Timestamp) -> UnsafeContinuation<Void, any Error>? {
        state.withLock { state in
            guard let first = state.sleepers.first, first.deadline <= limit else { return nil }
            state.now = max(state.now, first.deadline)
            return state.sleepers.removeFirst().continuation
        }
    }

    public var sleepers: Int { state.withLock(\.sleepers.count) }

    /// When the next sleeper wants to wake.
    public var nextDeadline: Timestamp? { state.withLock { $0.sleepers.first?.deadline } }

    /// Returns once at least this many tasks are asleep.
    public func waitForSleepers(_ count: Int) async {
        await withUnsafeContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count < count {
                    state.watchers.append(Watcher(count: count, continuation: continuation))
                }
                return state.sleepers.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    /// Waits until what was woken has come to rest: until somebody has fallen asleep since, or no thread of the process
    /// does anything any more, or, where other tests keep the threads busy, for fifty real milliseconds.
    private func rest(after number: UInt64?) async {
        await Self.rest { if let number { self.state.withLock(\.next) > number } else { false } }
    }

    private static func rest(orWhen isDone: () -> Bool) async {
        let start = ContinuousClock.now
        repeat {
            await yieldALot()
            if isDone() || ThreadActivity.othersAreAsleep() { return }
        } while ContinuousClock.now - start < .milliseconds(50)
    }

    /// Lets everything that is ready in the Swift pool run.
    private static func yieldALot() async {
        for _ in 0..<100 { await Task.yield() }
    }

    /// Lets everything run that is ready or waits for one of these databases, also through a few rounds of the one
    /// leading to the other.
    public static func settling(_ databases: Database..., rounds: Int = 3) -> @Sendable () async -> Void {
        { [databases] in
            for _ in 0..<rounds {
                for database in databases {
                    // Both queues are first in, first out: what was waiting has been answered when these have.
                    _ = try? await database.write { _ in }
                    _ = try? await database.read { _ in }
                }
                await rest { false }
            }
        }
    }
}
