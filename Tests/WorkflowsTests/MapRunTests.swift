import Core
import HostTesting
import StatesLanguage
import Storage
import Synchronization
import Testing

@testable import Workflows

/// Buckets in memory.
final class MemoryObjects: ObjectStore {
    private let objects: Mutex<[String: [UInt8]]>

    init(bytes objects: [String: [UInt8]]) { self.objects = Mutex(objects) }

    convenience init(_ objects: [String: String] = [:]) { self.init(bytes: objects.mapValues { Array($0.utf8) }) }

    func read(bucket: String, key: String, versionID: String?, limit: Int) async throws(ObjectStoreFailure) -> [UInt8] {
        guard let bytes = objects.withLock({ $0["\(bucket)/\(key)"] }) else {
            throw ObjectStoreFailure("The specified key does not exist.")
        }
        return bytes
    }

    func list(bucket: String, prefix: String, after: String?) async throws(ObjectStoreFailure) -> ObjectListing {
        let keys = objects.withLock { $0.keys.sorted() }.filter { $0.hasPrefix("\(bucket)/\(prefix)") }
            .map { String($0.dropFirst(bucket.count + 1)) }.filter { $0 > (after ?? "") }
        let page = keys.prefix(2).map {
            ObjectListing.Entry(
                key: $0, eTag: "\"e\"", lastModified: Timestamp(milliseconds: 0), size: $0.hasSuffix("/") ? 0 : 1)
        }
        return ObjectListing(entries: page, next: keys.count > 2 ? page.last?.key : nil)
    }

    func write(bucket: String, key: String, _ bytes: [UInt8]) async throws(ObjectStoreFailure) {
        objects.withLock { $0["\(bucket)/\(key)"] = bytes }
    }

    var texts: [String: String] { objects.withLock { $0.mapValues { String(decoding: $0, as: UTF8.self) } } }
}

@Suite struct MapRunTests {
    static func map(_ processor: JSON? = nil, type: String = "STANDARD", _ more: JSON = [:]) -> JSON {
        var state: JSONObject = [
            "Type": "Map", "End": true,
            "ItemProcessor": [
                "ProcessorConfig": ["Mode": "DISTRIBUTED", "ExecutionType": .string(type)], "StartAt": "I",
                "States": ["I": processor ?? ["Type": "Pass", "End": true]],
            ],
        ]
        for (key, value) in more.objectValue ?? [:] { state[key] = value }
        return ["StartAt": "M", "States": ["M": .object(state)]]
    }

    static func reader(_ config: JSON, key: String = "k", resource: String = "s3:getObject") -> JSON {
        [
            "ItemReader": [
                "Resource": .string("arn:aws:states:::\(resource)"), "ReaderConfig": config,
                "Parameters": resource == "s3:getObject"
                    ? ["Bucket": "b", "Key": .string(key)] : ["Bucket": "b", "Prefix": .string(key)],
            ]
        ]
    }

    @Test(arguments: ["STANDARD", "EXPRESS"]) func childrenWorkOnItems(type: String) async throws {
        let harness = try EngineHarness()
        let machine = try await harness.create(
            Self.map(
                type: type, ["Label": "L", "ItemSelector": ["v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"]]))
        let started = try await harness.start(machine, ["x", "y"])
        let ended = try await harness.finish(started.arn)
        #expect(ended.output == #"[{"v":"x","i":0},{"v":"y","i":1}]"#)
        let lines = try await harness.lines(started.arn)
        #expect(
            lines == [
                "1<0 ExecutionStarted", "2<0 MapStateEntered M", "3<2 MapStateStarted 2", "4<3 MapRunStarted",
                "5<4 MapRunSucceeded", "6<5 MapStateSucceeded", "7<5 MapStateExited M", "8<7 ExecutionSucceeded",
            ])
        let runs = try await harness.engine.mapRuns(of: started.arn).items
        let run = try #require(runs.first)
        #expect(run.arn.contains(":mapRun:machine/L:"))
        #expect(run.status == .succeeded)
        #expect(run.itemCounts.succeeded == 2 && run.itemCounts.total == 2)
        let children = try await harness.engine.executions(ofMapRun: run.arn).items
        #expect(children.count == (type == "STANDARD" ? 2 : 0))
        if let child = children.first { #expect(child.arn.contains(":execution:machine/L:")) }
        #expect(try await harness.engine.executions(of: machine.arn).items.count == 1)
        await harness.crash()
    }

    struct Reading: Sendable, CustomTestStringConvertible {
        let name: String
        let config: JSON
        let objects: [String: String]
        let expected: String
        var resource = "s3:getObject"
        var testDescription: String { name }
    }

    static let readings: [Reading] = [
        Reading(
            name: "CSV with quotes and missing fields", config: ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"],
            objects: ["b/k": "A,B\r\n1,\"two, \"\"2\"\"\"\n3\n4,5,6\n"],
            expected: #"[{"A":"1","B":"two, \"2\""},{"A":"3","B":""},{"A":"4","B":"5"}]"#),
        Reading(
            name: "CSV columns in the order of a hash table",
            config: ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"],
            objects: ["b/k": "H1,True,{},0,\n1,2,3,4,5"],
            expected: #"[{"0":"4","":"5","{}":"3","H1":"1","True":"2"}]"#),
        Reading(
            name: "CSV with given headers and another delimiter",
            config: [
                "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["H1", "H2"], "CSVDelimiter": "PIPE",
            ], objects: ["b/k": "1|2\n3|4"], expected: #"[{"H1":"1","H2":"2"},{"H1":"3","H2":"4"}]"#),
        Reading(
            name: "at most so many", config: ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 1],
            objects: ["b/k": "A\n1\n2"], expected: #"[{"A":"1"}]"#),
        Reading(name: "JSON", config: ["InputType": "JSON"], objects: ["b/k": "[1,[2]]"], expected: "[1,[2]]"),
        Reading(
            name: "JSON by pointer", config: ["InputType": "JSON", "ItemsPointer": "/a/b~1c"],
            objects: ["b/k": #"{"a":{"b/c":[7]}}"#], expected: "[7]"),
        Reading(
            name: "lines", config: ["InputType": "JSONL"], objects: ["b/k": "{\"a\":1}\n\n2\n"],
            expected: #"[{"a":1},2]"#),
        Reading(
            name: "only as many lines as are wanted", config: ["InputType": "JSONL", "MaxItems": 2],
            objects: ["b/k": "1\n2\nbroken"], expected: "[1,2]"),
        Reading(
            name: "an inventory",
            config: ["InputType": "MANIFEST"],
            objects: [
                "b/k": #"{"fileFormat":"CSV","fileSchema":"Bucket, Key","files":[{"key":"f1"},{"key":"f2"}]}"#,
                "b/f1": "\"b\",\"k1\"\n", "b/f2": "\"b\",\"k2\"\n\"b\",\"k3\"\n",
            ],
            expected: #"[{"Bucket":"b","Key":"k1"},{"Bucket":"b","Key":"k2"},{"Bucket":"b","Key":"k3"}]"#),
        Reading(
            name: "a query's results", config: ["ManifestType": "ATHENA_DATA", "InputType": "JSONL", "MaxItems": 2],
            objects: ["b/k": "s3://c/d/1\ns3://c/d/2\n", "c/d/1": "{\"a\":1}\n", "c/d/2": "2\n3\n"],
            expected: #"[{"a":1},2]"#),
        Reading(
            name: "the files below a prefix",
            config: ["InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN", "MaxItems": 3],
            objects: ["b/k/": "", "b/k/1": "1\n2\n", "b/k/2": "3\n4\n"], expected: "[1,2,3]",
            resource: "s3:listObjectsV2"),
    ]

    /// What is compressed reads as what is not.
    @Test(arguments: readings, [false, true]) func reads(_ reading: Reading, isCompressed: Bool) async throws {
        let objects = try reading.objects.mapValues { text in
            let bytes = Array(text.utf8)
            return isCompressed && !bytes.isEmpty ? try #require(Gzip.compress(bytes)) : bytes
        }
        let harness = try EngineHarness(objects: MemoryObjects(bytes: objects))
        let machine = try await harness.create(
            Self.map(nil, Self.reader(reading.config, resource: reading.resource)))
        let ended = try await harness.finish(try await harness.start(machine).arn)
        #expect(ended.output == reading.expected)
        await harness.crash()
    }

    @Test func listsObjects() async throws {
        let harness = try EngineHarness(objects: MemoryObjects(["b/p1": "", "b/p2": "", "b/p3": "", "b/q": ""]))
        let machine = try await harness.create(
            Self.map(
                nil,
                [
                    "ItemReader": [
                        "Resource": "arn:aws:states:::s3:listObjectsV2",
                        "Parameters": ["Bucket": "b", "Prefix": "p"],
                    ], "ItemSelector": ["key.$": "$$.Map.Item.Value.Key"],
                ]))
        let ended = try await harness.finish(try await harness.start(machine).arn)
        #expect(ended.output == #"[{"key":"p1"},{"key":"p2"},{"key":"p3"}]"#)
        await harness.crash()
    }

    static let refusals: [(config: JSON, text: String, cause: String)] = [
        (["InputType": "JSON"], "{}", "Attempting to map over non-iterable node."),
        (["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"], "A,A\n1,2", "CSV headers cannot contain duplicates."),
        (
            ["InputType": "PARQUET"], "PAR1",
            "Items cannot be read from Parquet files here: convert them to JSONL or CSV."
        ),
    ]

    @Test(arguments: refusals.indices) func refuses(index: Int) async throws {
        let (config, text, cause) = Self.refusals[index]
        let harness = try EngineHarness(objects: MemoryObjects(["b/k": text]))
        let started = try await harness.start(try await harness.create(Self.map(nil, Self.reader(config))))
        let ended = try await harness.finish(started.arn)
        #expect(ended.failure == ErrorOutput(error: "States.ItemReaderFailed", cause: cause))
        #expect(
            try await harness.lines(started.arn).suffix(3) == [
                "5<4 MapRunFailed States.ItemReaderFailed", "6<5 MapStateFailed",
                "7<6 ExecutionFailed States.ItemReaderFailed",
            ])
        await harness.crash()
    }

    @Test func batches() async throws {
        let harness = try EngineHarness()
        let machine = try await harness.create(
            Self.map(nil, ["ItemBatcher": ["MaxItemsPerBatch": 2, "BatchInput": ["k.$": "$[0]"]]]))
        let ended = try await harness.finish(try await harness.start(machine, [1, 2, 3]).arn)
        #expect(ended.output == #"[{"BatchInput":{"k":1},"Items":[1,2]},{"BatchInput":{"k":1},"Items":[3]}]"#)
        await harness.crash()
    }

    @Test func writesResults() async throws {
        let objects = MemoryObjects()
        let harness = try EngineHarness(objects: objects)
        let machine = try await harness.create(
            Self.map(
                nil,
                [
                    "ResultWriter": [
                        "Resource": "arn:aws:states:::s3:putObject", "Parameters": ["Bucket": "out", "Prefix": "p"],
                    ]
                ]))
        let ended = try await harness.finish(try await harness.start(machine, ["x"]).arn)
        let output = try JSON(parsing: try #require(ended.output))
        let key = try #require(output["ResultWriterDetails"]?["Key"]?.stringValue)
        #expect(key.hasPrefix("p/") && key.hasSuffix("/manifest.json"))
        let manifest = try JSON(parsing: try #require(objects.texts["out/\(key)"]))
        let file = try #require(manifest["ResultFiles"]?["SUCCEEDED"]?[0]?["Key"]?.stringValue)
        let results = try JSON(parsing: try #require(objects.texts["out/\(file)"]))
        #expect(results[0]?["Output"] == #""x""#)
        #expect(results[0]?["Status"] == "SUCCEEDED")
        await harness.crash()
    }

    static let failing: JSON = [
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true,
    ]

    @Test func failuresAreTolerated() async throws {
        let answers: [String: [JSON]] = ["I": [["failure": ["error": "E"]], ["success": "ok"]]]
        let tolerant = try EngineHarness(ScriptedIntegration(answers))
        let machine = try await tolerant.create(
            Self.map(Self.failing, ["MaxConcurrency": 1, "ToleratedFailureCount": 1]))
        let ended = try await tolerant.finish(try await tolerant.start(machine, [1, 2]).arn)
        #expect(ended.output == #"["ok"]"#)
        await tolerant.crash()

        let strict = try EngineHarness(ScriptedIntegration(answers))
        let other = try await strict.create(Self.map(Self.failing, ["MaxConcurrency": 1]))
        let started = try await strict.start(other, [1, 2])
        let failed = try await strict.finish(started.arn)
        #expect(failed.failure.error == "States.ExceedToleratedFailureThreshold")
        let run = try #require(try await strict.engine.mapRuns(of: started.arn).items.first)
        #expect(run.status == .failed)
        let child = try #require(try await strict.engine.executions(ofMapRun: run.arn, status: .failed).items.first)
        #expect(strict.engine.redriveStatus(of: child) == .redrivableByMapRun)
        let refused = await #expect(throws: WorkflowError.self) { try await strict.engine.redriveExecution(child.arn) }
        #expect(refused?.code == .executionNotRedrivable)
        _ = try await strict.engine.redriveExecution(started.arn)
        let redriven = try await strict.finish(started.arn)
        #expect(redriven.output == #"["ok","ok"]"#)
        #expect(try await strict.engine.mapRun(run.arn).redriveCount == 1)
        for (isRedriven, count) in [(true, 1), (false, 1), (nil, 2)] as [(Bool?, Int)] {
            let children = try await strict.engine.executions(ofMapRun: run.arn, isRedriven: isRedriven)
            #expect(children.items.count == count)
        }
        await strict.crash()
    }

    @Test func stoppingTheParentStopsTheChildren() async throws {
        let harness = try EngineHarness(ScriptedIntegration(["I": [["hang": true]]]))
        let started = try await harness.start(try await harness.create(Self.map(Self.failing)), [1, 2])
        await harness.waitForTasks(2)
        _ = try await harness.engine.stopExecution(started.arn)
        try await harness.wait {
            try await harness.engine.mapRuns(of: started.arn).items.first?.status == .aborted
        }
        let run = try #require(try await harness.engine.mapRuns(of: started.arn).items.first)
        #expect(run.status == .aborted)
        let children = try await harness.engine.executions(ofMapRun: run.arn).items
        #expect(children.count == 2)
        #expect(children.allSatisfy { $0.status == .aborted })
        await harness.crash()
    }

    @Test func aRunGoesOnAfterACrash() async throws {
        let first = try EngineHarness(ScriptedIntegration(["I": [["success": "a"], ["hang": true]]]))
        let directory = first.directory
        let machine = try await first.create(Self.map(Self.failing, ["MaxConcurrency": 1]))
        let started = try await first.start(machine, [1, 2, 3])
        await first.waitForTasks(2)
        #expect(first.integration.started.recorded.count == 2)
        await first.crash()
        let second = try EngineHarness(
            ScriptedIntegration(["I": [["success": "b"]]]), in: directory,
            at: first.clock.now.adding(milliseconds: 1000))
        let ended = try await second.finish(started.arn)
        #expect(ended.output == #"["a","b","b"]"#)
        #expect(second.integration.started.recorded.count == 2)
        await second.crash()
    }
}
