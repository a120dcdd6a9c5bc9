import Core
import Testing
import Wire

/// Queues and topics that are encrypted with keys of KMS.
@Suite struct MessagingKeyTests {
    private static let scope = "eu-west-1:111111111111"

    /// What a key's state is called in the errors of SQS, in both protocols, and of SNS.
    struct Refusal: Sendable {
        var make: [String]
        var key = "alias/mine"
        var name: String
        var code: String
        var topicCode: String
    }

    private static let refusals = [
        Refusal(
            make: [], key: "alias/none", name: "KmsNotFound", code: "KMS.NotFoundException", topicCode: "KMSNotFound"),
        Refusal(
            make: ["DisableKey"], name: "KmsDisabled", code: "KMS.DisabledException", topicCode: "KMSDisabled"),
        Refusal(
            make: ["ScheduleKeyDeletion"], name: "KmsInvalidState", code: "KMS.InvalidStateException",
            topicCode: "KMSInvalidState"),
    ]

    private func makeKey(_ host: MessagingServices) async throws -> JSON {
        let made = try await host.json("CreateKey", [:], target: "TrentService")
        let id = try #require(made.body["KeyMetadata"]?["KeyId"])
        _ = try await host.json("CreateAlias", ["AliasName": "alias/mine", "TargetKeyId": id], target: "TrentService")
        return ["KeyId": id]
    }

    @Test("a queue's key that cannot be used", arguments: refusals) func queue(_ refusal: Refusal) async throws {
        let host = try await MessagingServices()
        let key = try await makeKey(host)
        let attributes: JSON = ["KmsMasterKeyId": .string(refusal.key)]
        #expect(try await host.json("CreateQueue", ["QueueName": "q", "Attributes": attributes]).status == 200)
        for operation in refusal.make { _ = try await host.json(operation, key, target: "TrentService") }
        for (operation, input) in [
            ("SendMessage", ["QueueUrl": "q", "MessageBody": "m"]), ("ReceiveMessage", ["QueueUrl": "q"]),
            ("SendMessageBatch", ["QueueUrl": "q", "Entries": [["Id": "1", "MessageBody": "m"]]]),
        ] as [(String, JSON)] {
            let answer = try await host.json(operation, input)
            #expect(answer.body["__type"]?.stringValue?.hasSuffix(refusal.name) == true, "\(answer.body.text())")
            #expect(answer.headers["x-amzn-query-error"] == "\(refusal.code);Sender")
            #expect(answer.status == 400)
        }
    }

    @Test("a topic's key that cannot be used", arguments: refusals) func topic(_ refusal: Refusal) async throws {
        let host = try await MessagingServices()
        let key = try await makeKey(host)
        _ = try await host.query(
            "sns",
            [
                "Action": "CreateTopic", "Name": "t", "Attributes.entry.1.key": "KmsMasterKeyId",
                "Attributes.entry.1.value": refusal.key,
            ])
        for operation in refusal.make { _ = try await host.json(operation, key, target: "TrentService") }
        let topic = "arn:aws:sns:\(Self.scope):t"
        for parameters in [
            ["Action": "Publish", "TopicArn": topic, "Message": "m"],
            [
                "Action": "PublishBatch", "TopicArn": topic, "PublishBatchRequestEntries.member.1.Id": "1",
                "PublishBatchRequestEntries.member.1.Message": "m",
            ],
        ] {
            let answer = try await host.query("sns", parameters)
            #expect(answer.body.element("Code") == refusal.topicCode && answer.status == 400, "\(answer.body)")
        }
    }

    @Test("keys that can be used change nothing", arguments: ["alias/mine", "alias/aws/sqs", "alias/aws/sns"])
    func usable(name: String) async throws {
        let host = try await MessagingServices()
        _ = try await makeKey(host)
        let attributes: JSON = ["KmsMasterKeyId": .string(name)]
        _ = try await host.json("CreateQueue", ["QueueName": "q", "Attributes": attributes])
        #expect(try await host.json("SendMessage", ["QueueUrl": "q", "MessageBody": "m"]).status == 200)
        let received = try await host.json("ReceiveMessage", ["QueueUrl": "q"])
        #expect(received.body["Messages"]?[0]?["Body"] == "m")
    }
}
