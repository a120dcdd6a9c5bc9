import Core
import Glibc
import HostTesting
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Functions

/// A host with a data directory of its own, functions written from text, and a log that can be read.
final class TestHost: Sendable {
    let host: FunctionHost
    let log = MemoryLog()
    let clock: VirtualClock
    let directory: String

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    static let interpreters = FunctionHost.interpretersOfThisMachine()

    init(
        limits: FunctionHostLimits = FunctionHostLimits(), environment: [String: String] = [:],
        usesControlGroups: Bool = true, isolation: FunctionHostConfiguration.Isolation = .none,
        interpreters: InterpreterCatalog = TestHost.interpreters
    ) throws {
        var template = Array("/tmp/functions-test-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        clock = VirtualClock()
        host = try FunctionHost(
            configuration: FunctionHostConfiguration(
                dataDirectory: "\(directory)/data", environment: environment, interpreters: interpreters,
                limits: limits, usesControlGroups: usesControlGroups, isolation: isolation),
            clock: clock, logs: log, eventLoopGroup: Self.group)
    }

    /// Runs the body with a host and ends the host after it, whatever the body did.
    static func with<T>(
        limits: FunctionHostLimits = FunctionHostLimits(), environment: [String: String] = [:],
        usesControlGroups: Bool = true, isolation: FunctionHostConfiguration.Isolation = .none,
        interpreters: InterpreterCatalog = TestHost.interpreters, _ body: (TestHost) async throws -> T
    ) async throws -> T {
        let test = try TestHost(
            limits: limits, environment: environment, usesControlGroups: usesControlGroups, isolation: isolation,
            interpreters: interpreters)
        do {
            let value = try await body(test)
            await test.end()
            return value
        } catch {
            await test.end()
            throw error
        }
    }

    func end() async {
        await host.drain(withinMilliseconds: 0)
        FilePath.removeTree(directory)
    }

    /// A file of a function's code.
    struct File {
        var path: String
        var text: String
        var isExecutable = false
    }

    func writeCode(_ name: String, _ files: [File]) throws -> String {
        let code = "\(directory)/code/\(name)"
        try FilePath.makeDirectory(code)
        for file in files {
            let path = "\(code)/\(file.path)"
            try FilePath.makeDirectory(FilePath.parent(of: path))
            try FilePath.write(Array(file.text.utf8), to: path, mode: file.isExecutable ? 0o755 : 0o644)
        }
        return code
    }

    @discardableResult
    func deploy(
        _ name: String, runtime: String, handler: String, files: [File],
        change: (inout FunctionConfiguration) -> Void = { _ in }
    ) throws -> FunctionVersionReference {
        var function = FunctionConfiguration(
            reference: FunctionVersionReference(functionName: name), runtime: runtime, handler: handler,
            codeDirectory: try writeCode(name, files), timeoutSeconds: 60)
        change(&function)
        try host.deploy(function)
        return function.reference
    }

    func python(_ text: String, change: (inout FunctionConfiguration) -> Void = { _ in }) throws
        -> FunctionVersionReference
    {
        try deploy(
            "python-function", runtime: "python3.11", handler: "app.handler",
            files: [File(path: "app.py", text: text)], change: change)
    }

    func node(
        _ text: String, file: String = "index.js", handler: String = "index.handler",
        change: (inout FunctionConfiguration) -> Void = { _ in }
    ) throws -> FunctionVersionReference {
        try deploy(
            "node-function", runtime: "nodejs20.x", handler: handler, files: [File(path: file, text: text)],
            change: change)
    }

    func shell(_ text: String, change: (inout FunctionConfiguration) -> Void = { _ in }) throws
        -> FunctionVersionReference
    {
        try deploy(
            "shell-function", runtime: "exec", handler: "run.sh",
            files: [File(path: "run.sh", text: "#!/bin/sh\n" + text, isExecutable: true)], change: change)
    }

    /// A runtime of its own in Python: text that may call `exchange(method, path, body, headers)`.
    func provided(_ text: String, change: (inout FunctionConfiguration) -> Void = { _ in }) throws
        -> FunctionVersionReference
    {
        let python = try #require(Self.interpreters.python.first?.path)
        return try deploy(
            "provided-function", runtime: "provided.al2023", handler: "none",
            files: [File(path: "bootstrap", text: "#!\(python)\n" + Self.client + text, isExecutable: true)],
            change: change)
    }

    private static let client = #"""
        import http.client, os, sys, time
        HOST = os.environ["AWS_LAMBDA_RUNTIME_API"]
        RUNTIME = "/2018-06-01/runtime/"
        connection = http.client.HTTPConnection(HOST)
        def exchange(method, path, body=None, headers={}):
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        def next_invocation():
            status, headers, body = exchange("GET", RUNTIME + "invocation/next")
            return headers["Lambda-Runtime-Aws-Request-Id"], body
        def respond(request_id, body):
            return exchange("POST", RUNTIME + "invocation/" + request_id + "/response", body)

        """#

    func invoke(
        _ function: FunctionVersionReference, _ payload: JSON = .null, wantsLogTail: Bool = false
    ) async -> InvocationResult {
        await host.invoke(
            function, payload: payload.bytes(), context: host.makeContext(wantsLogTail: wantsLogTail))
    }
}

extension InvocationResult {
    var text: String { String(buffer: payload) }

    var json: JSON? { try? JSON(parsing: Array(payload.readableBytesView)) }

    var errorType: String? { if case .functionError(let type) = outcome { type } else { nil } }

    var rejection: InvocationRejection? { if case .rejected(let rejection) = outcome { rejection } else { nil } }

    var log: String { String(decoding: logTail ?? [], as: UTF8.self) }
}
