import Core
import HostTesting
import ServiceLifecycle
import Storage
import Synchronization
import Testing

@testable import Events

@Suite struct DispatcherTests {
    /// A target that answers as told and remembers what it was given.
    final class ScriptedTarget: DeliveryTarget {
        let limit: Int
        let script: @Sendable (Delivery) async -> DeliveryOutcome
        let seen = Mutex<[Int64]>([])
        let highest = Mutex((running: 0, highest: 0))
        let progress = Wakeup()

        init(limit: Int = 8, _ script: @escaping @Sendable (Delivery) async -> DeliveryOutcome) {
            self.limit = limit
            self.script = script
        }

        func concurrency(of target: String) -> Int { limit }

        func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
            highest.withLock { count in
                count.running += 1
                count.highest = max(count.highest, count.running)
            }
            let outcome = await script(delivery)
            highest.withLock { $0.running -= 1 }
            seen.withLock { $0.append(Int64(String(decoding: delivery.payload, as: UTF8.self)) ?? -1) }
            progress.notify()
            return outcome
        }

        func wait(for count: Int) async {
            while seen.withLock({ $0.count }) < count { await progress.wait() }
        }
    }

    struct FixedTarget: TargetDirectory {
        var target: any DeliveryTarget
        func target(for arn: String) -> (any DeliveryTarget)? { arn.hasSuffix("missing") ? nil : target }
    }

    struct DeadLetters: DeliveryEnding {
        func deliveries(
            after delivery: Delivery, _ outcome: DeliveryOutcome, givenUp: GiveUpReason?, now: Timestamp
        ) -> [NewDelivery] {
            guard givenUp != nil, let target = delivery.deadLetter else { return [] }
            return [NewDelivery(target: target, kind: .destination, payload: delivery.payload)]
        }
    }

    struct Host {
        let temporary: TemporaryDatabase
        let clock = VirtualClock()
        let dispatcher: Dispatcher

        init(
            _ target: any DeliveryTarget, temporary: TemporaryDatabase? = nil,
            report: @escaping @Sendable (String) -> Void = { _ in }
        ) throws {
            self.temporary = try temporary ?? Database.temporary(schema: DeliveryStore.schema)
            dispatcher = Dispatcher(
                database: self.temporary.database, clock: clock, targets: FixedTarget(target: target),
                endings: [.asyncInvocation: DeadLetters()], identifiers: IdentifierSequence(clock: clock),
                report: report)
        }

        func enqueue(_ numbers: Range<Int>, retry: RetryPolicy = .asyncInvocation, deadLetter: String? = nil)
            async throws
        {
            let outbox = dispatcher.outbox
            try await temporary.database.write { transaction in
                for number in numbers {
                    try outbox.enqueue(
                        NewDelivery(
                            target: "arn:aws:lambda:::f", kind: .asyncInvocation, payload: Array(String(number).utf8),
                            retry: retry, deadLetter: deadLetter), in: transaction)
                }
            }
        }

        func stored() async throws -> Int {
            try await temporary.database.read { try $0.first("SELECT COUNT(*) FROM deliveries")?.int(0) ?? -1 }
        }

        /// Runs the dispatcher beside the body.
        func running(_ body: @escaping @Sendable () async throws -> Void) async throws {
            let dispatcher = dispatcher
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await dispatcher.run() }
                try await body()
                group.cancelAll()
                dispatcher.drain()
                try await group.waitForAll()
            }
        }
    }

    @Test func everyDeliveryArrivesOnceWithinTheLimit() async throws {
        let target = ScriptedTarget(limit: 4) { _ in
            await Task.yield()
            return .done
        }
        let host = try Host(target)
        try await host.running {
            for start in stride(from: 0, to: 500, by: 50) { try await host.enqueue(start..<start + 50) }
            await target.wait(for: 500)
        }
        #expect(target.seen.withLock { $0.sorted() } == (0..<500).map(Int64.init))
        #expect(target.highest.withLock { $0.highest } <= 4)
        #expect(try await host.stored() == 0)
    }

    @Test func whatWasCommittedBeforeTheStartIsDelivered() async throws {
        let target = ScriptedTarget { _ in .done }
        let host = try Host(target)
        try await host.enqueue(0..<100)
        #expect(try await host.stored() == 100)
        let second = try Host(target, temporary: host.temporary)
        try await second.running { await target.wait(for: 100) }
        #expect(try await host.stored() == 0)
    }

    @Test func failuresAreRetriedAfterTheirPauseAndThenGivenUp() async throws {
        let target = ScriptedTarget { delivery in
            delivery.kind == .destination ? .done : DeliveryOutcome(.failed, error: ("E", "no"))
        }
        let host = try Host(target)
        let clock = host.clock
        try await host.running {
            try await host.enqueue(7..<8, deadLetter: "arn:aws:sqs:::dead")
            await target.wait(for: 1)
            await clock.waitForSleepers(1)
            await clock.advance(by: 59_000)
            #expect(target.seen.withLock { $0.count } == 1)
            await clock.advance(by: 1000)
            await target.wait(for: 2)
            await clock.waitForSleepers(1)
            await clock.advance(by: 120_000)
            // The third attempt is the last; the dead letter follows.
            await target.wait(for: 4)
        }
        #expect(target.seen.withLock { $0 } == [7, 7, 7, 7])
        #expect(try await host.stored() == 0)
    }

    @Test func aMissingTargetEndsInTheDeadLetterTarget() async throws {
        let target = ScriptedTarget { _ in .done }
        let host = try Host(target)
        let outbox = host.dispatcher.outbox
        try await host.running {
            try await host.temporary.database.write { transaction in
                try outbox.enqueue(
                    NewDelivery(
                        target: "arn:aws:lambda:::missing", kind: .asyncInvocation, payload: Array("1".utf8),
                        deadLetter: "arn:aws:sqs:::dead"), in: transaction)
            }
            await target.wait(for: 1)
        }
        #expect(try await host.stored() == 0)
    }

    @Test func aFailedTransactionHandsNothingOver() async throws {
        struct Refused: Error {}
        let target = ScriptedTarget { _ in .done }
        let host = try Host(target)
        let outbox = host.dispatcher.outbox
        await #expect(throws: Refused.self) {
            try await host.temporary.database.write { transaction in
                try outbox.enqueue(
                    NewDelivery(target: "arn:aws:lambda:::f", kind: .rule, payload: []), in: transaction)
                throw Refused()
            }
        }
        #expect(try await host.stored() == 0)
    }
}
