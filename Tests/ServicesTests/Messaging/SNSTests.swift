import AWSModels
import Core
import Messaging
import Services
import Testing
import Wire

/// SNS through the gateway without a socket.
@Suite struct SNSTests {
    static let topic = "arn:aws:sns:eu-west-1:111111111111:t"

    struct Case: Sendable, CustomTestStringConvertible {
        var parameters: [String: String]
        var status = 400
        var code: String?
        var message: String
        var testDescription: String { parameters["Action"] ?? "" }

        init(
            _ action: String, _ parameters: [String: String], status: Int = 400, code: String? = "InvalidParameter",
            _ message: String
        ) {
            self.parameters = parameters.merging(["Action": action]) { $1 }
            self.status = status
            self.code = code
            self.message = message
        }
    }

    static let refusals = [
        Case("CreateTopic", ["Name": "a b"], "Invalid parameter: Topic Name"),
        Case("CreateTopic", ["Name": "x.fifo"], "Invalid parameter: Topic Name"),
        Case(
            "GetTopicAttributes", ["TopicArn": "t"],
            "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"),
        Case(
            "GetTopicAttributes", ["TopicArn": "arn:aws:sns:us-east-1:111111111111:t"], "Invalid parameter: TopicArn"),
        Case(
            "GetTopicAttributes", ["TopicArn": topic + "x"], status: 404, code: "NotFound", "Topic does not exist"),
        Case("Publish", ["TopicArn": topic, "Message": ""], "Invalid parameter: Empty message"),
        Case("Publish", ["TopicArn": topic, "Message": "m", "Subject": ""], "Invalid parameter: Subject"),
        Case(
            "Publish", ["TopicArn": topic, "Message": String(repeating: "m", count: 262_145)],
            "Invalid parameter: Message too long"),
        Case(
            "Publish", ["TopicArn": topic, "Message": "{}", "MessageStructure": "json"],
            "Invalid parameter: Message Structure - No default entry in JSON message body"),
        Case(
            "Publish", ["TopicArn": topic, "Message": "m", "MessageDeduplicationId": "1"],
            "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
                + "that is not valid for this topic type"),
        Case(
            "Publish", ["PhoneNumber": "+1a234", "Message": "m"],
            "Invalid parameter: PhoneNumber Reason: +1a234 is not valid to publish to"),
        Case(
            "Publish",
            [
                "TopicArn": topic, "Message": "m", "MessageAttributes.entry.1.Name": "a..b",
                "MessageAttributes.entry.1.Value.DataType": "String",
                "MessageAttributes.entry.1.Value.StringValue": "v",
            ], code: "ParameterValueInvalid", "Message attribute name can not have successive '.' character."),
        Case(
            "Publish",
            [
                "TopicArn": topic, "Message": "m", "MessageAttributes.entry.1.Name": "a",
                "MessageAttributes.entry.1.Value.DataType": "Number",
                "MessageAttributes.entry.1.Value.StringValue": "v",
            ], code: "ParameterValueInvalid", "Could not cast message attribute 'a' value to number."),
        Case("ListTopics", ["NextToken": "x"], "Invalid parameter: NextToken"),
        Case(
            "SetTopicAttributes", ["TopicArn": topic, "AttributeName": "SignatureVersion", "AttributeValue": "3"],
            "Invalid parameter: SignatureVersion"),
        Case(
            "SetTopicAttributes", ["TopicArn": topic, "AttributeName": "TracingConfig", "AttributeValue": "on"],
            "Invalid parameter: TracingConfig"),
        Case(
            "SetTopicAttributes",
            ["TopicArn": topic, "AttributeName": "FifoThroughputScope", "AttributeValue": "Topic"],
            "Invalid parameter: FifoThroughputScope"),
        Case(
            "CreateTopic",
            ["Name": "u", "Attributes.entry.1.key": "TracingConfig", "Attributes.entry.1.value": "on"],
            "Invalid parameter: TracingConfig"),
        Case(
            "Subscribe", ["TopicArn": topic, "Protocol": "carrier-pigeon", "Endpoint": "x"],
            "Invalid parameter: Amazon SNS does not support this protocol string: carrier-pigeon"),
        Case(
            "Subscribe", ["TopicArn": topic, "Protocol": "http", "Endpoint": "https://x"],
            "Invalid parameter: Endpoint must match the specified protocol"),
        Case(
            "Subscribe", ["TopicArn": topic, "Protocol": "sqs", "Endpoint": "http://127.0.0.1/1/q"],
            "Invalid parameter: SQS endpoint ARN"),
        Case(
            "Subscribe",
            [
                "TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-west-1:1:q",
                "Attributes.entry.1.key": "FilterPolicy", "Attributes.entry.1.value": #"{"a":[]}"#,
            ],
            "Invalid parameter: Attributes Reason: FilterPolicy: Empty arrays are not allowed\n "
                + #"at [Source: (String)"{"a":[]}"; line: 1, column: 8]"#),
        Case(
            "Subscribe",
            [
                "TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-west-1:1:q",
                "Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "maybe",
            ],
            "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [maybe]. Must be true or false."),
        Case(
            "Subscribe", ["TopicArn": topic, "Protocol": "sms", "Endpoint": "+12//345"],
            "Invalid SMS endpoint: +12//345"),
        Case(
            "Subscribe", ["TopicArn": topic, "Protocol": "sms", "Endpoint": "+-12345"],
            "Invalid SMS endpoint: +-12345"),
        Case(
            "Unsubscribe", ["SubscriptionArn": topic], "Invalid parameter: SubscriptionId"),
        Case(
            "Unsubscribe", ["SubscriptionArn": ""],
            "Invalid parameter: SubscriptionArn Reason: no value for required parameter"),
        Case(
            "AddPermission",
            ["TopicArn": topic, "Label": "l", "AWSAccountId.member.1": "1", "ActionName.member.1": "Fly"],
            "Invalid parameter: Policy statement action out of service scope!"),
        Case(
            "CreatePlatformApplication",
            [
                "Name": "n", "Platform": "AAA", "Attributes.entry.1.key": "PlatformPrincipal",
                "Attributes.entry.1.value": "p",
            ], "Invalid parameter: Platform Reason: AAA is not supported"),
        Case(
            "SetSMSAttributes", ["attributes.entry.1.key": "Nonsense", "attributes.entry.1.value": "1"],
            "Nonsense is not a valid attribute"),
    ]

    @Test(arguments: refusals) func refused(_ given: Case) async throws {
        let host = try await MessagingServices()
        _ = try await host.query("sns", ["Action": "CreateTopic", "Name": "t"])
        let answer = try await host.query("sns", given.parameters)
        #expect(answer.status == given.status)
        #expect(answer.body.element("Code") == given.code)
        let message = answer.body.element("Message")?.replacing("&apos;", with: "'").replacing("&quot;", with: "\"")
        #expect(message == given.message)
    }

    @Test func pagesGoOnBehindWhatWasDeleted() async throws {
        let host = try await MessagingServices()
        for number in 100..<250 { _ = try await host.query("sns", ["Action": "CreateTopic", "Name": "t\(number)"]) }
        let first = try await host.query("sns", ["Action": "ListTopics"])
        let token = try #require(first.body.element("NextToken"))
        _ = try await host.query("sns", ["Action": "DeleteTopic", "TopicArn": "\(Self.topic)199"])
        let second = try await host.query("sns", ["Action": "ListTopics", "NextToken": token])
        #expect(second.body.element("TopicArn") == "\(Self.topic)200")
        #expect(second.body.element("NextToken") == nil)
    }

    @Test func topicsDescribeThemselves() async throws {
        let host = try await MessagingServices()
        let made = try await host.query("sns", ["Action": "CreateTopic", "Name": "t"])
        #expect(made.body.element("TopicArn") == Self.topic)
        _ = try await host.query(
            "sns",
            [
                "Action": "Subscribe", "TopicArn": Self.topic, "Protocol": "sqs",
                "Endpoint": "arn:aws:sqs:eu-west-1:111111111111:q",
            ])
        let answer = try await host.query("sns", ["Action": "GetTopicAttributes", "TopicArn": Self.topic])
        for part in [
            "<key>SubscriptionsConfirmed</key>\n        <value>1</value>",
            "<key>Owner</key>\n        <value>111111111111</value>",
            "__default_policy_ID", "numMaxDelayRetries",
        ] {
            #expect(answer.body.contains(part), "\(answer.body)")
        }
    }

    @Test func phoneNumbersMayBeDivided() async throws {
        let host = try await MessagingServices()
        _ = try await host.query("sns", ["Action": "CreateTopic", "Name": "t"])
        let answer = try await host.query(
            "sns", ["Action": "Subscribe", "TopicArn": Self.topic, "Protocol": "sms", "Endpoint": "+12/34-567.890"])
        #expect(answer.status == 200, "\(answer.body)")
    }

    @Test(
        arguments: [
            (
                #"{"http":{"defaultRequestPolicy":{"headerContentType":"a/b"}}}"#,
                #"{"http":{"defaultRequestPolicy":{"headerContentType":"a/b"},"disableSubscriptionOverrides":false}}"#
            ),
            (#"{"http":{"defaultHealthyRetryPolicy":null}}"#, #"{"http":{"disableSubscriptionOverrides":false}}"#),
            ("", nil),
        ] as [(String, String?)])
    func deliveryPoliciesAreAnsweredAsTheyWereGiven(_ given: String, _ answered: String?) async throws {
        let host = try await MessagingServices()
        _ = try await host.query("sns", ["Action": "CreateTopic", "Name": "t"])
        for policy in [#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":1}}}"#, given] {
            _ = try await host.query(
                "sns",
                [
                    "Action": "SetTopicAttributes", "TopicArn": Self.topic, "AttributeName": "DeliveryPolicy",
                    "AttributeValue": policy,
                ])
        }
        #expect(host.topics.topic(Self.topic)?.described(confirmed: 0, pending: 0)["DeliveryPolicy"] == answered)
    }

    @Test func phonesAndMobilesAreAnsweredWithoutBeingReached() async throws {
        let host = try await MessagingServices()
        let sms = try await host.query("sns", ["Action": "Publish", "PhoneNumber": "+15551234567", "Message": "m"])
        #expect(sms.status == 200)
        #expect(sms.body.element("MessageId")?.count == 36)
        let application = try await host.query(
            "sns",
            [
                "Action": "CreatePlatformApplication", "Name": "n", "Platform": "GCM",
                "Attributes.entry.1.key": "PlatformPrincipal", "Attributes.entry.1.value": "p",
                "Attributes.entry.2.key": "PlatformCredential", "Attributes.entry.2.value": "secret",
            ])
        let arn = try #require(application.body.element("PlatformApplicationArn"))
        #expect(!application.body.contains("secret"))
        let endpoint = try await host.query(
            "sns", ["Action": "CreatePlatformEndpoint", "PlatformApplicationArn": arn, "Token": "t"])
        let target = try #require(endpoint.body.element("EndpointArn"))
        #expect(target.hasPrefix("arn:aws:sns:eu-west-1:111111111111:endpoint/GCM/n/"))
        #expect(try await host.query("sns", ["Action": "Publish", "TargetArn": target, "Message": "m"]).status == 200)
        _ = try await host.query(
            "sns",
            [
                "Action": "SetEndpointAttributes", "EndpointArn": target, "Attributes.entry.1.key": "Enabled",
                "Attributes.entry.1.value": "false",
            ])
        let disabled = try await host.query("sns", ["Action": "Publish", "TargetArn": target, "Message": "m"])
        #expect(disabled.body.element("Code") == "EndpointDisabled")
    }

    @Test func everyOperationIsBuilt() async throws {
        let host = try await MessagingServices()
        for operation in SNS.model.operations where operation.isSupported {
            let answer = try await host.query("sns", ["Action": operation.name])
            #expect(answer.status != 501 && answer.status != 500, "\(operation.name): \(answer.body)")
        }
    }
}
