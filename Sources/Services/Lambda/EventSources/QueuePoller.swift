import Core
import EventPatterns
import Functions
import Messaging
import Metering
import Storage
import Synchronization

/// Takes messages of one queue in batches, and hands each batch to the function, several at a time.
struct QueuePoller: Sendable {
    let mapping: EventSourceMapping
    let service: EventSourceMappingService
    let stop: Wakeup

    /// Milliseconds for which one call waits for a message.
    private static let wait: Int64 = 20_000
    /// Milliseconds of rest after a failure to receive, such as a queue that is gone.
    private static let rest: Int64 = 1000

    func run() async {
        guard let filter = try? mapping.filter() else { return }
        let scale = PollerScale(minimum: minimumConcurrency, maximum: maximumConcurrency)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await poll(filter, scale) }
            group.addTask { await stop.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private var maximumConcurrency: Int {
        if let maximum = mapping.maximumConcurrency { return maximum }
        let account = service.invoker.host.configuration.limits.accountConcurrency
        return min(mapping.pollers.map { $0.maximum * PollerRange.batchesPerPoller } ?? 1000, account)
    }

    /// Batches handled at once from the beginning.
    private var minimumConcurrency: Int { mapping.pollers.map { $0.minimum * PollerRange.batchesPerPoller } ?? 5 }

    private func poll(_ filter: EventSourceFilter, _ scale: PollerScale) async {
        // Not a child of the polling: a batch that has begun is finished when polling ends.
        await withDiscardingTaskGroup { batches in
            while !Task.isCancelled {
                guard await scale.enter() else { break }
                do {
                    let messages = try await gather()
                    guard !messages.isEmpty else {
                        scale.leave(.idle)
                        continue
                    }
                    batches.addTask {
                        // Cancelling the polling must not interrupt a write under way.
                        let outcome = await Batch(messages, of: mapping, filter, service).handle()
                        scale.leave(outcome)
                    }
                } catch {
                    scale.leave(.idle)
                    try? await service.clock.sleep(milliseconds: Self.rest)
                }
            }
        }
    }

    // MARK: Gathering

    /// Messages up to the batch's size, waiting for more for as long as the window is open.
    private func gather() async throws -> [ReceivedMessage] {
        var messages = try await receive(limit: mapping.batchSize, wait: Self.wait)
        guard !messages.isEmpty, mapping.windowSeconds > 0 else { return messages }
        let closes = service.clock.now.adding(milliseconds: Int64(mapping.windowSeconds) * 1000)
        var size = messages.reduce(0) { $0 + $1.body.utf8.count }
        while messages.count < mapping.batchSize, size < LambdaProvider.synchronousLimit / 2, !Task.isCancelled {
            let remaining = closes.milliseconds(since: service.clock.now)
            guard remaining > 0 else { break }
            let more = try await receive(limit: mapping.batchSize - messages.count, wait: remaining)
            guard !more.isEmpty else { continue }
            messages += more
            size += more.reduce(0) { $0 + $1.body.utf8.count }
        }
        return messages
    }

    private func receive(limit: Int, wait: Int64) async throws -> [ReceivedMessage] {
        let (meter, mapping, clock) = (service.meter, mapping, service.clock)
        return try await service.queues.receive(from: mapping.queueARN, limit: limit, wait: wait) { _, transaction in
            meter.record(
                .queueRequest(
                    on: mapping.queueARN, in: mapping.scope, isFIFO: mapping.isFIFO, at: clock.now), in: transaction)
        }
    }
}

/// How many batches a poller handles at once: few at first, more while there is work, fewer when the function has no
/// room.
final class PollerScale: Sendable {
    enum Outcome { case done, failed, throttled, idle }

    private struct State {
        var limit: Int
        var running = 0
    }

    private let maximum: Int
    private let state: Mutex<State>
    private let change = Wakeup()

    init(minimum: Int, maximum: Int) {
        self.maximum = max(1, maximum)
        state = Mutex(State(limit: min(minimum, self.maximum)))
    }

    /// Waits for a place; false when the task is cancelled.
    func enter() async -> Bool {
        while !Task.isCancelled {
            let isFree = state.withLock { state in
                guard state.running < state.limit else { return false }
                state.running += 1
                return true
            }
            if isFree { return true }
            await change.wait()
        }
        return false
    }

    func leave(_ outcome: Outcome) {
        state.withLock { state in
            state.running -= 1
            switch outcome {
            case .throttled: state.limit = max(1, state.limit / 2)
            case .done, .failed: state.limit = min(maximum, state.limit + 1)
            case .idle: break
            }
        }
        change.notify()
    }
}
