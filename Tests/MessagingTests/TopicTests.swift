import CCrypto
import Core
import Events
import Storage
import HostTesting
import Testing

@testable import Messaging

@Suite struct TopicTests {
    @Test func everySubscriberGetsTheEnvelope() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        for name in ["a", "b"] {
            try await host.queue(name)
            try await host.subscribe(name, to: topic)
        }
        let published = try await host.publish(TopicMessage("hello", subject: "greeting"), to: topic)
        for name in ["a", "b"] {
            let message = try #require(try await host.receive(name).first)
            let envelope = try JSON(parsing: message.body)
            #expect(envelope["MessageId"]?.stringValue == published.messageID)
            #expect(envelope["Message"] == "hello")
            #expect(envelope["Subject"] == "greeting")
            #expect(envelope["Type"] == "Notification")
            #expect(
                envelope.objectValue?.keys == [
                    "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion",
                    "Signature", "SigningCertURL", "UnsubscribeURL",
                ])
        }
    }

    @Test(arguments: ["1", "2"]) func signaturesVerify(_ version: String) async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t", ["SignatureVersion": version])
        try await host.queue("q")
        try await host.subscribe("q", to: topic)
        // A text that looks like the place for the signature does not mislead.
        try await host.publish(TopicMessage(#"{"Signature":""} "Signature":"""#, subject: "s"), to: topic)
        let body = try #require(try await host.receive("q").first?.body)
        let envelope = try JSON(parsing: body)
        func text(_ name: String) throws -> String { try #require(envelope[name]?.stringValue) }
        let signed = try ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            .map { "\($0)\n\(try text($0))\n" }.joined()
        let signature = try #require(Base64.decode(try text("Signature")))
        #expect(Self.verify(signed, signature, host.signer.certificate, isSHA256: version == "2"))
        #expect(!Self.verify(signed + "x", signature, host.signer.certificate, isSHA256: version == "2"))
    }

    /// Verifies with the public key of the certificate, as receivers do.
    static func verify(_ text: String, _ signature: [UInt8], _ certificate: String, isSHA256: Bool) -> Bool {
        let pem = Array(certificate.utf8)
        return pem.withUnsafeBytes { buffer in
            let memory = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count))
            defer { BIO_free(memory) }
            let parsed = PEM_read_bio_X509(memory, nil, nil, nil)
            defer { X509_free(parsed) }
            let key = X509_get_pubkey(parsed)
            defer { EVP_PKEY_free(key) }
            let context = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(context) }
            guard EVP_DigestVerifyInit(context, nil, isSHA256 ? EVP_sha256() : EVP_sha1(), nil, key) == 1 else {
                return false
            }
            let bytes = Array(text.utf8)
            return EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
        }
    }

    @Test func rawSubscribersGetTheBareMessageWithItsAttributes() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        try await host.queue("q")
        try await host.subscribe("q", to: topic, ["RawMessageDelivery": "true"])
        let attributes = [
            MessageAttribute(name: "a", type: "String", value: .string("x")),
            MessageAttribute(name: "b", type: "Binary", value: .binary([2, 3, 4])),
        ]
        try await host.publish(TopicMessage("bare", attributes: attributes), to: topic)
        let message = try #require(try await host.receive("q").first)
        #expect(message.body == "bare")
        #expect(message.attributes == attributes)
    }

    @Test(arguments: [
        (#"{"kind":["a",{"prefix":"b"}]}"#, "MessageAttributes", ["a", "bc"]),
        (#"{"kind":[{"anything-but":"a"}]}"#, "MessageAttributes", ["bc", "c"]),
        (#"{"in":{"body":["bc"]}}"#, "MessageBody", ["bc"]), ("{}", "MessageAttributes", ["a", "bc", "c"]),
    ])
    func filtersChoose(_ policy: String, _ scope: String, _ expected: [String]) async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        try await host.queue("q")
        try await host.subscribe(
            "q", to: topic, ["FilterPolicy": policy, "FilterPolicyScope": scope, "RawMessageDelivery": "true"])
        for kind in ["a", "bc", "c"] {
            try await host.publish(
                TopicMessage(
                    #"{"in":{"body":"\#(kind)"}}"#,
                    attributes: [MessageAttribute(name: "kind", type: "String", value: .string(kind))]), to: topic)
        }
        #expect(try await host.bodies("q") == expected.map { #"{"in":{"body":"\#($0)"}}"# })
    }

    @Test func protocolsCanHaveTextsOfTheirOwn() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        try await host.queue("q")
        try await host.subscribe("q", to: topic, ["RawMessageDelivery": "true"])
        try await host.publish(TopicMessage("default", perProtocol: ["sqs": "for queues"]), to: topic)
        #expect(try await host.bodies("q") == ["for queues"])
    }

    @Test(arguments: [(#"{"a":1}"#, #"{"a":1}"#), ("7", "7"), ("plain \"text\"", #""plain \"text\"""#), ("{", #""{""#)])
    func workflowsGetJSON(_ message: String, _ input: String) async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        try await host.subscribe("arn:aws:states:us-east-1:0:stateMachine:m", to: topic, proto: .workflow)
        let deliveries = try host.topics.prepare(TopicMessage(message), to: topic).deliveries
        #expect(deliveries.map { String(decoding: $0.payload, as: UTF8.self) } == [input])
    }

    @Test func aFIFOTopicPublishesOnceAndInOrder() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t.fifo", ["FifoTopic": "true", "ContentBasedDeduplication": "true"])
        try await host.queue("q.fifo", ["FifoQueue": "true"])
        try await host.queue("plain")
        try await host.subscribe("q.fifo", to: topic, ["RawMessageDelivery": "true"])
        try await host.subscribe("plain", to: topic)
        var first: PublishedMessage?
        for text in ["1", "2", "1"] {
            let published = try await host.publish(TopicMessage(text, groupID: "g"), to: topic)
            if text == "1", let first { #expect(published.messageID == first.messageID) }
            if first == nil { first = published }
        }
        let messages = try await host.receive("q.fifo")
        #expect(messages.map(\.body) == ["1", "2"])
        #expect(messages.first?.deduplicationID == hexadecimal(Digest.sha256(Array("1".utf8))))
        // Standard queues are not told of groups, and FIFO topics do not sign.
        let plain = try await host.receive("plain")
        #expect(plain.map(\.groupID) == [nil, nil])
        #expect(try JSON(parsing: plain[0].body)["Signature"] == nil)
        #expect(try JSON(parsing: plain[0].body)["SequenceNumber"]?.stringValue?.count == 20)
    }

    @Test func whatCannotBeDeliveredGoesToTheSubscriptionsDeadLetterQueue() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        let gone = try await host.queue("gone")
        try await host.queue("dead")
        try await host.subscribe(
            "gone", to: topic, ["RedrivePolicy": #"{"deadLetterTargetArn":"\#(host.arn("dead"))"}"#])
        try await host.temporary.database.write { try host.queues.delete(gone, in: $0) }
        try await host.dispatching {
            try await host.publish(TopicMessage("lost"), to: topic)
            let message = try #require(try await host.arrivals("dead").first)
            let envelope = try JSON(parsing: message.body)
            #expect(envelope["Message"] == "lost")
            #expect(envelope["Signature"]?.stringValue?.isEmpty == false)
        }
    }

    @Test func aTopicCanBeATarget() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        try await host.queue("q")
        try await host.subscribe("q", to: topic)
        let outbox = host.dispatcher.outbox
        let delivery = NewDelivery(
            target: topic.arn.description, kind: .bucketNotification, payload: Array("{}".utf8),
            context: ["subject": "Amazon S3 Notification"])
        try await host.temporary.database.write { try outbox.enqueue(delivery, in: $0) }
        let envelope = try JSON(parsing: try #require(try await host.bodies("q").first))
        #expect(envelope["Subject"] == "Amazon S3 Notification")
        #expect(envelope["Message"] == "{}")
    }

    @Test func webReceiversAreAskedAndCanComeBack() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        let pending = try await host.subscribe("http://127.0.0.1:1/hook", to: topic, proto: .http)
        #expect(!pending.isConfirmed)
        #expect(host.topics.receiversForTests(topic).isEmpty)
        let topics = host.topics
        let confirm: @Sendable (String, String) async throws -> Subscription = { token, arn in
            try await host.temporary.database.write {
                try topics.confirm(
                    token: token, topic: arn, isAuthenticated: false, authenticatesUnsubscribe: false, in: $0)
            }
        }
        let arn = topic.arn.description
        for (token, name, text) in [
            ("not hexadecimal", arn, "Invalid token"), ("abc123", arn, "Invalid parameter: Token"),
            (pending.token, "no arn", "Invalid parameter: Topic"),
            (pending.token, "arn:aws:sns:us-east-1:111111111111:t", "Invalid parameter: Topic"),
        ] {
            let error = await #expect(throws: MessagingError.self) { try await confirm(token, name) }
            #expect(error?.message == text)
        }
        #expect(try await confirm(pending.token, arn).arn == pending.arn)
        #expect(host.topics.receiversForTests(topic).count == 1)
        let subscription = try #require(host.topics.subscription(pending.arn))
        #expect(!subscription.wasAuthenticated)

        try await host.temporary.database.write {
            try topics.unsubscribe(subscription, asksReceiver: true, in: $0)
        }
        #expect(host.topics.subscription(pending.arn) == nil)
        // The token for coming back went out with the notice.
        let notice = try await host.temporary.database.read {
            try $0.query("SELECT payload FROM deliveries ORDER BY id").map { try $0.blob(0) }
        }.last
        let message = try JSON(parsing: try #require(notice))
        #expect(message["Type"] == "UnsubscribeConfirmation")
        let token = try #require(message["Token"]?.stringValue)
        _ = try await confirm(token, arn)
        #expect(host.topics.subscription(pending.arn)?.isConfirmed == true)
    }

    @Test func subscribingAgainIsNoErrorUnlessASettingDiffers() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t")
        try await host.queue("q")
        let first = try await host.subscribe("q", to: topic, ["RawMessageDelivery": "true"])
        #expect(try await host.subscribe("q", to: topic).arn == first.arn)
        #expect(try await host.subscribe("q", to: topic, ["FilterPolicyScope": "MessageAttributes"]).arn == first.arn)
        await #expect(throws: MessagingError.self) {
            try await host.subscribe("q", to: topic, ["RawMessageDelivery": "false"])
        }
    }

    @Test func everythingIsThereAfterARestart() async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic("t", ["DisplayName": "d"])
        try await host.queue("q")
        let subscription = try await host.subscribe(
            "q", to: topic, ["FilterPolicy": #"{"k":["v"]}"#, "RawMessageDelivery": "true"])
        let second = TopicService(
            database: host.temporary.database, clock: host.clock, random: SystemRandomSource(),
            identifiers: IdentifierSequence(clock: host.clock), outbox: host.dispatcher.outbox, signer: host.signer,
            endpoint: "http://127.0.0.1:4566")
        try await second.load()
        #expect(second.topic(topic.arn.description)?.attributes == ["DisplayName": "d"])
        #expect(second.subscription(subscription.arn)?.isRaw == true)
        let refused = try second.prepare(TopicMessage("x"), to: topic)
        #expect(refused.deliveries.isEmpty)
    }

    @Test func theSigningKeyIsMadeWithTheFirstTopicAndKept() async throws {
        let temporary = try TemporaryDatabase(schema: NotificationSigner.schema)
        let database = temporary.database
        let fresh = try await NotificationSigner.load(from: database)
        #expect(fresh.certificate.isEmpty)
        try await database.write { try fresh.prepare(in: $0) }
        let loaded = try await NotificationSigner.load(from: database)
        try await database.write { try loaded.prepare(in: $0) }
        #expect(!fresh.certificate.isEmpty)
        #expect(loaded.certificate == fresh.certificate)
        #expect(loaded.sign("text", version: "1") == fresh.sign("text", version: "1"))
        await database.close()
        withExtendedLifetime(temporary) {}
    }

    @Test func theSigningKeyIsSharedByTopics() async throws {
        let host = try await MessagingHarness()
        _ = try await host.topic("t")
        let first = try await NotificationSigner.load(from: host.temporary.database)
        let second = try await NotificationSigner.load(from: host.temporary.database)
        #expect(first.certificate == second.certificate)
        #expect(first.sign("text", version: "2") == second.sign("text", version: "2"))
    }
}

extension TopicService {
    func receiversForTests(_ topic: Topic) -> [NewDelivery] {
        (try? prepare(TopicMessage("probe"), to: topic).deliveries) ?? []
    }
}
