import Core
import HostTesting
import Storage
import Synchronization
import Testing

@testable import Events
@testable import Messaging

/// What topics log of the messages that they deliver.
@Suite struct DeliveryStatusTests {
    /// Takes events into a queue of its own kind, as functions do.
    private struct Functions: DeliveryTarget {
        func deliver(_ delivery: Delivery) async -> DeliveryOutcome { .done }

        func admit(_ delivery: NewDelivery) -> NewDelivery {
            var admitted = delivery
            admitted.kind = .asyncInvocation
            return admitted
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var attributes: [String: String]
        var proto = SubscriptionProtocol.queue
        /// Nil when nothing is logged.
        var group: String?
        var status = "SUCCESS"
        var code: Int64 = 200
    }

    private static let group = "arn:aws:logs:eu-west-1:111111111111:log-group:sns/eu-west-1/111111111111/t"
    private static let role = "arn:aws:iam::111111111111:role/feedback"

    @Test(arguments: [
        Case(testDescription: "nobody asks", attributes: [:]),
        Case(
            testDescription: "a queue takes it", attributes: ["SQSSuccessFeedbackRoleArn": role], group: group),
        Case(
            testDescription: "a function takes it", attributes: ["LambdaSuccessFeedbackRoleArn": role],
            proto: .function, group: group, code: 202),
        Case(testDescription: "another protocol is asked for", attributes: ["HTTPSuccessFeedbackRoleArn": role]),
        Case(testDescription: "failures are asked for", attributes: ["SQSFailureFeedbackRoleArn": role]),
        Case(
            testDescription: "no success is in the sample",
            attributes: ["SQSSuccessFeedbackRoleArn": role, "SQSSuccessFeedbackSampleRate": "0"]),
    ])
    func whatIsTakenIsLoggedWhereTheTopicAsksForIt(_ expected: Case) async throws {
        let host = try await MessagingHarness()
        host.targets.table.withLock { $0.register(Functions(), service: "lambda") }
        let topic = try await host.topic("t", expected.attributes)
        try await host.queue("q")
        let name = expected.proto == .queue ? "q" : "arn:aws:lambda:eu-west-1:111111111111:function:f"
        let subscription = try await host.subscribe(name, to: topic, proto: expected.proto)
        let published = try await host.publish(TopicMessage("Should be received"), to: topic)
        let lines = try await Self.lines(host)
        guard let group = expected.group else { return #expect(lines.isEmpty) }
        let (target, line) = try #require(lines.first)
        #expect(lines.count == 1 && target == group)
        #expect(line["status"]?.stringValue == expected.status)
        #expect(line["notification"]?["messageId"]?.stringValue == published.messageID)
        #expect(line["notification"]?["messageMD5Sum"] == "c1c7ff780647014d463e6801bf83c59d")
        #expect(line["notification"]?["timestamp"]?.stringValue?.wholeMatch(of: /[-\d]{10} [:\d]{8}\.\d{3}/) != nil)
        #expect(line["delivery"]?["destination"]?.stringValue == subscription.endpoint)
        #expect(line["delivery"]?["statusCode"]?.intValue == expected.code)
        let response = try JSON(parsing: line["delivery"]?["providerResponse"]?.stringValue ?? "")
        let request = response[expected.proto == .queue ? "sqsRequestId" : "lambdaRequestId"]
        #expect(request?.stringValue?.count == 36)
    }

    @Test func whatIsGivenUpIsLoggedApart() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t", ["SQSFailureFeedbackRoleArn": Self.role])
        let gone = try await host.queue("gone")
        try await host.subscribe("gone", to: topic)
        try await host.temporary.database.write { try host.queues.delete(gone, in: $0) }
        let ending = SubscriptionEnding()
        let publication = try host.topics.prepare(TopicMessage("lost"), to: topic)
        let delivery = Self.delivery(try #require(publication.deliveries.first), host)
        let outcome = DeliveryOutcome.rejected("AWS.SimpleQueueService.NonExistentQueue", "There is none.")
        let made = ending.deliveries(after: delivery, outcome, givenUp: .rejected, now: host.clock.now)
        #expect(made.map(\.target) == [Self.group + "/Failure"])
        let line = try JSON(parsing: made[0].payload)
        #expect(line["status"] == "FAILURE")
        #expect(line["delivery"]?["statusCode"] == 400)
        #expect(
            try JSON(parsing: line["delivery"]?["providerResponse"]?.stringValue ?? "") == [
                "ErrorCode": "AWS.SimpleQueueService.NonExistentQueue", "ErrorMessage": "There is none.",
                "sqsRequestId": "Unrecoverable",
            ])
    }

    @Test func answersOfWebServersAreLogged() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic(
            "t", ["HTTPSuccessFeedbackRoleArn": Self.role, "HTTPFailureFeedbackRoleArn": Self.role])
        let pending = try await host.subscribe("http://127.0.0.1:1/hook", to: topic, proto: .http)
        _ = try await host.temporary.database.write { [topics = host.topics] transaction in
            try topics.confirm(
                token: pending.token, topic: topic.arn.description, isAuthenticated: false,
                authenticatesUnsubscribe: false, in: transaction)
        }
        let publication = try host.topics.prepare(TopicMessage("m"), to: topic)
        var delivery = Self.delivery(try #require(publication.deliveries.first), host)
        delivery.attempts = 2
        let later = host.clock.now.adding(milliseconds: 1500)
        let taken = DeliveryOutcome(.done, response: Array("thanks".utf8), responseContext: ["statusCode": 201])
        let ending = SubscriptionEnding()
        let success = try JSON(
            parsing: ending.deliveries(after: delivery, taken, givenUp: nil, now: later)[0].payload)["delivery"]
        #expect(success?["providerResponse"] == "thanks" && success?["statusCode"] == 201)
        #expect(success?["attempts"] == 3 && success?["dwellTimeMs"] == 1500)
        let unreachable = DeliveryOutcome(.failed, error: ("Unreachable", "Nobody is there."))
        let failure = try JSON(
            parsing: ending.deliveries(after: delivery, unreachable, givenUp: .retriesExhausted, now: later)[0].payload)
        #expect(failure["status"] == "FAILURE" && failure["delivery"]?["providerResponse"] == "Nobody is there.")
    }

    private static func delivery(_ new: NewDelivery, _ host: MessagingHarness) -> Delivery {
        Delivery(
            id: 1, target: new.target, kind: new.kind, payload: new.payload, context: new.context, retry: new.retry,
            deadLetter: new.deadLetter, attempts: 0, createdAt: host.clock.now, dueAt: host.clock.now)
    }

    /// The lines that are on their way to log groups.
    private static func lines(_ host: MessagingHarness) async throws -> [(String, JSON)] {
        try await host.temporary.database.read { transaction in
            try transaction.query("SELECT target, payload FROM deliveries WHERE target LIKE 'arn:aws:logs:%'").map {
                (try $0.text(0), try JSON(parsing: try $0.blob(1)))
            }
        }
    }
}
