import Core
import Glibc
import NIOCore
import Testing

@testable import Functions

/// An interpreter that has AWS's runtime client: the one that `AWSLAMBDARIC_PYTHON` names, or one of the machine's.
private let clientPython: String? = {
    if let named = getenv("AWSLAMBDARIC_PYTHON") { return String(cString: named) }
    return TestHost.interpreters.python.first { python in
        let prefix = FilePath.parent(of: FilePath.parent(of: python.path))
        let packages = "\(prefix)/lib/\(FilePath.name(of: python.path))/site-packages"
        return FilePath.isDirectory("\(packages)/awslambdaric")
    }?.path
}()

/// AWS's own runtime client for Python (`pip install awslambdaric`) as the bootstrap of a function.
@Suite(
    .enabled(if: clientPython != nil, "no Python of this machine has awslambdaric"),
    .timeLimit(.minutes(2)))
struct RuntimeClientTests {
    private func deploy(
        _ test: TestHost, _ code: String, change: (inout FunctionConfiguration) -> Void = { _ in }
    ) throws -> FunctionVersionReference {
        let python = try #require(clientPython)
        return try test.deploy(
            "client", runtime: "provided.al2023", handler: "app.handler",
            files: [
                .init(path: "app.py", text: code),
                .init(
                    path: "bootstrap", text: "#!/bin/sh\nexec \(python) -m awslambdaric \"$_HANDLER\"\n",
                    isExecutable: true),
            ], change: change)
    }

    @Test func itServesManyInvocationsWithTheirContexts() async throws {
        try await TestHost.with { test in
            let function = try deploy(
                test,
                """
                import os
                def handler(event, context):
                    return {"event": event, "pid": os.getpid(), "request": context.aws_request_id,
                        "arn": context.invoked_function_arn, "name": context.function_name,
                        "memory": context.memory_limit_in_mb, "stream": context.log_stream_name,
                        "time": 0 < context.get_remaining_time_in_millis() <= 60_000,
                        "custom": context.client_context.custom, "identity": context.identity.cognito_identity_id,
                        "trace": os.environ.get("_X_AMZN_TRACE_ID")}
                """)
            var processes = Set<JSON?>()
            for number in 0..<3 {
                var context = test.host.makeContext()
                context.clientContext = #"{"custom":{"a":"b"}}"#
                context.cognitoIdentity = #"{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}"#
                context.traceHeader = "Root=1-2-\(number)"
                let result = await test.host.invoke(function, payload: JSON(number).bytes(), context: context)
                let answer = try #require(result.json, "\(test.log.text)")
                processes.insert(answer["pid"])
                #expect(answer["event"] == JSON(number))
                #expect(answer["request"]?.stringValue == context.requestID)
                #expect(answer["arn"]?.stringValue == "\(function.arn)")
                #expect(answer["name"] == "client")
                #expect(answer["memory"] == "128")
                #expect(answer["time"] == true)
                #expect(answer["custom"] == ["a": "b"])
                #expect(answer["identity"] == "i")
                #expect(answer["trace"]?.stringValue == context.traceHeader)
                #expect(answer["stream"]?.stringValue.map { test.log.streams.contains($0) } == true)
            }
            #expect(processes.count == 1)
        }
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        var code: String
        var type: String
        var message: String
        var testDescription: String { type }
    }

    @Test(arguments: [
        Failure(
            code: "def handler(event, context): raise ValueError('no good')", type: "ValueError", message: "no good"),
        Failure(
            code: "def handler(event, context): return object()", type: "Runtime.MarshalError",
            message: "Unable to marshal response: Object of type object is not JSON serializable"),
        Failure(code: "raise KeyError('boot')", type: "KeyError", message: "'boot'"),
        Failure(
            code: "import nothing_like_it", type: "Runtime.ImportModuleError",
            message: "Unable to import module 'app': No module named 'nothing_like_it'"),
        Failure(
            code: "import os\ndef handler(event, context): os._exit(3)", type: "Runtime.ExitError",
            message: "Runtime exited with error: exit status 3"),
    ])
    func itsErrorsAreReported(_ failure: Failure) async throws {
        try await TestHost.with { test in
            let result = await test.invoke(try deploy(test, failure.code))
            #expect(result.errorType == failure.type, "\(result.text)")
            #expect(result.json?["errorType"]?.stringValue == failure.type)
            #expect(result.json?["errorMessage"]?.stringValue?.hasSuffix(failure.message) == true, "\(result.text)")
            #expect(result.functionError == "Unhandled")
        }
    }

    @Test func largeEventsAndAnswersPass() async throws {
        try await TestHost.with { test in
            let function = try deploy(test, "def handler(event, context): return event + event")
            let text = String(repeating: "0123456789", count: 300_000)
            let result = await test.invoke(function, .string(text))
            #expect(result.outcome == .success)
            #expect(result.payload.readableBytes == 2 * text.utf8.count + 2)
            let tooLarge = await test.invoke(function, .string(text + text))
            #expect(tooLarge.errorType == "Function.ResponseSizeTooLarge", "\(tooLarge.outcome)")
            #expect(await test.invoke(function, "a").json == "aa")
        }
    }

    @Test func itsLogLinesAreKept() async throws {
        try await TestHost.with { test in
            let function = try deploy(
                test,
                """
                import logging
                def handler(event, context):
                    print("printed")
                    logging.getLogger().error("logged")
                """)
            let log = await test.invoke(function, wantsLogTail: true).log
            #expect(log.contains("printed\n"))
            #expect(log.contains("[ERROR]\t"))
            #expect(log.contains("\tlogged\n"))
        }
    }
}
