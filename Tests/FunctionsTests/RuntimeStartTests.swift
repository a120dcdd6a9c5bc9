import Core
import HostTesting
import Testing

@testable import Functions

/// How managed runtimes are started, and what they find.
@Suite(.timeLimit(.minutes(2)))
struct RuntimeStartTests {
    private static let environment = """
        import os
        def handler(event, context): return {name: os.environ.get(name) for name in event}
        """

    @Test(arguments: ["/var/task/wrap", "/opt/wrap"])
    func wrappersStartTheRuntime(_ place: String) async throws {
        try await TestHost.with { test in
            let wrapper = TestHost.File(
                path: "wrap", text: "#!/bin/sh\nexport WRAPPED=\"$2\"\nexec \"$@\"\n", isExecutable: true)
            let layer = try test.writeCode("layer", [wrapper])
            let function = try test.deploy(
                "wrapped", runtime: "python3.11", handler: "app.handler",
                files: [.init(path: "app.py", text: Self.environment), wrapper]
            ) {
                $0.layers = [layer]
                $0.environment = ["AWS_LAMBDA_EXEC_WRAPPER": place]
            }
            let wrapped = await test.invoke(function, ["WRAPPED"])
            #expect(wrapped.json?["WRAPPED"]?.stringValue?.hasSuffix("bootstrap.py") == true, "\(wrapped.text)")
        }
    }

    @Test func aMissingWrapperEndsAsInAShell() async throws {
        try await TestHost.with { test in
            let function = try test.python(Self.environment) {
                $0.environment = ["AWS_LAMBDA_EXEC_WRAPPER": "/nowhere/wrap"]
            }
            let result = await test.invoke(function, [])
            #expect(result.errorType == "Runtime.ExitError")
            #expect(
                result.json?["errorMessage"]?.stringValue?
                    .hasSuffix("Error: Runtime exited with error: exit status 127") == true, "\(result.text)")
        }
    }

    /// Bootstraps for Amazon Linux count on bash where they ask for `sh`.
    @Test(arguments: ["#!/bin/sh", "#!/usr/bin/sh", "#!/bin/sh -u"])
    func shellBootstrapsAreStartedAsOnAmazonLinux(_ line: String) async throws {
        try await TestHost.with { test in
            let function = try test.deploy(
                "shell-bootstrap", runtime: "provided.al2023", handler: "none",
                files: [
                    .init(
                        path: "bootstrap", text: "\(line)\nset -o pipefail\nwords=(a b)\nexit $((${#words[@]} + 5))\n",
                        isExecutable: true)
                ])
            let result = await test.invoke(function, [])
            #expect(
                result.json?["errorMessage"]?.stringValue?.hasSuffix("exit status 7") == true, "\(result.text)")
        }
    }

    private static let bare = TestHost.interpreters.python.first { python in
        !TestHost.interpreters.pythonSDKs.contains { $0.version == python.version }
    }

    @Test(.enabled(if: bare != nil, "every Python of this machine has the SDK"))
    func functionsFindTheSDKOfAnotherPythonAndNothingElse() async throws {
        let packages = try TemporaryDirectory("packages")
        for path in ["s3transfer/__init__.py", "six.py", "unrelated.py"] {
            try FilePath.makeDirectory(FilePath.parent(of: "\(packages.path)/\(path)"))
            try FilePath.write(Array("place = 'machine'".utf8), to: "\(packages.path)/\(path)")
        }
        let python = try #require(Self.bare)
        let interpreters = InterpreterCatalog(
            python: [python], node: [], pythonSDKs: [.init(path: packages.path, version: [3, 1])])
        try await TestHost.with(interpreters: interpreters) { test in
            let function = try test.deploy(
                "sdk", runtime: "python3.\(python.version[1])", handler: "app.handler",
                files: [
                    .init(path: "six.py", text: "place = 'function'"),
                    .init(
                        path: "app.py",
                        text: """
                            def find(name):
                                try: return __import__(name).place
                                except ImportError as error: return str(error)
                            def handler(event, context): return [find(name) for name in event]
                            """),
                ])
            #expect(
                await test.invoke(function, ["s3transfer", "six", "unrelated"]).json
                    == ["machine", "function", "No module named 'unrelated'"])
        }
    }

    @Test(arguments: [
        ("python3.13", "python:3.13.v10"), ("nodejs20.x", "nodejs:20.v10"), ("provided.al2023", "provided:al2023.v10"),
        ("provided", "provided:v10"), ("exec", "exec:v10"),
    ])
    func runtimeVersionsAreNamedAsLambdas(_ runtime: String, _ name: String) {
        #expect(RuntimeVersion(runtime: runtime, region: "eu-west-1").name == name)
    }

    @Test func packagedCodeIsNamedByLambdasPlaces() async throws {
        try await TestHost.with { test in
            let python = try test.python("import os\ndef handler(event, context): raise KeyError(os.getcwd())") {
                $0.isPackaged = true
            }
            #expect(
                await test.invoke(python).json?["stackTrace"]?[0]?.stringValue?
                    .hasPrefix("  File \"/var/task/app.py\", line 2, in handler\n") == true)
            let logged =
                "Traceback (most recent call last):\n\u{a0}\u{a0}File \"/var/task/app.py\", line 2, in handler\n"
            #expect(test.log.text.contains(logged), "\(test.log.text)")
            let boot = try test.python("raise KeyError('boot')") { $0.isPackaged = true }
            let trace = await test.invoke(boot).json?["stackTrace"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(trace.first?.hasPrefix("  File \"/var/lang/lib/python3") == true, "\(trace)")
            #expect(trace.last?.hasPrefix("  File \"/var/task/app.py\", line 1, in <module>\n") == true, "\(trace)")
            let node = try test.node("exports.handler = async () => { throw new Error('no'); };") {
                $0.isPackaged = true
            }
            #expect(await test.invoke(node).json?["trace"]?[1]?.stringValue?.contains("(/var/task/index.js:1") == true)
        }
    }

    @Test func logsHaveNoEmptyLines() async throws {
        try await TestHost.with { test in
            let function = try test.python("def handler(event, context): print('\\none\\n\\ntwo\\rthree\\n')")
            _ = await test.invoke(function)
            let lines = test.log.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            #expect(!lines.contains(""), "\(lines)")
            #expect(lines.contains("two\rthree"))
            #expect(
                lines.first?.hasPrefix("INIT_START Runtime Version: python:3.11.v10\tRuntime Version ARN: ") == true)
        }
    }
}
