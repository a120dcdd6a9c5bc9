import Core
import Testing

@testable import Messaging

/// What queues take and what they refuse, as tables.
@Suite struct MessageRulesTests {
    struct Settings: Sendable, CustomTestStringConvertible {
        var values: [String: String]
        var isFIFO = false
        var isNew = true
        /// Nil for what is taken.
        var error: String?
        var testDescription: String { "\(values)" }
    }

    static let settings: [Settings] = [
        Settings(values: ["DelaySeconds": "900", "VisibilityTimeout": "0", "MaximumMessageSize": "1024"]),
        Settings(values: ["DelaySeconds": "901"], error: "Invalid value for the parameter DelaySeconds."),
        Settings(values: ["VisibilityTimeout": "x"], error: "Invalid value for the parameter VisibilityTimeout."),
        Settings(
            values: ["MessageRetentionPeriod": "59"], error: "Invalid value for the parameter MessageRetentionPeriod."),
        Settings(values: ["QueueArn": "arn"], error: "Unknown Attribute QueueArn."),
        Settings(values: ["Nonsense": "1"], error: "Unknown Attribute Nonsense."),
        Settings(values: ["FifoQueue": "false"], error: "Unknown Attribute FifoQueue."),
        Settings(
            values: ["DeduplicationScope": "queue"],
            error: "You can specify the DeduplicationScope only when FifoQueue is set to true."),
        Settings(values: ["ContentBasedDeduplication": "true", "FifoQueue": "True"], isFIFO: true),
        Settings(
            values: ["FifoQueue": "false"], isFIFO: true, isNew: false,
            error: "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."),
        Settings(values: ["Policy": "{"], error: "Invalid value for the parameter Policy."),
        Settings(values: ["RedrivePolicy": ""]),
        Settings(
            values: ["RedrivePolicy": #"{"maxReceiveCount":1}"#],
            error: #"Value {"maxReceiveCount":1} for parameter RedrivePolicy is invalid. "#
                + "Reason: Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
        Settings(
            values: ["RedrivePolicy": #"{"deadLetterTargetArn":"dummy","maxReceiveCount":1}"#],
            error: #"Value {"deadLetterTargetArn":"dummy","maxReceiveCount":1} for parameter RedrivePolicy is "#
                + "invalid. Reason: Invalid value for deadLetterTargetArn."),
        Settings(
            values: ["RedrivePolicy": #"{"deadLetterTargetArn":"arn:aws:sqs:r:1:q","maxReceiveCount":1001}"#],
            error: #"Value {"deadLetterTargetArn":"arn:aws:sqs:r:1:q","maxReceiveCount":1001} for parameter "#
                + "RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: 1001, valid values are from 1 "
                + "to 1000 both inclusive."),
    ]

    @Test(arguments: settings) func settingsAreChecked(_ given: Settings) {
        var message: String?
        do {
            try QueueAttributes.validate(given.values, isFIFO: given.isFIFO, isNew: given.isNew)
        } catch {
            message = error.message
        }
        #expect(message == given.error)
    }

    @Test(arguments: [
        ("", "The request must contain the parameter MessageBody."),
        ("\u{0}", "Invalid characters found"), ("a\u{FFFF}", "Invalid characters found"),
        ("\u{1B}", "Invalid characters found"),
        (String(repeating: "a", count: 2000), "One or more parameters are invalid. Reason: Message must be shorter"),
        ("tab\tand\nline äöü 😀 \u{FFFD}", nil),
    ])
    func bodiesAreChecked(_ body: String, _ refusal: String?) {
        var message: String?
        do {
            try OutgoingMessage(body: body, sender: "1").validate(maximumSize: 1999)
        } catch {
            message = error.message
        }
        #expect(message.map { given in refusal.map { given.hasPrefix($0) } ?? false } ?? (refusal == nil))
    }

    @Test(arguments: [
        ("name", "String", true), ("n.a-m_e", "Number.int", true), ("ümlaut", "String", true),
        ("AWS.x", "String", false),
        ("amazon.x", "String", false), (".x", "String", false), ("x.", "String", false), ("x y", "String", false),
        ("x", "Text", false), ("x", "", false), (String(repeating: "n", count: 256), "String", false),
    ])
    func attributesAreChecked(_ name: String, _ type: String, _ isTaken: Bool) {
        let message = OutgoingMessage(
            body: "b", attributes: [MessageAttribute(name: name, type: type, value: .string("1"))], sender: "1")
        #expect(((try? message.validate(maximumSize: 10_000)) != nil) == isTaken)
    }

    @Test(arguments: [
        ("1", true), ("-1.5e3", true), (".5", true), ("x", false), ("0x10", false), ("nan", false), ("1 ", false),
        ("-", false),
    ])
    func numbersAreNumbers(_ text: String, _ isTaken: Bool) {
        let attribute = MessageAttribute(name: "n", type: "Number.int", value: .string(text))
        let message = OutgoingMessage(body: "b", attributes: [attribute], sender: "1")
        #expect(((try? message.validate(maximumSize: 10_000)) != nil) == isTaken)
    }

    @Test(arguments: [(10, true), (11, false)]) func attributesAreFew(_ count: Int, _ isTaken: Bool) {
        let attributes = (0..<count).map { MessageAttribute(name: "n\($0)", type: "String", value: .string("v")) }
        let message = OutgoingMessage(body: "b", attributes: attributes, sender: "1")
        #expect(((try? message.validate(maximumSize: 10_000)) != nil) == isTaken)
    }

    /// Digests that AWS answered for these attributes.
    @Test(arguments: [
        (
            [
                MessageAttribute(
                    name: "attr1", type: "Binary",
                    value: .binary(
                        Array("traceparent\u{1E}00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01".utf8)))
            ], "8cbe4db156db8a94db8b801b7addb984"
        ),
        (
            [MessageAttribute(name: "attr1", type: "Number", value: .string("99.12"))],
            "d302007e9aa062660afc85fd0a482472"
        ),
        (
            [MessageAttribute(name: "MyAttribute", type: "String", value: .string("foobar"))],
            "adb59cd4678ea5a855436b949cd07ab6"
        ),
    ])
    func digestsAreThoseOfAWS(_ attributes: [MessageAttribute], _ digest: String) {
        #expect(MessageDigest.attributes(attributes) == digest)
        #expect(MessageDigest.attributes([]) == nil)
        #expect(MessageDigest.body("message") == "78e731027d8fd50ed642340b7c9a63b3")
    }

    @Test func permissionsAreStatementsOfThePolicy() throws {
        var queue = Queue(
            id: 1, scope: Scope(account: "111111111111", region: "eu-west-1"), name: "q",
            attributes: QueueAttributes(), tags: [:], createdAt: Timestamp(milliseconds: 0),
            modifiedAt: Timestamp(milliseconds: 0))
        try queue.addPermission(label: "one", accounts: ["222222222222"], actions: ["SendMessage"])
        try queue.addPermission(label: "two", accounts: ["1", "2"], actions: ["*", "ReceiveMessage"])
        let policy = try JSON(parsing: queue.attributes.values["Policy"] ?? "")
        #expect(policy["Id"] == "arn:aws:sqs:eu-west-1:111111111111:q/SQSDefaultPolicy")
        #expect(policy["Statement"]?[0]?["Principal"] == ["AWS": "arn:aws:iam::222222222222:root"])
        #expect(policy["Statement"]?[1]?["Action"] == ["SQS:*", "SQS:ReceiveMessage"])
        #expect(throws: MessagingError.self) {
            try queue.addPermission(label: "one", accounts: ["1"], actions: ["*"])
        }
        try queue.removePermission(label: "one")
        try queue.removePermission(label: "two")
        #expect(queue.attributes.values["Policy"] == nil)
        #expect(throws: MessagingError.self) { try queue.removePermission(label: "two") }
    }
}
