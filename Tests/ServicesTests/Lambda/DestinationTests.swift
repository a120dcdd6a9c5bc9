import Core
import Events
import HostTesting
import Testing
import Wire

/// What follows asynchronous invocations.
@Suite struct DestinationTests {
    /// Invocations of a function that is switched off fail without a process.
    @Test func eachRecordComesFromASessionOfItsOwn() async throws {
        try await LambdaServices.with { host in
            try await host.create("f")
            _ = try await host.call(sqs: "CreateQueue", ["QueueName": "failed"])
            let queue = "arn:aws:sqs:\(LambdaServices.region):\(LambdaServices.account):failed"
            _ = try await host.call(
                "PUT /2017-10-31/functions/f/concurrency", ["ReservedConcurrentExecutions": 0])
            _ = try await host.call(
                "PUT /2019-09-25/functions/f/event-invoke-config",
                ["DestinationConfig": ["OnFailure": ["Destination": .string(queue)]]])
            let address = "http://127.0.0.1:4566/\(LambdaServices.account)/failed"
            var messages: [JSON] = []
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [deliveries = host.deliveries] in try await deliveries.run() }
                for _ in 0..<2 {
                    let answer = try await host.call(
                        "POST /2015-03-31/functions/f/invocations", [:], headers: [("X-Amz-Invocation-Type", "Event")])
                    #expect(answer.status == 202)
                }
                for _ in 0..<200 where messages.count < 2 {
                    let answer = try await host.call(
                        sqs: "ReceiveMessage",
                        [
                            "QueueUrl": .string(address), "MaxNumberOfMessages": 10,
                            "AttributeNames": ["SenderId"],
                        ])
                    messages += answer.json["Messages"]?.arrayValue ?? []
                    await host.clock.advance(by: 10)
                }
                group.cancelAll()
                while let ended = await group.nextResult() { _ = ended }
            }
            let senders = messages.compactMap { $0["Attributes"]?["SenderId"]?.stringValue }
            #expect(senders.count == 2 && Set(senders).count == 2)
            for sender in senders { #expect(sender.wholeMatch(of: /AROA\w+:awslambda_\d+_\d{17}/) != nil, "\(sender)") }
        }
    }
}
