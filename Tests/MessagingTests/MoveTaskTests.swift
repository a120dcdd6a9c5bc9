import Core
import HostTesting
import Storage
import Testing

@testable import Messaging

@Suite struct MoveTaskTests {
    /// A dead-letter queue with messages that came from a queue of its own.
    private func host(_ count: Int) async throws -> MessagingHarness {
        let host = try await MessagingHarness()
        try await host.queue("dead")
        try await host.queue(
            "q", ["RedrivePolicy": #"{"deadLetterTargetArn":"\#(host.arn("dead"))","maxReceiveCount":1}"#])
        for number in 0..<count { try await host.send("\(number)", to: "q") }
        while try await !host.bodies("q", visibility: 0).isEmpty {}
        return host
    }

    @Test func messagesGoBackToWhereTheyCameFrom() async throws {
        let host = try await host(3)
        let task = try await host.queues.startMoveTask(from: host.arn("dead"), to: nil, rate: nil)
        #expect(task.toMove == 3)
        try await host.queues.advanceMoveTasks()
        let ended = try #require(try await host.queues.moveTasks(of: host.arn("dead"), limit: 1).first)
        #expect(ended.status == .completed)
        #expect(ended.moved == 3)
        // Their receives count anew: none goes to the dead-letter queue again.
        let messages = try await host.receive("q")
        #expect(messages.map(\.body).sorted() == ["0", "1", "2"])
        #expect(messages.allSatisfy { $0.receiveCount == 1 && $0.deadLetterSource == nil })
        #expect(try await host.bodies("dead").isEmpty)
    }

    @Test func aRateIsKept() async throws {
        let host = try await host(5)
        try await host.queue("target")
        _ = try await host.queues.startMoveTask(from: host.arn("dead"), to: host.arn("target"), rate: 2)
        for moved in [2, 4, 5] {
            try await host.queues.advanceMoveTasks()
            let task = try #require(try await host.queues.moveTasks(of: host.arn("dead"), limit: 1).first)
            #expect(task.moved == moved)
            #expect(task.status == (moved == 5 ? .completed : .running))
        }
    }

    @Test func aTaskCanBeCancelled() async throws {
        let host = try await host(5)
        let task = try await host.queues.startMoveTask(from: host.arn("dead"), to: nil, rate: 1)
        try await host.queues.advanceMoveTasks()
        #expect(try await host.queues.cancelMoveTask(handle: task.handle) == 1)
        try await host.queues.advanceMoveTasks()
        let ended = try #require(try await host.queues.moveTasks(of: host.arn("dead"), limit: 1).first)
        #expect(ended.status == .cancelled)
        #expect(ended.moved == 1)
    }

    @Test func aDeletedTargetEndsTheTask() async throws {
        let host = try await host(3)
        let target = try await host.queue("target")
        _ = try await host.queues.startMoveTask(from: host.arn("dead"), to: host.arn("target"), rate: 1)
        try await host.temporary.database.write { try host.queues.delete(target, in: $0) }
        try await host.queues.advanceMoveTasks()
        let task = try #require(try await host.queues.moveTasks(of: host.arn("dead"), limit: 1).first)
        #expect(task.status == .failed)
        #expect(task.failure == "AWS.SimpleQueueService.NonExistentQueue")
        #expect(try await host.bodies("dead").count == 3)
    }

    @Test func onlyOneTaskRunsForAQueue() async throws {
        let host = try await host(3)
        _ = try await host.queues.startMoveTask(from: host.arn("dead"), to: nil, rate: 1)
        await #expect(throws: MessagingError.self) {
            try await host.queues.startMoveTask(from: host.arn("dead"), to: nil, rate: 1)
        }
        let error = await #expect(throws: MessagingError.self) {
            try await host.queues.startMoveTask(from: host.arn("q"), to: nil, rate: nil)
        }
        #expect(error?.message == "Source queue must be configured as a Dead Letter Queue.")
    }
}
