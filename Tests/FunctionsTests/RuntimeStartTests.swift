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

    @Test(
        .enabled(if: !TestHost.interpreters.node.isEmpty, "this machine has no Node"),
        arguments: [
            ("index.js", "const sdk = require('NAME'); exports.handler = async () => sdk.place;"),
            ("index.mjs", "import sdk from 'NAME'; export const handler = async () => sdk.place;"),
        ])
    func functionsFindTheSDKOfTheMachinesNodeAndNothingElse(_ file: String, _ code: String) async throws {
        let packages = try TemporaryDirectory("packages")
        for name in ["@aws-sdk/client-made", "@smithy/made", "aws-sdk", "unrelated"] {
            let package = "\(packages.path)/node_modules/\(name)"
            try FilePath.makeDirectory(package)
            try FilePath.write(Array(#"{"main": "index.js"}"#.utf8), to: "\(package)/package.json")
            try FilePath.write(Array("exports.place = 'machine';".utf8), to: "\(package)/index.js")
        }
        try FilePath.write(
            Array("exports.place = require('@smithy/made').place;".utf8),
            to: "\(packages.path)/node_modules/@aws-sdk/client-made/index.js")
        let interpreters = InterpreterCatalog(
            python: [], node: TestHost.interpreters.node,
            nodeSDKs: [.init(path: "\(packages.path)/node_modules", version: [20])])
        try await TestHost.with(interpreters: interpreters) { test in
            func place(
                _ name: String, _ own: [TestHost.File] = [], release: Int = 20
            ) async throws -> String {
                let function = try test.deploy(
                    "node\(release)-\(own.count)-\(name.utf8.count)", runtime: "nodejs\(release).x",
                    handler: "index.handler",
                    files: [.init(path: file, text: code.replacing("NAME", with: name))] + own)
                return await test.invoke(function).text
            }
            let (lent, unrelated) = (try await place("@aws-sdk/client-made"), try await place("unrelated"))
            #expect(lent == #""machine""#)
            #expect(unrelated.contains("Runtime.ImportModuleError"))
            #expect(try await place("aws-sdk", release: 16) == lent)
            #expect(try await place("aws-sdk", release: 18).contains("Runtime.ImportModuleError"))
            let absent = try await place("@aws-sdk/client-absent")
            #expect(absent.contains("Runtime.ImportModuleError"))
            let bundled = try await place(
                "@aws-sdk/client-made",
                [.init(path: "node_modules/@aws-sdk/client-made/index.js", text: "exports.place = 'function';")])
            #expect(bundled == #""function""#)
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
