import Core
import HostTesting
import Storage
import Synchronization
import Testing

@testable import Events

@Suite struct LossReportTests {
    @Test func oneLineASecondSaysHowManyMoreThereWere() async throws {
        let lines = Mutex<[String]>([])
        let target = DispatcherTests.ScriptedTarget { _ in DeliveryOutcome(.rejected, error: ("Gone", "no such queue."))
        }
        let host = try DispatcherTests.Host(target) { line in lines.withLock { $0.append(line) } }
        try await host.running {
            try await host.enqueue(0..<5)
            await target.wait(for: 5)
            while try await host.stored() > 0 { await Task.yield() }
            await host.clock.advance(by: 1000)
            try await host.enqueue(5..<6)
            while try await host.stored() > 0 || lines.withLock({ $0.count }) < 2 { await Task.yield() }
        }
        #expect(
            lines.withLock { $0 } == [
                "an event for arn:aws:lambda:::f was given up: Gone: no such queue. A dead-letter queue would have kept it.",
                "an event for arn:aws:lambda:::f was given up (and 4 more before it): Gone: no such queue. "
                    + "A dead-letter queue would have kept it.",
            ])
    }

    @Test func whatADeadLetterQueueTakesIsNotLost() async throws {
        let lines = Mutex<[String]>([])
        let target = DispatcherTests.ScriptedTarget { delivery in
            delivery.kind == .destination ? .done : DeliveryOutcome(.rejected, error: ("Gone", "no"))
        }
        let host = try DispatcherTests.Host(target) { line in lines.withLock { $0.append(line) } }
        try await host.running {
            try await host.enqueue(0..<3, deadLetter: "arn:aws:sqs:::dead")
            await target.wait(for: 6)
        }
        #expect(lines.withLock { $0 }.isEmpty)
    }
}
