import AWSModels
import Core
import Events
import Gateway
import class Gateway.Dispatcher
import HostTesting
import Logs
import Metering
import Services
import Storage
import Testing
import Wire

/// CloudWatch Logs through the gateway without a socket.
@Suite struct CloudWatchLogsTests {
    struct NoTargets: TargetDirectory {
        func target(for arn: String) -> (any DeliveryTarget)? { nil }
    }

    struct Answer {
        var status: Int
        var json: JSON
        var code: String? { json["__type"]?.stringValue }
        var message: String? { (json["message"] ?? json["Message"])?.stringValue }
    }

    /// Nothing is exported here.
    struct NoBuckets: S3.API {}

    private let temporary: TemporaryDatabase
    private let dispatcher: Dispatcher

    let clock = VirtualClock()

    init() throws {
        temporary = try Database.temporary(
            schema: LogService.schema + DeliveryStore.schema + Meter.schema + TagStore.schema + KMSStore.schema)
        let identifiers = IdentifierSequence(clock: clock)
        let deliveries = Events.Dispatcher(
            database: temporary.database, clock: clock, targets: NoTargets(), endings: [:], identifiers: identifiers)
        let logs = LogService(
            database: temporary.database, clock: clock, identifiers: identifiers, outbox: deliveries.outbox,
            meter: Meter())
        let keys = KMSKeys(database: temporary.database, clock: clock)
        dispatcher = Dispatcher(
            GatewayConfiguration(),
            services: [
                CloudWatchLogs.service(CloudWatchLogsProvider(logs, buckets: NoBuckets(), keys: keys, clock: clock)),
                KMS.service(KMSProvider(keys)),
            ], clock: clock)
    }

    func call(
        _ operation: String, _ input: JSON, target: String = "Logs_20140328"
    ) async throws -> Answer {
        let request = WireRequest(
            method: "POST", path: "/",
            headers: [
                "Host": "127.0.0.1:4566", "X-Amz-Target": "\(target).\(operation)",
                "Content-Type": "application/x-amz-json-1.1",
                "Authorization": "AWS4-HMAC-SHA256 Credential=111111111111/20261122/eu-west-1/logs/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
            ], body: ByteStream(input.bytes()))
        let response = await dispatcher.respond(to: request)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Answer(status: response.status, json: bytes.isEmpty ? .null : try JSON(parsing: bytes))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var operation: String
        var input: JSON
        var code: String
        var message: String
        var testDescription: String { operation }
    }

    private static let transformation: JSON = ["metricName": "m", "metricNamespace": "n", "metricValue": "1"]
    private static let shown =
        "MetricTransformation(metricName=m, metricNamespace=n, metricValue=1, defaultValue=null, unit=null, "
        + "dimensions=null)"

    @Test(arguments: [
        Refusal(
            operation: "CreateLogGroup", input: ["logGroupName": .string(String(repeating: "a", count: 513))],
            code: "InvalidParameterException",
            message: "Invalid LogGroup or LogStream, both must have length less than or equal to 512."),
        Refusal(
            operation: "CreateLogGroup", input: ["logGroupName": "aws/x"], code: "InvalidParameterException",
            message: "Log groups starting with AWS/ are reserved for AWS."),
        Refusal(
            operation: "PutLogEvents",
            input: ["logGroupName": "g", "logStreamName": "s", "logEvents": [["timestamp": 1, "message": "old"]]],
            code: "ResourceNotFoundException", message: "The specified log group does not exist."),
        Refusal(
            operation: "DescribeMetricFilters", input: ["metricName": "m"], code: "InvalidParameterException",
            message: "metricName and metricNamespace must be specified together."),
        Refusal(
            operation: "PutMetricFilter",
            input: [
                "logGroupName": "g", "filterName": "f", "filterPattern": "",
                "metricTransformations": [
                    [
                        "metricName": "m", "metricNamespace": "n", "metricValue": "1", "defaultValue": 0,
                        "dimensions": ["d": "$.d"],
                    ]
                ],
            ], code: "InvalidParameterException",
            message: "Invalid metric transformation: dimensions and default value are mutually exclusive properties."),
        Refusal(
            operation: "PutDeliveryDestination", input: ["name": "d", "outputFormat": "foobar"],
            code: "ValidationException",
            message:
                "1 validation error detected: Value 'foobar' at 'outputFormat' failed to satisfy constraint: Member "
                + "must satisfy enum value set: [w3c, raw, json, plain, parquet]"),
        Refusal(
            operation: "PutMetricFilter",
            input: [
                "logGroupName": "g", "filterName": "f", "filterPattern": "",
                "metricTransformations": [transformation, transformation],
            ], code: "InvalidParameterException",
            message: "1 validation error detected: Value '[\(shown), \(shown)]' at 'metricTransformations' failed to "
                + "satisfy constraint: Member must have length less than or equal to 1"),
    ])
    func refusals(_ refusal: Refusal) async throws {
        let answer = try await call(refusal.operation, refusal.input)
        #expect(answer.status == 400)
        #expect(answer.code == refusal.code)
        #expect(answer.message == refusal.message)
    }

    @Test func protectedGroupsAreDeletedOnceTheProtectionIsTakenBack() async throws {
        _ = try await call("CreateLogGroup", ["logGroupName": "g", "deletionProtectionEnabled": true])
        #expect(try await call("DeleteLogGroup", ["logGroupName": "g"]).code == "ValidationException")
        let change: JSON = ["logGroupIdentifier": "g", "deletionProtectionEnabled": false]
        #expect(try await call("PutLogGroupDeletionProtection", change).status == 200)
        #expect(try await call("DeleteLogGroup", ["logGroupName": "g"]).status == 200)
    }

    @Test(arguments: [JSON.object([:]), ["descending": true], ["orderBy": "LastEventTime"]])
    func pagesOfStreamsGoOnBehindWhatWasDeleted(_ order: JSON) async throws {
        _ = try await call("CreateLogGroup", ["logGroupName": "g"])
        let names = (10..<17).map { "s\($0)" }
        for name in names {
            _ = try await call("CreateLogStream", ["logGroupName": "g", "logStreamName": .string(name)])
        }
        var input = order.objectValue ?? [:]
        (input["logGroupName"], input["limit"]) = ("g", 3)
        var seen: [String] = []
        while seen.count < 20 {
            let page = try await call("DescribeLogStreams", .object(input)).json
            for stream in page["logStreams"]?.arrayValue ?? [] {
                let name = try #require(stream["logStreamName"]?.stringValue)
                seen.append(name)
                _ = try await call("DeleteLogStream", ["logGroupName": "g", "logStreamName": .string(name)])
            }
            guard let token = page["nextToken"] else { break }
            input["nextToken"] = token
        }
        #expect(seen.sorted() == names)
    }

    @Test(arguments: [("^/a/", ["/a/b"]), ("a/b", ["/a/b", "/c/a/b"]), ("^/c/|^/d/", ["/c/a/b", "/d/e"])])
    func groupsAreListedByPattern(_ pattern: String, _ wanted: [String]) async throws {
        for name in ["/a/b", "/c/a/b", "/d/e"] { _ = try await call("CreateLogGroup", ["logGroupName": .string(name)]) }
        let found = try await call("ListLogGroups", ["logGroupNamePattern": .string(pattern)])
        #expect(found.json["logGroups"]?.arrayValue?.compactMap { $0["logGroupName"]?.stringValue } == wanted)
    }

    @Test func policiesAreListedInTheServicesForm() async throws {
        let given =
            #"{"Statement":[{"Effect":"Allow","Principal":{"Service":["a.amazonaws.com"]},"Action":["logs:*"],"Resource":"*"}]}"#
        let put = try await call("PutResourcePolicy", ["policyName": "p", "policyDocument": .string(given)])
        #expect(put.json["resourcePolicy"]?["policyDocument"]?.stringValue == given)
        let listed = try await call("DescribeResourcePolicies", [:])
        #expect(
            listed.json["resourcePolicies"]?[0]?["policyDocument"]?.stringValue
                == #"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"a.amazonaws.com"},"Action":"logs:*","Resource":"*"}]}"#
        )
    }

    @Test(arguments: ["DeleteLogGroup", "DeleteLogStream"])
    func longOnesAreDeletedInPieces(operation: String) async throws {
        let stream: JSON = ["logGroupName": "g", "logStreamName": "s"]
        let now = VirtualClock().now.milliseconds
        _ = try await call("CreateLogGroup", ["logGroupName": "g"])
        _ = try await call("CreateLogStream", stream)
        var put = stream.objectValue ?? [:]
        put["logEvents"] = .array(
            (0..<Database.pieceSize + 5).map { ["timestamp": .int(now + Int64($0)), "message": "line \($0)"] })
        for _ in 0..<2 { #expect(try await call("PutLogEvents", .object(put)).status == 200) }
        func count(_ what: String) async throws -> Int64 {
            try await temporary.database.read { try $0.query("SELECT \(what)")[0].int64(0) }
        }
        #expect(try await count("COUNT(*) FROM logs_events") == Int64(2 * (Database.pieceSize + 5)))
        #expect(try await call(operation, stream).status == 200)
        #expect(try await count("COUNT(*) FROM logs_events") == 0)
        #expect(try await count("COALESCE(SUM(stored_bytes), 0) FROM logs_groups") == 0)
        #expect(try await call(operation, stream).code == "ResourceNotFoundException")
    }

    @Test func filtersOfAllGroupsAreListedByName() async throws {
        for (group, filter) in [("z", "f1"), ("a", "f2"), ("b", "f1")] {
            _ = try await call("CreateLogGroup", ["logGroupName": .string(group)])
            _ = try await call(
                "PutMetricFilter",
                [
                    "logGroupName": .string(group), "filterName": .string(filter), "filterPattern": "",
                    "metricTransformations": [Self.transformation],
                ])
        }
        var places: [String] = []
        var token: JSON?
        repeat {
            var input: JSON = ["limit": 1]
            input["nextToken"] = token
            let page = try await call("DescribeMetricFilters", input)
            for filter in page.json["metricFilters"]?.arrayValue ?? [] {
                places.append("\(filter["filterName"]?.stringValue ?? "") \(filter["logGroupName"]?.stringValue ?? "")")
            }
            token = page.json["nextToken"]
        } while token != nil
        #expect(places == ["f1 b", "f1 z", "f2 a"])
    }

    @Test func deliveryDestinationsAreListedFromTheOldestOn() async throws {
        for name in ["z", "a", "m"] {
            _ = try await call(
                "PutDeliveryDestination",
                [
                    "name": .string(name),
                    "deliveryDestinationConfiguration": ["destinationResourceArn": "arn:aws:s3:::b"],
                ])
            await clock.advance(by: 1000)
        }
        var names: [String] = []
        var token: JSON?
        repeat {
            var input: JSON = ["limit": 2]
            input["nextToken"] = token
            let page = try await call("DescribeDeliveryDestinations", input)
            names += page.json["deliveryDestinations"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
            token = page.json["nextToken"]
        } while token != nil
        #expect(names == ["z", "a", "m"])
    }

    @Test func queryDefinitionsAreKeptUntilDeleted() async throws {
        func put(_ input: JSON) async throws -> JSON? {
            try await call("PutQueryDefinition", input).json["queryDefinitionId"]
        }
        func listed(_ input: JSON = [:]) async throws -> [JSON] {
            try await call("DescribeQueryDefinitions", input).json["queryDefinitions"]?.arrayValue ?? []
        }
        let groups: JSON = ["g1", "g2"]
        let token: JSON = "00000000-0000-4000-8000-000000000000"
        let id = try #require(
            try await put([
                "name": "b/one", "queryString": "fields @message", "logGroupNames": groups, "clientToken": token,
            ]))
        #expect(
            try await listed() == [
                [
                    "queryLanguage": "CWLI", "queryDefinitionId": id, "name": "b/one",
                    "queryString": "fields @message", "lastModified": .int(VirtualClock().now.milliseconds),
                    "logGroupNames": groups,
                ]
            ])
        // What is left out of an update is gone; the request of before, come late, changes nothing.
        #expect(try await put(["name": "b/two", "queryString": "limit 1", "queryDefinitionId": id]) == id)
        #expect(try await put(["name": "b/one", "queryString": "fields @message", "clientToken": token]) == id)
        #expect(try await listed().map { [$0["name"], $0["logGroupNames"]] } == [["b/two", nil]])
        for language: JSON in ["SQL", "PPL"] {
            #expect(try await put(["name": "a", "queryString": "select 1", "queryLanguage": language]) != id)
        }
        #expect(try await listed(["queryDefinitionNamePrefix": "b/"]).map { $0["name"] } == ["b/two"])
        #expect(try await listed(["queryLanguage": "PPL"]).map { $0["queryLanguage"] } == ["PPL"])
        var names: [JSON?] = []
        var next: JSON?
        repeat {
            var input: JSON = ["maxResults": 2]
            input["nextToken"] = next
            let page = try await call("DescribeQueryDefinitions", input).json
            names += page["queryDefinitions"]?.arrayValue?.map { $0["name"] } ?? []
            next = page["nextToken"]
        } while next != nil
        #expect(names == ["a", "a", "b/two"])
        #expect(try await call("DeleteQueryDefinition", ["queryDefinitionId": id]).json == ["success": true])
        for (operation, input) in [
            ("DeleteQueryDefinition", [:]), ("PutQueryDefinition", ["name": "n", "queryString": "limit 1"]),
        ] as [(String, JSON)] {
            var input = input
            input["queryDefinitionId"] = id
            let refused = try await call(operation, input)
            #expect(refused.code == "ResourceNotFoundException" && refused.status == 400)
        }
    }

    @Test func groupsAreEncryptedWithKeysThatCanBeUsed() async throws {
        func shown() async throws -> JSON? {
            try await call("DescribeLogGroups", [:]).json["logGroups"]?[0]?["kmsKeyId"]
        }
        let made = try await call("CreateKey", [:], target: "TrentService").json["KeyMetadata"]
        let (id, arn) = (try #require(made?["KeyId"]), try #require(made?["Arn"]))
        let missing: JSON = "arn:aws:kms:eu-west-1:111111111111:key/134f2428-cec1-4b25-a1ae-9048164dba47"
        let refused = try await call("CreateLogGroup", ["logGroupName": "a", "kmsKeyId": missing])
        #expect(refused.code == "AccessDeniedException")
        #expect(
            refused.message == "The specified KMS key does not exist or is not allowed to be used with Arn "
                + "'arn:aws:logs:eu-west-1:111111111111:log-group:a'")
        #expect(try await call("CreateLogGroup", ["logGroupName": "a", "kmsKeyId": id]).status == 400)
        #expect(try await call("CreateLogGroup", ["logGroupName": "a", "kmsKeyId": arn]).status == 200)
        #expect(try await shown() == arn)
        #expect(try await call("DisassociateKmsKey", ["logGroupName": "a"]).status == 200)
        #expect(try await shown() == nil)
        let group: JSON = ["resourceIdentifier": "arn:aws:logs:eu-west-1:111111111111:log-group:a", "kmsKeyId": arn]
        #expect(try await call("AssociateKmsKey", group).status == 200)
        #expect(try await shown() == arn)
        #expect(try await call("DisableKey", ["KeyId": id], target: "TrentService").status == 200)
        #expect(try await call("AssociateKmsKey", group).code == "AccessDeniedException")
        let nothing = try await call("AssociateKmsKey", ["logGroupName": "b", "kmsKeyId": arn])
        #expect(nothing.code == "ResourceNotFoundException")
    }
}
