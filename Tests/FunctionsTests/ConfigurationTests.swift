import Core
import Testing

@testable import Functions

struct ConfigurationTests {
    static func function(_ change: (inout FunctionConfiguration) -> Void = { _ in }) -> FunctionConfiguration {
        var function = FunctionConfiguration(
            reference: FunctionVersionReference(functionName: "resize"), runtime: "python3.13", handler: "app.handler",
            codeDirectory: "/tmp")
        change(&function)
        return function
    }

    struct Invalid: Sendable {
        var message: String
        var change: @Sendable (inout FunctionConfiguration) -> Void
    }

    @Test(arguments: [
        Invalid(message: "MemorySize is 127; it must lie between 128 and 10240 MB") { $0.memorySizeMB = 127 },
        Invalid(message: "Timeout is 901; it must lie between 1 and 900 seconds") { $0.timeoutSeconds = 901 },
        Invalid(message: "Timeout is 0") { $0.timeoutSeconds = 0 },
        Invalid(message: "EphemeralStorage.Size is 1") { $0.ephemeralStorageMB = 1 },
        Invalid(message: "Layers: 6 given") { $0.layers = Array(repeating: "/layer", count: 6) },
        Invalid(message: "ProvisionedConcurrentExecutions (2) is above") {
            $0.reservedConcurrency = 1
            $0.provisionedConcurrency = 2
        },
        Invalid(message: "FunctionName \"a b\"") { $0.reference.functionName = "a b" },
        Invalid(message: "FunctionName \"\"") { $0.reference.functionName = "" },
        Invalid(message: "\"AWS_REGION\" is reserved") { $0.environment = ["AWS_REGION": "x"] },
        Invalid(message: "\"A=B\": a name has") { $0.environment = ["A=B": "x"] },
        Invalid(message: "take 5001 bytes") { $0.environment = ["A": String(repeating: "x", count: 5000)] },
    ])
    func invalidConfigurationsAreNamed(_ item: Invalid) {
        let error = #expect(throws: FunctionError.self) { try Self.function(item.change).validate() }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(item.message) == true, "\(error?.message ?? "")")
    }

    @Test func aValidConfigurationPasses() throws {
        try Self.function().validate()
        try Self.function {
            $0.reservedConcurrency = 2
            $0.provisionedConcurrency = 2
            $0.environment = ["COLOUR": "blue"]
        }.validate()
    }

    @Test(
        arguments: [
            ("python3.13", .python(minor: 13)), ("python3.8", .python(minor: 8)), ("nodejs22.x", .node(major: 22)),
            ("provided", .provided), ("provided.al2023", .provided), ("exec", .exec),
        ] as [(String, RuntimeIdentifier)])
    func runtimesAreUnderstood(_ text: String, _ expected: RuntimeIdentifier) throws {
        #expect(try RuntimeIdentifier(text) == expected)
    }

    @Test(arguments: [
        ("java21", FunctionError.Code.unsupportedRuntime), ("dotnet8", .unsupportedRuntime),
        ("nodejs", .unsupportedRuntime), ("python3.", .unknownRuntime), ("python3.x", .unknownRuntime),
        ("python4.1", .unknownRuntime), ("", .unknownRuntime), ("cobol", .unknownRuntime),
        ("python3.99999999999999999999", .unknownRuntime),
    ])
    func otherRuntimesAreClearErrors(_ text: String, _ code: FunctionError.Code) {
        let error = #expect(throws: FunctionError.self) { try RuntimeIdentifier(text) }
        #expect(error?.code == code)
        #expect(error?.message.contains("\"\(text)\"") == true)
    }

    static let catalog = InterpreterCatalog(
        python: [.init(path: "/p/python3.9", version: [3, 9]), .init(path: "/p/python3.12", version: [3, 12])],
        node: [.init(path: "/n/node", version: [20, 1])])

    @Test(
        arguments: [
            ("python3.12", "/p/python3.12", nil),
            (
                "python3.10", "/p/python3.12",
                "function resize: Python 3.10 (python3.10) is not installed; it runs on Python 3.12 at /p/python3.12"
            ),
            (
                "python3.14", "/p/python3.12",
                "function resize: Python 3.14 (python3.14) is not installed; it runs on Python 3.12 at /p/python3.12"
            ),
            ("nodejs20.x", "/n/node", nil),
            (
                "nodejs22.x", "/n/node",
                "function resize: Node 22 (nodejs22.x) is not installed; it runs on Node 20.1 at /n/node"
            ),
        ] as [(String, String, String?)])
    func nearestInterpreterIsTakenWithAWarning(_ runtime: String, _ path: String, _ warning: String?) throws {
        let resolver = RuntimeResolver(
            interpreters: { Self.catalog }, bootstraps: BootstrapFiles(python: "/b.py", node: "/b.mjs"))
        let resolved = try resolver.resolve(Self.function { $0.runtime = runtime })
        #expect(resolved.executable == path)
        #expect(resolved.warning == warning)
        #expect(resolved.executionEnvironment == "AWS_Lambda_\(runtime)")
    }

    @Test func missingInterpretersAndExecutablesAreClearErrors() throws {
        let resolver = RuntimeResolver(
            interpreters: { InterpreterCatalog(python: [], node: []) },
            bootstraps: BootstrapFiles(python: "/b.py", node: "/b.mjs"))
        func error(_ change: (inout FunctionConfiguration) -> Void) -> FunctionError? {
            #expect(throws: FunctionError.self) { try resolver.resolve(Self.function(change)) }
        }
        #expect(error { _ in }?.code == .missingInterpreter)
        #expect(error { $0.runtime = "provided.al2023" }?.message.contains("a file named bootstrap") == true)
        #expect(error { $0.runtime = "exec" }?.message.contains("\"app.handler\" is not a file in /tmp") == true)
        #expect(
            error {
                $0.runtime = "exec"
                $0.handler = "/etc/passwd"
            }?.message.contains("is not executable: chmod +x it") == true)
        #expect(error { $0.codeDirectory = "/nowhere" }?.code == .missingCode)
        // Where a package was unpacked concerns nobody.
        #expect(
            error {
                $0.runtime = "provided.al2023"
                $0.isPackaged = true
                $0.layers = ["/data/layers/1"]
            }?.message.hasSuffix("starts a file named bootstrap, and there is none in /var/task, /opt") == true)
    }

    @Test func nodesVersionIsReadFromItsHeader() {
        let header = """
            #define NODE_MAJOR_VERSION 22
            #define NODE_MINOR_VERSION 11
            #define NODE_PATCH_VERSION 0
            """
        #expect(InterpreterCatalog.nodeVersion(fromHeader: header) == [22, 11])
        #expect(InterpreterCatalog.nodeVersion(fromHeader: "nothing") == nil)
    }
}

struct PlatformLineTests {
    let report = InvocationReport(
        status: .success, startedAt: Timestamp(milliseconds: 0), durationMilliseconds: 12.305,
        initMilliseconds: 100.004,
        memorySizeMB: 128, maxMemoryUsedMB: 31)

    @Test func textLinesAreLambdas() {
        let lines = PlatformLines(format: .text, version: "$LATEST")
        let time = Timestamp(milliseconds: 1_700_000_000_123)
        #expect(lines.start("id", at: time) == "START RequestId: id Version: $LATEST\n")
        #expect(
            lines.end("id", report, at: time) == [
                "END RequestId: id\n",
                "REPORT RequestId: id\tDuration: 12.31 ms\tBilled Duration: 113 ms\tMemory Size: 128 MB\t"
                    + "Max Memory Used: 31 MB\tInit Duration: 100.00 ms\t\n",
            ])
        #expect(
            lines.timedOut("id", seconds: 3, at: time)
                == "2023-11-14T22:13:20.123Z id Task timed out after 3.00 seconds\n\n")
    }

    @Test func jsonLinesAreRecords() throws {
        let lines = PlatformLines(format: .json, version: "7")
        let time = Timestamp(milliseconds: 1_700_000_000_123)
        #expect(
            try JSON(parsing: lines.start("id", at: time)) == [
                "time": "2023-11-14T22:13:20.123Z", "type": "platform.start",
                "record": ["requestId": "id", "version": "7"],
            ])
        let end = lines.end("id", report, at: time)
        #expect(end.count == 1)
        let record = try JSON(parsing: end[0])["record"]
        #expect(record?["status"] == "success")
        #expect(record?["metrics"]?["billedDurationMs"] == 113)
        #expect(record?["metrics"]?["initDurationMs"] == 100.004)
    }

    @Test(arguments: [(0.0, "0.00"), (0.005, "0.01"), (1.999, "2.00"), (3000, "3000.00"), (.infinity, "0.00")])
    func durationsHaveTwoDecimals(_ value: Double, _ text: String) {
        #expect(PlatformLines.twoDecimals(value) == text)
    }

    @Test func billedDurationIsRoundedUp() {
        func billed(_ duration: Double, _ initialization: Double?) -> Int64 {
            InvocationReport(
                status: .success, startedAt: Timestamp(milliseconds: 0), durationMilliseconds: duration,
                initMilliseconds: initialization, memorySizeMB: 128, maxMemoryUsedMB: 1
            ).billedMilliseconds
        }
        #expect(billed(0.01, nil) == 1)
        #expect(billed(0, nil) == 1)
        #expect(billed(5.0, nil) == 5)
        #expect(billed(5.001, nil) == 6)
        #expect(billed(5.5, 10.6) == 17)
    }
}
