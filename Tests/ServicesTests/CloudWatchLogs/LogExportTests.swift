import AWSModels
import Core
import Events
import Gateway
import HostTesting
import Logs
import Metering
import Objects
import Services
import Storage
import Synchronization
import Testing
import Wire

import class Gateway.Dispatcher

/// Exports of log groups to buckets, through the gateway without a socket and with deliveries that run.
@Suite struct LogExportTests {
    /// The only target that there is; made after what it needs.
    private final class Targets: TargetDirectory {
        let exports = Mutex<LogExportTarget?>(nil)
        func target(for arn: String) -> (any DeliveryTarget)? { exports.withLock { $0 } }
    }

    private struct Host {
        let directory: TemporaryDirectory
        let database: Database
        let clock = VirtualClock()
        let store: ObjectStore
        let logs: LogService
        let deliveries: Events.Dispatcher
        let gateway: Dispatcher

        init() async throws {
            directory = try TemporaryDirectory("log-exports")
            database = try Database(
                SQLiteDriver(directory: directory.path),
                schema: LogService.schema + DeliveryStore.schema + Meter.schema + ObjectStore.schema)
            let targets = Targets()
            let identifiers = IdentifierSequence(clock: clock)
            deliveries = Events.Dispatcher(
                database: database, clock: clock, targets: targets, endings: [:], identifiers: identifiers)
            logs = LogService(
                database: database, clock: clock, identifiers: identifiers, outbox: deliveries.outbox, meter: Meter())
            store = ObjectStore(
                database: database, clock: clock, options: .init(directory: "\(directory.path)/buckets")
            ) { _, _ in }
            try await store.open()
            _ = try await store.createBucket("box", scope: Scope(account: "111111111111", region: "eu-west-1"))
            let buckets = S3Provider(store: store, database: database, clock: clock, random: SystemRandomSource())
            let target = LogExportTarget(logs, buckets: buckets, partSize: 60, pageSize: 1)
            targets.exports.withLock { $0 = target }
            gateway = Dispatcher(
                GatewayConfiguration(),
                services: [
                    CloudWatchLogs.service(
                        CloudWatchLogsProvider(
                            logs, buckets: buckets, keys: KMSKeys(database: database, clock: clock), clock: clock))
                ],
                clock: clock)
        }

        func call(_ operation: String, _ input: JSON) async throws -> JSON {
            let request = WireRequest(
                method: "POST", path: "/",
                headers: [
                    "Host": "127.0.0.1:4566", "X-Amz-Target": "Logs_20140328.\(operation)",
                    "Content-Type": "application/x-amz-json-1.1",
                    "Authorization": "AWS4-HMAC-SHA256 Credential=111111111111/20261122/eu-west-1/logs/aws4_request, "
                        + "SignedHeaders=host, Signature=0",
                ], body: ByteStream(input.bytes()))
            let bytes = try await gateway.respond(to: request).body.collect(upTo: 1 << 20)
            return bytes.isEmpty ? .null : try JSON(parsing: bytes)
        }

        /// A group with the streams `a/[1]` and `b`, of which the first has four lines, a second after another.
        func fill() async throws {
            _ = try await call("CreateLogGroup", ["logGroupName": "g"])
            let now = clock.now.milliseconds
            for (stream, count) in [("a/[1]", 4), ("b", 1)] {
                let name: JSON = ["logGroupName": "g", "logStreamName": .string(stream)]
                _ = try await call("CreateLogStream", name)
                var put = name
                put["logEvents"] = .array(
                    (0..<count).map { ["timestamp": .int(now + Int64($0) * 1000), "message": .string("line \($0)")] })
                _ = try await call("PutLogEvents", put)
            }
        }

        func keys() async throws -> [String] {
            try await store.list(ListRequest(bucket: "box")).versions.map(\.key.text)
        }

        func text(of key: String) async throws -> String {
            let content = try await store.get(ObjectKey(key), in: "box")
            let bytes = try await store.read(content, 0..<content.version.size)
            return String(decoding: try Gzip.decompress(bytes, limit: 1 << 20), as: UTF8.self)
        }

        /// Runs deliveries while the body does.
        func run(_ body: () async throws -> Void) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [deliveries] in try await deliveries.run() }
                try await body()
                group.cancelAll()
                while let ended = await group.nextResult() { _ = ended }
            }
            await database.close()
        }

        func task(_ id: JSON?) async throws -> JSON? {
            var input: JSON = [:]
            input["taskId"] = id
            return try await call("DescribeExportTasks", input)["exportTasks"]?[0]
        }

        func ended(_ id: JSON?) async throws -> JSON? {
            for _ in 0..<200 {
                let task = try await task(id)
                if let code = task?["status"]?["code"]?.stringValue, code != "PENDING", code != "RUNNING" {
                    return task
                }
                await clock.advance(by: 100)
            }
            return nil
        }
    }

    @Test func linesOfAPeriodAreWrittenByStream() async throws {
        let host = try await Host()
        try await host.run {
            try await host.fill()
            let now = host.clock.now.milliseconds
            let created = try await host.call(
                "CreateExportTask",
                [
                    "taskName": "t", "logGroupName": "g", "from": .int(now), "to": .int(now + 2000),
                    "destination": "box", "destinationPrefix": "logs/x",
                ])
            let id = try #require(created["taskId"])
            #expect(
                try await host.task(id) == [
                    "taskId": id, "taskName": "t", "logGroupName": "g", "from": .int(now), "to": .int(now + 2000),
                    "destination": "box", "destinationPrefix": "logs/x", "status": ["code": "PENDING"],
                    "executionInfo": ["creationTime": .int(now)],
                ])
            let refused = try await host.call(
                "CreateExportTask",
                ["logGroupName": "g", "from": 0, "to": 1, "destination": "box", "destinationPrefix": "logs/x"])
            #expect(refused["__type"] == "LimitExceededException")
            let task = try await host.ended(id)
            #expect(task?["status"] == ["code": "COMPLETED", "message": "Completed successfully"])
            #expect((task?["executionInfo"]?["completionTime"]?.intValue ?? 0) > now)
            // The second line fills the first part.
            let name = "logs/x/\(id.stringValue ?? "")"
            let written = [
                "logs/x/aws-logs-write-test", "\(name)/a-[1]/000000.gz", "\(name)/a-[1]/000001.gz",
                "\(name)/b/000000.gz",
            ]
            let keys = try await host.keys()
            #expect(keys == written.sorted())
            func line(_ number: Int64) -> String {
                "\(Timestamp(milliseconds: now + number * 1000)) line \(number)\n"
            }
            #expect(try await host.text(of: written[1]) == line(0) + line(1))
            #expect(try await host.text(of: written[2]) == line(2))
            #expect(try await host.text(of: written[3]) == line(0))
            let late = try await host.call("CancelExportTask", ["taskId": id])
            #expect(late["__type"] == "InvalidOperationException")
        }
    }

    @Test func whatIsCalledOffWritesNothing() async throws {
        let host = try await Host()
        try await host.run {
            try await host.fill()
            let input: JSON = [
                "logGroupName": "g", "from": 0, "to": .int(host.clock.now.milliseconds + 9000),
                "destination": "box",
                "logStreamNamePrefix": "b",
            ]
            let first = try await host.call("CreateExportTask", input)["taskId"]
            _ = try await host.call("CancelExportTask", ["taskId": first ?? .null])
            #expect(try await host.task(first)?["status"]?["code"] == "CANCELLED")
            await host.clock.advance(by: 5000)
            #expect(try await host.keys() == ["exportedlogs/aws-logs-write-test"])
            let second = try await host.call("CreateExportTask", input)["taskId"]
            #expect(try await host.ended(second)?["status"]?["code"] == "COMPLETED")
            #expect(
                try await host.keys()
                    == [
                        "exportedlogs/\(second?.stringValue ?? "")/b/000000.gz", "exportedlogs/aws-logs-write-test",
                    ].sorted())
            // A page of one, and those of one state.
            let page = try await host.call("DescribeExportTasks", ["limit": 1])
            #expect(page["exportTasks"]?.arrayValue?.map { $0["taskId"] } == [first])
            let rest = try await host.call("DescribeExportTasks", ["nextToken": page["nextToken"] ?? .null])
            #expect(rest["exportTasks"]?.arrayValue?.map { $0["taskId"] } == [second])
            let cancelled = try await host.call("DescribeExportTasks", ["statusCode": "CANCELLED"])
            #expect(cancelled["exportTasks"]?.arrayValue?.map { $0["taskId"] } == [first])
        }
    }

    @Test func aGroupThatIsGoneFailsTheTask() async throws {
        let host = try await Host()
        try await host.run {
            try await host.fill()
            let id = try await host.call(
                "CreateExportTask", ["logGroupName": "g", "from": 0, "to": 1, "destination": "box"])["taskId"]
            _ = try await host.call("DeleteLogGroup", ["logGroupName": "g"])
            #expect(
                try await host.ended(id)?["status"] == [
                    "code": "FAILED", "message": "The specified log group does not exist.",
                ])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var operation = "CreateExportTask"
        var input: JSON
        var code: String
        var message: String
        var testDescription: String { message }
    }

    @Test(arguments: [
        Refusal(
            input: ["logGroupName": "g", "from": 0, "to": 1, "destination": "none-of-these"],
            code: "InvalidParameterException",
            message: "The given bucket does not exist. Please make sure the bucket is valid."),
        Refusal(
            input: ["logGroupName": "other", "from": 0, "to": 1, "destination": "box"],
            code: "ResourceNotFoundException", message: "The specified log group does not exist."),
        Refusal(
            input: ["logGroupName": "g", "from": 2, "to": 1, "destination": "box"],
            code: "InvalidParameterException", message: "'from' (2) must not be later than 'to' (1)."),
        Refusal(
            operation: "CancelExportTask", input: ["taskId": "none"], code: "ResourceNotFoundException",
            message: "The specified export task does not exist."),
    ])
    func refusals(_ refusal: Refusal) async throws {
        let host = try await Host()
        try await host.fill()
        let answer = try await host.call(refusal.operation, refusal.input)
        #expect(answer["__type"]?.stringValue == refusal.code)
        #expect(answer["message"]?.stringValue == refusal.message)
        await host.database.close()
    }
}
