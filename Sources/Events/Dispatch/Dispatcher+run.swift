import Core
import ServiceLifecycle
import Storage
import Synchronization

extension Dispatcher: Service {
    /// Runs until shutdown; then finishes the attempts that have begun and leaves the rest in the database.
    public func run() async throws {
        try await loadBacklog()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.alarm.run { self.wakeDueLanes() } }
                group.addTask { await self.work(off: self.work) }
                await group.waitForAll()
            }
        } onGracefulShutdown: {
            self.drain()
        }
    }

    private func work(off stream: AsyncStream<Work>) async {
        await withDiscardingTaskGroup { group in
            for await item in stream {
                group.addTask {
                    switch item {
                    case .attempt(let delivery): await self.attempt(delivery)
                    case .refill(let target): await self.refill(target)
                    }
                }
            }
        }
    }

    func drain() {
        state.withLock { $0.isDraining = true }
        workInput.finish()
        alarm.stop()
    }

    private func loadBacklog() async throws {
        let store = store
        let backlog = try await database.read { try store.backlog(in: $0) }
        state.withLock { state in
            for (target, due) in backlog { withLane(target, &state) { $0.expect(due: due) } }
        }
        wakeDueLanes()
    }

    // MARK: One attempt

    func attempt(_ delivery: Delivery) async {
        let outcome: DeliveryOutcome
        if let target = targets.target(for: delivery.target) {
            outcome = await target.deliver(delivery.attempt)
        } else {
            outcome = .rejected("NoTarget", "Nothing takes deliveries for \(delivery.target).")
        }
        let due = await finish(delivery, outcome)
        // One step: a delivery that is due again must not be taken for one that still runs.
        state.withLock { state in
            withLane(delivery.target, &state) { $0.end(delivery.id, dueAgain: due) }
        }
        if let due { alarm.set(for: due) }
        requestRefills(of: delivery.target)
    }

    /// Writes how the attempt ended, and says when the delivery is due again, if it is. When even that cannot be
    /// written, the delivery stays as it was and is due again soon.
    private func finish(_ delivery: Delivery, _ outcome: DeliveryOutcome) async -> Timestamp? {
        let now = clock.now
        let verdict = Verdict(delivery, outcome, now: now)
        do {
            let isLost = try await database.write { transaction in
                try outcome.record?(transaction)
                return try self.apply(verdict, to: delivery, outcome, now: now, in: transaction)
            }
            if isLost { losses.note(delivery, outcome, at: now) }
        } catch {
            return now.adding(milliseconds: 1000)
        }
        guard case .again(let due) = verdict else { return nil }
        return due
    }

    /// - Returns: whether the delivery was given up and nothing takes it instead.
    private func apply(
        _ verdict: Verdict, to delivery: Delivery, _ outcome: DeliveryOutcome, now: Timestamp,
        in transaction: Transaction
    ) throws -> Bool {
        switch verdict {
        case .end(let givenUp):
            try store.delete(delivery.id, in: transaction)
            let following =
                endings[delivery.kind]?.deliveries(after: delivery, outcome, givenUp: givenUp, now: now) ?? []
            try outbox.enqueue(following, in: transaction)
            return givenUp != nil && following.isEmpty
        case .again(let due):
            var postponed = delivery
            if case .throttled = outcome.result { postponed.throttles += 1 } else { postponed.attempts += 1 }
            postponed.dueAt = due
            try store.postpone(postponed, in: transaction)
            return false
        }
    }
}

/// What follows from the end of an attempt. Pure.
enum Verdict: Equatable {
    case end(givenUp: GiveUpReason?)
    case again(at: Timestamp)

    init(_ delivery: Delivery, _ outcome: DeliveryOutcome, now: Timestamp) {
        let delay: Int64
        switch outcome.result {
        case .done:
            self = .end(givenUp: nil)
            return
        case .rejected:
            self = .end(givenUp: .rejected)
            return
        case .failed:
            let ended = delivery.attempts + 1
            guard ended <= delivery.retry.maximumRetries else {
                self = .end(givenUp: .retriesExhausted)
                return
            }
            delay = delivery.retry.backoff.delay(afterAttempts: ended)
        case .throttled:
            delay = RetryPolicy.throttleBackoff.delay(afterAttempts: delivery.throttles + 1)
        }
        let due = now.adding(milliseconds: delay)
        let isTooOld = due.milliseconds(since: delivery.createdAt) > delivery.retry.maximumAge
        self = isTooOld ? .end(givenUp: .eventAgeExceeded) : .again(at: due)
    }
}
