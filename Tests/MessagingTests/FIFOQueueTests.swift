import Core
import HostTesting
import Storage
import Testing

@testable import Messaging

@Suite struct FIFOQueueTests {
    private func host(_ attributes: [String: String] = [:]) async throws -> MessagingHarness {
        let host = try await MessagingHarness()
        try await host.queue(
            "q.fifo", ["FifoQueue": "true", "ContentBasedDeduplication": "true"].merging(attributes) { $1 })
        return host
    }

    @Test func aGroupWaitsForItsMessagesInFlight() async throws {
        let host = try await host()
        for body in ["a1", "a2", "b1"] { try await host.send(body, to: "q.fifo", group: String(body.prefix(1))) }
        let first = try await host.receive("q.fifo", limit: 1)
        #expect(first.map(\.body) == ["a1"])
        #expect(try await host.bodies("q.fifo") == ["b1"])
        #expect(try await host.bodies("q.fifo").isEmpty)
        try await host.delete(try #require(first.first), from: "q.fifo")
        #expect(try await host.bodies("q.fifo") == ["a2"])
    }

    @Test func severalMessagesOfAGroupComeTogetherInOrder() async throws {
        let host = try await host()
        for body in ["a1", "b1", "a2", "a3"] { try await host.send(body, to: "q.fifo", group: String(body.prefix(1))) }
        #expect(try await host.bodies("q.fifo", limit: 3) == ["a1", "a2", "a3"])
        #expect(try await host.bodies("q.fifo") == ["b1"])
    }

    @Test func aMessageThatComesBackStandsBehindGroupsThatWaitedLonger() async throws {
        let host = try await host()
        for body in ["a1", "a2", "b1"] { try await host.send(body, to: "q.fifo", group: String(body.prefix(1))) }
        let messages = try await host.receive("q.fifo", limit: 2)
        #expect(messages.map(\.body) == ["a1", "a2"])
        try await host.changeVisibility(messages[0], to: 1, of: "q.fifo")
        await host.clock.advance(by: 2000)
        // a2 is still in flight.
        #expect(try await host.bodies("q.fifo", limit: 3) == ["b1", "a1"])
    }

    @Test func anAttemptIsAnsweredAgainUntilSomethingWasDoneWithItsMessages() async throws {
        let host = try await host()
        for body in ["a1", "a2", "b1"] { try await host.send(body, to: "q.fifo", group: String(body.prefix(1))) }
        let first = try await host.receive("q.fifo", limit: 2, visibility: 30, attempt: "one")
        await host.clock.advance(by: 20_000)
        let again = try await host.receive("q.fifo", limit: 2, visibility: 30, attempt: "one")
        #expect(again.map(\.receiptHandle) == first.map(\.receiptHandle))
        #expect(again.map(\.body) == ["a1", "a2"] && again.allSatisfy { $0.receiveCount == 1 })
        // The answer that came again gave them their time anew.
        await host.clock.advance(by: 20_000)
        #expect(try await host.receive("q.fifo", attempt: "two").map(\.body) == ["b1"])
        try await host.delete(again[0], from: "q.fifo")
        #expect(try await host.receive("q.fifo", attempt: "one").isEmpty)
        // What is visible again is received as by any other call.
        await host.clock.advance(by: 11_000)
        let later = try await host.receive("q.fifo", visibility: 0, attempt: "one")
        #expect(later.map(\.body) == ["a2"] && later[0].receiveCount == 2)
    }

    @Test func theSameMessageIsTakenOnceInFiveMinutes() async throws {
        let host = try await host()
        let first = try await host.send("same", to: "q.fifo", group: "g")
        let second = try await host.send("same", to: "q.fifo", group: "other")
        #expect(first.messageID == second.messageID)
        #expect(first.sequenceNumber == second.sequenceNumber)
        #expect(try await host.bodies("q.fifo") == ["same"])
        await host.clock.advance(by: 300_000)
        let third = try await host.send("same", to: "q.fifo", group: "other")
        #expect(third.messageID != first.messageID)
    }

    @Test func deduplicationCanBeLimitedToGroups() async throws {
        let host = try await host(["DeduplicationScope": "messageGroup"])
        let first = try await host.send("m", to: "q.fifo", group: "a", key: "k")
        let second = try await host.send("m", to: "q.fifo", group: "b", key: "k")
        #expect(first.messageID != second.messageID)
    }

    @Test func anExpiredReceiptDoesNotDelete() async throws {
        let host = try await host(["VisibilityTimeout": "1"])
        try await host.send("m", to: "q.fifo", group: "g")
        let message = try #require(try await host.receive("q.fifo").first)
        await host.clock.advance(by: 1000)
        let error = await #expect(throws: MessagingError.self) { try await host.delete(message, from: "q.fifo") }
        #expect(error?.message.hasSuffix("Reason: The receipt handle has expired.") == true)
    }

    @Test func whatGoesToADeadLetterQueueFreesItsGroup() async throws {
        let host = try await MessagingHarness()
        try await host.queue("dead.fifo", ["FifoQueue": "true"])
        try await host.queue(
            "q.fifo",
            [
                "FifoQueue": "true",
                "RedrivePolicy": #"{"deadLetterTargetArn":"\#(host.arn("dead.fifo"))","maxReceiveCount":1}"#,
            ])
        try await host.send("bad", to: "q.fifo", group: "g", key: "1")
        try await host.send("good", to: "q.fifo", group: "g", key: "2")
        #expect(try await host.bodies("q.fifo", limit: 1, visibility: 0) == ["bad"])
        #expect(try await host.bodies("q.fifo") == ["good"])
        #expect(try await host.bodies("dead.fifo") == ["bad"])
    }

    @Test func aGroupIsFreeWhenItsFirstMessageIsPastRetention() async throws {
        let host = try await host(["MessageRetentionPeriod": "60", "VisibilityTimeout": "1000"])
        try await host.send("old", to: "q.fifo", group: "g")
        #expect(try await host.bodies("q.fifo") == ["old"])
        await host.clock.advance(by: 30_000)
        try await host.send("new", to: "q.fifo", group: "g")
        await host.clock.advance(by: 31_000)
        try await QueueUpkeep(host.queues, host.topics).sweep()
        #expect(try await host.bodies("q.fifo") == ["new"])
    }

    struct Missing: Sendable {
        var group: String?
        var key: String?
        var refusal: String
    }

    @Test(arguments: [
        Missing(group: nil, key: "k", refusal: "The request must contain the parameter MessageGroupId."),
        Missing(
            group: "g", key: nil,
            refusal: "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
                + "provided explicitly"),
    ])
    func groupAndKeyAreDemanded(_ missing: Missing) async throws {
        let host = try await host(["ContentBasedDeduplication": "false"])
        let error = await #expect(throws: MessagingError.self) {
            try await host.send("m", to: "q.fifo", group: missing.group, key: missing.key)
        }
        #expect(error?.message == missing.refusal)
    }
}
