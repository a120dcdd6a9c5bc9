import AWSModels
import Core
import Foundation
import Messaging
import Services
import Testing
import Wire

/// SQS through the gateway without a socket: scenarios of calls and answers in a table.
@Suite struct SQSTests {
    static let scenarios = Scenario.read("sqs.json")

    @Test func thereAreScenarios() { #expect(Self.scenarios.count >= 7) }

    @Test(arguments: scenarios) func scenario(_ scenario: Scenario) async throws {
        let host = try await MessagingServices()
        var kept: [String: String] = [:]
        for step in scenario.steps {
            let operation = try #require(step["do"]?.stringValue)
            var text = (step["with"] ?? [:]).text()
            for (name, value) in kept { text = text.replacing("${\(name)}", with: value) }
            let answer = try await host.json(operation, try JSON(parsing: text))
            if let error = step["error"] {
                #expect(answer.body["__type"] == error[0], "\(operation)")
                #expect(answer.headers["x-amzn-query-error"] == error[1]?.stringValue, "\(operation)")
                #expect((answer.body["message"] ?? answer.body["Message"]) == error[2], "\(operation)")
                #expect(answer.status == error[3]?.intValue.map(Int.init), "\(operation)")
                continue
            }
            #expect(answer.status == 200, "\(operation): \(answer.body.text())")
            if let wanted = step["gives"] {
                #expect(Self.holds(answer.body, wanted), "\(operation): \(answer.body.text())")
            }
            if let only = step["only"]?.arrayValue {
                #expect(answer.body.objectValue?.keys == only.compactMap(\.stringValue), "\(operation)")
            }
            for (name, path) in step["keep"]?.objectValue ?? [:] {
                var value: JSON? = answer.body
                for key in path.arrayValue ?? [] {
                    value = key.stringValue.map { value?[$0] } ?? key.intValue.map { value?[Int($0)] } ?? nil
                }
                kept[name] = try #require(value?.stringValue)
            }
        }
    }

    /// Whether everything that is wanted is there; more may be.
    static func holds(_ given: JSON, _ wanted: JSON) -> Bool {
        switch (given, wanted) {
        case (.object(let given), .object(let wanted)):
            wanted.allSatisfy { key, value in given[key].map { holds($0, value) } ?? false }
        case (.array(let given), .array(let wanted)):
            given.count == wanted.count && zip(given, wanted).allSatisfy(holds)
        default: given == wanted
        }
    }

    // MARK: The older protocol, and requests at a queue's own address

    struct Query: Sendable, CustomTestStringConvertible {
        var parameters: [String: String]
        var path = "/111111111111/q"
        var isGET = true
        var status = 200
        var parts: [String]
        var testDescription: String { "\(path) \(parameters)" }
    }

    static let queries = [
        Query(
            parameters: ["Action": "GetQueueAttributes", "AttributeName.1": "QueueArn"],
            parts: ["<Name>QueueArn</Name><Value>arn:aws:sqs:eu-west-1:111111111111:q</Value>"]),
        Query(
            parameters: ["Action": "SendMessage", "MessageBody": "m"], isGET: false,
            parts: ["<MD5OfMessageBody>6f8f57715090da2632453988d9a1501b</MD5OfMessageBody>"]),
        Query(
            parameters: ["Action": "SendMessage"], status: 400,
            parts: [
                "<Code>MissingParameter</Code>", "The request must contain the parameter MessageBody.", "<Detail",
            ]),
        Query(
            parameters: ["Action": "GetQueueUrl", "QueueName": "q"],
            parts: ["<QueueUrl>http://127.0.0.1:4566/111111111111/q</QueueUrl>"]),
        Query(
            parameters: ["Action": "CreateQueue", "QueueName": "x"], status: 400,
            parts: ["<Code>InvalidAction</Code>", "The action CreateQueue is not valid for this endpoint."]),
        Query(
            parameters: ["Action": "FooBar"], status: 400,
            parts: ["<Code>InvalidAction</Code>", "The action FooBar is not valid for this endpoint."]),
        Query(parameters: [:], status: 404, parts: ["<UnknownOperationException"]),
        Query(
            parameters: ["Action": "GetQueueAttributes", "AttributeName.1": "All"], path: "/111111111111/none",
            status: 400,
            parts: [
                "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>",
                "The specified queue does not exist for this wsdl version.",
            ]),
        Query(
            parameters: ["Action": "GetQueueAttributes", "AttributeName.1": "QueueArn"],
            path: "/queue/us-west-2/111111111111/q", status: 400, parts: ["NonExistentQueue"]),
    ]

    @Test(arguments: queries) func queryProtocol(_ query: Query) async throws {
        let host = try await MessagingServices()
        _ = try await host.json("CreateQueue", ["QueueName": "q"])
        let answer = try await host.query("sqs", query.parameters, path: query.path, isGET: query.isGET)
        #expect(answer.status == query.status)
        for part in query.parts { #expect(answer.body.contains(part), "\(answer.body)") }
    }

    @Test func everyOperationIsBuilt() async throws {
        let host = try await MessagingServices()
        for operation in SQS.model.operations {
            let answer = try await host.json(operation.name, [:])
            #expect(answer.status != 501 && answer.status != 500, "\(operation.name): \(answer.body.text())")
        }
    }
}
