import Core
import HostTesting
import Storage
import Testing

@testable import Events
@testable import Messaging

@Suite struct QueueTests {
    @Test func aMessageIsInvisibleUntilItsTimeoutRunsOut() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q")
        let sent = try await host.send("hello", to: "q")
        let first = try await host.receive("q")
        #expect(first.map(\.messageID) == [sent.messageID])
        #expect(try await host.receive("q").isEmpty)
        await host.clock.advance(by: 29_999)
        #expect(try await host.receive("q").isEmpty)
        await host.clock.advance(by: 1)
        let second = try await host.receive("q")
        #expect(second.map(\.receiveCount) == [2])
        #expect(second.map(\.firstReceivedAt) == first.map(\.firstReceivedAt))
        // An older receipt deletes as well, and deleting twice is no error.
        try await host.delete(try #require(first.first), from: "q")
        try await host.delete(try #require(second.first), from: "q")
        await host.clock.advance(by: 60_000)
        #expect(try await host.receive("q").isEmpty)
    }

    @Test func delaysHoldMessagesBack() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q", ["DelaySeconds": "5"])
        try await host.send("queue's", to: "q")
        try await host.send("own", to: "q", delay: 2)
        let queue = try host.queues.requireQueue(host.arn("q"))
        #expect(try await host.queues.counts(queue) == QueueCounts(visible: 0, inFlight: 0, delayed: 2))
        await host.clock.advance(by: 2000)
        #expect(try await host.bodies("q") == ["own"])
        await host.clock.advance(by: 3000)
        #expect(try await host.bodies("q") == ["queue's"])
        #expect(try await host.queues.counts(queue) == QueueCounts(visible: 0, inFlight: 2, delayed: 0))
    }

    @Test func visibilityCanBeChangedOnlyInFlight() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q")
        try await host.send("m", to: "q")
        let message = try #require(try await host.receive("q").first)
        try await host.changeVisibility(message, to: 0, of: "q")
        let again = try #require(try await host.receive("q").first)
        try await host.changeVisibility(again, to: 100, of: "q")
        await host.clock.advance(by: 99_000)
        #expect(try await host.receive("q").isEmpty)
        await host.clock.advance(by: 1000)
        // The timeout has run out: nothing happens, and nothing is said.
        try await host.changeVisibility(again, to: 100, of: "q")
        #expect(try await host.bodies("q") == ["m"])
        try await host.delete(again, from: "q")
        await #expect(throws: MessagingError.self) { try await host.changeVisibility(again, to: 1, of: "q") }
    }

    @Test(arguments: ["", "garbage", "bm90IGEgcmVjZWlwdA==", "OTk5IDEgMQ=="])
    func strangeReceiptsAreRefused(_ text: String) async throws {
        let host = try await MessagingHarness()
        let queue = try await host.queue("q")
        let error = await #expect(throws: MessagingError.self) {
            try await host.temporary.database.write { try host.queues.delete(text, from: queue, in: $0) }
        }
        #expect(error?.kind == .receiptHandleIsInvalid)
    }

    @Test func whatWasReceivedTooOftenGoesToTheDeadLetterQueue() async throws {
        let host = try await MessagingHarness()
        try await host.queue("dead")
        try await host.queue(
            "q",
            ["RedrivePolicy": #"{"deadLetterTargetArn":"\#(host.arn("dead"))","maxReceiveCount":"2"}"#])
        let sent = try await host.send("poison", to: "q")
        for _ in 0..<2 { #expect(try await host.bodies("q", visibility: 0) == ["poison"]) }
        #expect(try await host.bodies("q").isEmpty)
        let dead = try #require(try await host.receive("dead").first)
        #expect(dead.messageID == sent.messageID)
        #expect(dead.deadLetterSource == host.arn("q"))
        #expect(dead.receiveCount == 3)
    }

    @Test func aReceiveWithoutTimeoutNeverTakesAMessageTwice() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q")
        for number in 0..<3 { try await host.send("\(number)", to: "q") }
        #expect(try await host.bodies("q", visibility: 0).sorted() == ["0", "1", "2"])
    }

    @Test func messagesPastTheirRetentionAreGone() async throws {
        let host = try await MessagingHarness()
        let queue = try await host.queue("q", ["MessageRetentionPeriod": "60"])
        try await host.send("old", to: "q")
        await host.clock.advance(by: 30_000)
        try await host.send("young", to: "q")
        await host.clock.advance(by: 31_000)
        #expect(try await host.queues.counts(queue).visible == 1)
        try await QueueUpkeep(host.queues, host.topics).sweep()
        let stored = try await host.temporary.database.read {
            try $0.query("SELECT body FROM messaging_messages").map { try $0.text(0) }
        }
        #expect(stored == ["young"])
        #expect(try await host.bodies("q") == ["young"])
    }

    @Test func aWaitingReceiverGetsWhatIsSent() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q")
        async let received = host.receive("q", wait: 20_000)
        await host.clock.waitForSleepers(1)
        try await host.send("now", to: "q")
        #expect(try await received.map(\.body) == ["now"])
    }

    @Test func aWaitingReceiverGetsWhatBecomesVisible() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q")
        try await host.send("later", to: "q", delay: 5)
        async let received = host.receive("q", wait: 20_000)
        await host.clock.waitForSleepers(1)
        await host.clock.advance(by: 5000)
        #expect(try await received.map(\.body) == ["later"])
    }

    @Test func aWaitEndsWithoutMessages() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q")
        async let received = host.receive("q", wait: 3000)
        await host.clock.waitForSleepers(1)
        await host.clock.advance(by: 3000)
        #expect(try await received.isEmpty)
    }

    @Test func aQueueIsPurgedOnceAMinute() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q")
        try await host.send("m", to: "q")
        let arn = host.arn("q")
        let purge: @Sendable () async throws -> Void = {
            let boundary = host.queues.boundary()
            try await host.temporary.database.write { try host.queues.beginPurge(arn, in: $0) }
            try await host.queues.removeMessages(of: host.queues.requireQueue(arn), upTo: boundary)
        }
        try await purge()
        #expect(try await host.receive("q").isEmpty)
        let error = await #expect(throws: MessagingError.self) { try await purge() }
        #expect(error?.message == "Only one PurgeQueue operation on q is allowed every 60 seconds.")
        await host.clock.advance(by: 60_000)
        try await purge()
    }

    @Test(arguments: ["q", "q.fifo"]) func whatIsSentDuringAPurgeStays(name: String) async throws {
        let host = try await MessagingHarness()
        let isFIFO = name.hasSuffix(".fifo")
        let queue = try await host.queue(
            name, isFIFO ? ["FifoQueue": "true", "ContentBasedDeduplication": "true"] : [:])
        let count = Database.pieceSize + 5
        for number in 0..<count {
            try await host.send("old \(number)", to: name, group: isFIFO ? "g\(number % 3)" : nil)
        }
        let boundary = host.queues.boundary()
        try await host.send("new", to: name, group: isFIFO ? "g1" : nil)
        try await host.queues.removeMessages(of: queue, upTo: boundary)
        #expect(try await host.receive(name).map(\.body) == ["new"])
        #expect(try await host.queues.counts(queue).visible == 0)
    }

    @Test func aNameIsFreeAMinuteAfterItsQueueWasDeleted() async throws {
        let host = try await MessagingHarness()
        let queue = try await host.queue("q")
        try await host.temporary.database.write { try host.queues.delete(queue, in: $0) }
        let error = await #expect(throws: MessagingError.self) { try await host.queue("q") }
        #expect(error?.kind == .queueDeletedRecently)
        await host.clock.advance(by: 60_000)
        try await host.queue("q")
    }

    @Test func creatingAgainIsNoErrorUnlessASettingDiffers() async throws {
        let host = try await MessagingHarness()
        let queue = try await host.queue("q", ["DelaySeconds": "1"])
        #expect(try await host.queue("q").id == queue.id)
        #expect(try await host.queue("q", ["VisibilityTimeout": "30"]).id == queue.id)
        let error = await #expect(throws: MessagingError.self) { try await host.queue("q", ["DelaySeconds": "2"]) }
        #expect(error?.kind == .queueNameExists)
    }

    @Test func everythingIsThereAfterARestart() async throws {
        let host = try await MessagingHarness()
        try await host.queue("q", ["VisibilityTimeout": "7"])
        try await host.send("kept", to: "q")
        let second = QueueService(
            database: host.temporary.database, clock: host.clock, random: SystemRandomSource(),
            identifiers: IdentifierSequence(clock: host.clock))
        try await second.load()
        let messages = try await second.receive(from: host.arn("q"), limit: 1, wait: 0)
        #expect(messages.map(\.body) == ["kept"])
        #expect(second.queue(host.arn("q"))?.attributes.visibilityTimeout == 7)
    }

    /// A commit holds the transactions of many, and may delete a queue before a message is sent to it.
    @Test(arguments: ["q", "q.fifo"])
    func whatComesAfterTheDeletionIsRefusedAndLeavesNothing(_ name: String) async throws {
        let host = try await MessagingHarness()
        let isFIFO = name.hasSuffix(".fifo")
        let queue = try await host.queue(name, isFIFO ? ["FifoQueue": "true"] : [:])
        let message = OutgoingMessage(
            body: "late", groupID: isFIFO ? "g" : nil, deduplicationID: isFIFO ? "d" : nil, sender: "111111111111")
        let target = QueueTarget(host.queues)
        let database = host.temporary.database
        let outcome = try await database.write { transaction in
            try host.queues.delete(queue, in: transaction)
            let error = #expect(throws: MessagingError.self) {
                try host.queues.send(message, to: queue, in: transaction)
            }
            #expect(error?.kind == .queueDoesNotExist)
            return try target.accept(
                NewDelivery(target: host.arn(name), kind: .subscription, payload: Array("late".utf8)), in: transaction)
        }
        #expect(outcome.error?.code == "AWS.SimpleQueueService.NonExistentQueue")
        let left = try await database.read { transaction in
            try ["messaging_messages", "messaging_groups", "messaging_deduplication"].filter {
                try transaction.first("SELECT 1 AS found FROM \($0)") != nil
            }
        }
        #expect(left == [])
    }
}
