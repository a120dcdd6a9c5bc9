import Core
import Testing
import Wire

/// What mappings are made of, and what creating one refuses.
@Suite struct EventSourceMappingTests {
    private static let path = "/2015-03-31/event-source-mappings"
    private static let prefix = "\(LambdaServices.region):\(LambdaServices.account)"

    /// With a queue `jobs`, a queue `jobs.fifo` and a function `f`.
    private static func with(_ body: (LambdaServices) async throws -> Void) async throws {
        try await LambdaServices.with { host in
            try await host.create("f")
            _ = try await host.call(sqs: "CreateQueue", ["QueueName": "jobs"])
            _ = try await host.call(
                sqs: "CreateQueue", ["QueueName": "jobs.fifo", "Attributes": ["FifoQueue": "true"]])
            try await body(host)
        }
    }

    private static func input(_ source: String?, _ members: JSONObject) -> JSON {
        var input: JSONObject = ["FunctionName": "f"]
        if let source { input["EventSourceArn"] = .string(source) }
        for (name, value) in members { input[name] = value }
        return .object(input)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var source: String?
        var members: JSONObject = [:]
        var message: String
        var testDescription: String { "\(source ?? "none") \(JSON.object(members).text())" }
    }

    private static let queue = "arn:aws:sqs:\(prefix):jobs"
    private static let cluster = "arn:aws:kafka:\(prefix):cluster/events/5f21b2c5-1f0e-4a4b-9f3a-4a0f9c8f6a11-2"
    private static let broker = "arn:aws:mq:\(prefix):broker:orders:b-5f21b2c5-1f0e-4a4b-9f3a-4a0f9c8f6a11"

    private static func unsupported(_ name: String, _ value: JSON) -> Refusal {
        Refusal(
            source: queue, members: [name: value],
            message: "Unsupported \(name) parameter for given event source mapping type.")
    }

    static let refusals: [Refusal] = [
        Refusal(message: "Unrecognized event source."),
        Refusal(source: "arn:aws:sns:\(prefix):news", message: "Unrecognized event source."),
        Refusal(
            source: "arn:aws:kinesis:\(prefix):stream/clicks",
            message:
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member "
                + "must not be null."),
        Refusal(
            source: "arn:aws:kinesis:\(prefix):stream/clicks", members: ["StartingPosition": "LATEST"],
            message: "Stream not found: arn:aws:kinesis:\(prefix):stream/clicks"),
        Refusal(
            source: "arn:aws:dynamodb:\(prefix):table/t/stream/2025-02-22T03:03:25.490",
            members: ["StartingPosition": "AT_TIMESTAMP"],
            message: "Unsupported starting position for arn type: "
                + "arn:aws:dynamodb:\(prefix):table/t/stream/2025-02-22T03:03:25.490"),
        Refusal(
            source: "arn:aws:dynamodb:\(prefix):table/t/stream/2025-02-22T03:03:25.490",
            members: ["StartingPosition": "TRIM_HORIZON"],
            message: "Stream not found: arn:aws:dynamodb:\(prefix):table/t/stream/2025-02-22T03:03:25.490"),
        Refusal(
            source: cluster, members: ["Topics": ["orders"], "StartingPosition": "LATEST"],
            message: "Amazon MSK event sources are not supported by this host: only Amazon SQS queues are."),
        Refusal(
            source: broker, members: ["Queues": ["q"]],
            message: "Amazon MQ event sources are not supported by this host: only Amazon SQS queues are."),
        Refusal(
            members: ["SelfManagedEventSource": ["Endpoints": ["KAFKA_BOOTSTRAP_SERVERS": ["kafka:9092"]]]],
            message: "Required 'sourceAccessConfigurations' parameter is missing."),
        Refusal(
            members: [
                "SelfManagedEventSource": ["Endpoints": ["KAFKA_BOOTSTRAP_SERVERS": ["kafka:9092"]]],
                "SourceAccessConfigurations": [["Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:x"]],
            ],
            message: "Self-managed Apache Kafka event sources are not supported by this host: only Amazon SQS queues "
                + "are."),
        Refusal(
            source: queue, members: ["StartingPosition": "LATEST"],
            message: "StartingPosition is not valid for SQS event sources."),
        unsupported("DestinationConfig", ["OnFailure": ["Destination": "arn:aws:sqs:\(prefix):jobs"]]),
        unsupported("MaximumRetryAttempts", 3), unsupported("MaximumRecordAgeInSeconds", 60),
        unsupported("BisectBatchOnFunctionError", true), unsupported("ParallelizationFactor", 2),
        unsupported("TumblingWindowInSeconds", 30), unsupported("Topics", ["orders"]), unsupported("Queues", ["q"]),
        Refusal(
            source: queue, members: ["BatchSize": 11],
            message: "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"),
        Refusal(
            source: "arn:aws:sqs:\(prefix):jobs.fifo", members: ["MaximumBatchingWindowInSeconds": 1],
            message: "Batching window is not supported for FIFO queues."),
        Refusal(
            source: queue, members: ["FilterCriteria": ["Filters": [["Pattern": "{\"body\": 1}"]]]],
            message: "Invalid filter pattern definition."),
        Refusal(source: queue, members: ["FunctionName": "absent"], message: "Function does not exist"),
        Refusal(
            source: "arn:aws:sqs:\(prefix):absent",
            message:
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS "
                + "Error Message: The specified queue does not exist."),
        Refusal(
            source: queue, members: ["ProvisionedPollerConfig": ["MinimumPollers": 9, "MaximumPollers": 2]],
            message: "MinimumPollers must be less than or equal to MaximumPollers in ProvisionedPollerConfig."),
    ]

    @Test func whatCreationRefuses() async throws {
        try await Self.with { host in
            for refusal in Self.refusals {
                let answer = try await host.call("POST \(Self.path)", Self.input(refusal.source, refusal.members))
                #expect(answer.status == 400, "\(refusal): \(answer.text)")
                #expect(answer.headers["x-amzn-ErrorType"] == "InvalidParameterValueException", "\(refusal)")
                #expect(answer.json["Message"]?.stringValue ?? answer.json["message"]?.stringValue == refusal.message)
            }
            #expect(try await host.call("GET \(Self.path)").json["EventSourceMappings"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test func whatIsSaidOfAMappingIsKept() async throws {
        let members: JSONObject = [
            "BatchSize": 5, "MaximumBatchingWindowInSeconds": 2, "Enabled": false,
            "FunctionResponseTypes": ["ReportBatchItemFailures"], "ScalingConfig": ["MaximumConcurrency": 3],
            "FilterCriteria": ["Filters": [["Pattern": "{\"body\": {\"a\": [1]}}"]]],
            "MetricsConfig": ["Metrics": ["EventCount"]],
            "KMSKeyArn": .string("arn:aws:kms:\(Self.prefix):key/5f21b2c5-1f0e-4a4b-9f3a-4a0f9c8f6a11"),
        ]
        try await Self.with { host in
            let created = try await host.call("POST \(Self.path)", Self.input(Self.queue, members))
            #expect(created.status == 202, "\(created.text)")
            let one = "\(Self.path)/\(try #require(created.json["UUID"]?.stringValue))"
            for (name, value) in members where name != "Enabled" {
                #expect(created.json[name] == value, "\(name)")
                #expect(try await host.call("GET \(one)").json[name] == value, "\(name)")
            }
            let pollers: JSON = ["MinimumPollers": 3, "MaximumPollers": 7]
            let together = try await host.call("PUT \(one)", ["ProvisionedPollerConfig": pollers])
            #expect(together.status == 400, "\(together.text)")
            let changed = try await host.call(
                "PUT \(one)", ["ScalingConfig": [:], "ProvisionedPollerConfig": pollers, "BatchSize": 7])
            #expect(changed.json["ProvisionedPollerConfig"] == pollers, "\(changed.text)")
            #expect(changed.json["ScalingConfig"] == nil)
            #expect(changed.json["BatchSize"] == 7)
            #expect(changed.json["MaximumBatchingWindowInSeconds"] == 2)
            let refused = try await host.call("PUT \(one)", ["MaximumRetryAttempts": 1])
            #expect(refused.status == 400)
            #expect(try await host.call("GET \(one)").json["ProvisionedPollerConfig"] == pollers)
        }
    }
}
