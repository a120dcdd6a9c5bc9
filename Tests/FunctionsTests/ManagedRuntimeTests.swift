import Core
import Glibc
import NIOCore
import Testing

@testable import Functions

@Suite(.timeLimit(.minutes(2)))
struct PythonTests {
    @Test func answersAndReportsInLambdasForm() async throws {
        try await TestHost.with { test in
            let function = try test.python(
                """
                def handler(event, context):
                    print("hello", event["name"])
                    return {"greeting": "Hello " + event["name"], "function": context.function_name}
                """)
            let result = await test.invoke(function, ["name": "Ada"], wantsLogTail: true)
            #expect(result.json == ["greeting": "Hello Ada", "function": "python-function"])
            #expect(result.outcome == .success)
            #expect(result.executedVersion == "$LATEST")
            let report = try #require(result.report)
            #expect(report.initMilliseconds != nil)
            #expect(report.billedMilliseconds >= 1)
            let lines = result.log.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 5)
            #expect(lines[0] == "START RequestId: \(result.requestID) Version: $LATEST")
            #expect(lines[1] == "hello Ada")
            #expect(lines[2] == "END RequestId: \(result.requestID)")
            let expression = try Regex(
                #"REPORT RequestId: \S+\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"#
                    + #"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t"#)
            #expect(try expression.wholeMatch(in: lines[3]) != nil, "\(lines[3])")
        }
    }

    @Test func warmInstanceIsReused() async throws {
        try await TestHost.with { test in
            let function = try test.python(
                """
                import os
                count = 0
                def handler(event, context):
                    global count
                    count += 1
                    return [os.getpid(), count]
                """)
            var answers: [JSON?] = []
            for _ in 0..<3 { answers.append(await test.invoke(function).json) }
            #expect(Set(answers.map { $0?[0] }).count == 1)
            #expect(answers.map { $0?[1] } == [1, 2, 3])
        }
    }

    struct ErrorCase: Sendable, CustomTestStringConvertible {
        var name: String
        var code: String
        var type: String
        var message: String
        var traceContains: String?
        var handler = "app.handler"
        var isInit = false

        var testDescription: String { name }
    }

    @Test(arguments: [
        ErrorCase(
            name: "exception", code: "def handler(event, context):\n    raise ValueError('no good')",
            type: "ValueError", message: "no good",
            traceContains: #"app.py\", line 2, in handler\n"#),
        ErrorCase(
            name: "unserializable", code: "def handler(event, context):\n    return object()",
            type: "Runtime.MarshalError",
            message: "Unable to marshal response: Object of type object is not JSON serializable"),
        ErrorCase(
            name: "bytes that are no text", code: "def handler(event, context):\n    return [b'\\xff']",
            type: "Runtime.MarshalError",
            message:
                "Unable to marshal response: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        ErrorCase(
            name: "init", code: "raise KeyError('boot')\ndef handler(event, context): pass", type: "KeyError",
            message: "'boot'", traceContains: "app.py", isInit: true),
        ErrorCase(
            name: "syntax", code: "def handler(event, context:\n", type: "Runtime.UserCodeSyntaxError",
            message: "Syntax error in module 'app': '(' was never closed (app.py, line 1)", isInit: true),
        ErrorCase(
            name: "missing module", code: "import nothing_like_it\n", type: "Runtime.ImportModuleError",
            message: "Unable to import module 'app': No module named 'nothing_like_it'", isInit: true),
        ErrorCase(
            name: "missing handler", code: "x = 1\n", type: "Runtime.HandlerNotFound",
            message: "Handler 'handler' missing on module 'app'", isInit: true),
        ErrorCase(
            name: "malformed handler", code: "x = 1\n", type: "Runtime.MalformedHandlerName",
            message: "Bad handler 'app': not enough values to unpack (expected 2, got 1)", handler: "app",
            isInit: true),
    ])
    func errorsHaveLambdasShape(_ item: ErrorCase) async throws {
        try await TestHost.with { test in
            let function = try test.python(item.code) { $0.handler = item.handler }
            let result = await test.invoke(function)
            let payload = try #require(result.json)
            #expect(payload["errorType"]?.stringValue == item.type)
            #expect(payload["errorMessage"]?.stringValue == item.message)
            #expect(payload["requestId"]?.stringValue == (item.isInit ? "" : result.requestID))
            #expect(payload["stackTrace"]?.arrayValue != nil)
            if let part = item.traceContains { #expect(payload["stackTrace"]?.text().contains(part) == true) }
            #expect(result.functionError == "Unhandled")
            #expect(result.errorType == item.type)
            #expect(result.status == 200)
        }
    }

    @Test(arguments: [("{'a': 'é'.encode()}", JSON.object(["a": "é"])), (#"b'"as it is"'"#, "as it is")])
    func bytesAreText(result: String, answer: JSON) async throws {
        try await TestHost.with { test in
            let function = try test.python("def handler(event, context):\n    return \(result)")
            #expect(await test.invoke(function).json == answer)
        }
    }

    @Test func environmentIsLambdasAndNothingElse() async throws {
        try await TestHost.with(environment: ["AWS_ENDPOINT_URL": "http://127.0.0.1:4566"]) { test in
            setenv("MILLRACE_TEST_SECRET", "leak", 1)
            let function = try test.python(
                """
                import os
                def handler(event, context):
                    return dict(os.environ, cwd=os.getcwd())
                """
            ) { $0.environment = ["COLOUR": "blue"] }
            let result = await test.invoke(function)
            let variables = try #require(result.json)
            #expect(variables["COLOUR"] == "blue")
            #expect(variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566")
            #expect(variables["MILLRACE_TEST_SECRET"] == nil)
            #expect(variables["AWS_LAMBDA_FUNCTION_NAME"] == "python-function")
            #expect(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128")
            #expect(variables["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/python-function")
            #expect(variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11")
            #expect(variables["_HANDLER"] == "app.handler")
            #expect(variables["TZ"] == ":UTC")
            #expect(variables["LAMBDA_TASK_ROOT"] == variables["cwd"])
            #expect(variables["AWS_LAMBDA_LOG_STREAM_NAME"]?.stringValue.map { test.log.streams.contains($0) } == true)
        }
    }
}

@Suite(.timeLimit(.minutes(2)))
struct NodeTests {
    @Test(arguments: [
        ("index.js", "exports.handler = async (event) => ({ got: event.n + 1 });"),
        ("index.js", "exports.handler = (event, context, callback) => callback(null, { got: event.n + 1 });"),
        ("index.mjs", "export const handler = async (event) => ({ got: event.n + 1 });"),
        ("index.cjs", "module.exports.handler = (event) => ({ got: event.n + 1 });"),
    ])
    func handlersOfEveryStyleAnswer(_ file: String, _ code: String) async throws {
        try await TestHost.with { test in
            let function = try test.node(code, file: file)
            for number in 1...2 {
                let result = await test.invoke(function, ["n": JSON(number)])
                #expect(result.json == ["got": JSON(number + 1)], "\(result.text) \(test.log.text)")
            }
        }
    }

    struct ErrorCase: Sendable, CustomTestStringConvertible {
        var code: String
        var type: String
        var message: String
        var testDescription: String { type }
    }

    @Test(arguments: [
        ErrorCase(
            code: "exports.handler = async () => { throw new TypeError('no good'); };", type: "TypeError",
            message: "no good"),
        ErrorCase(
            code: "exports.handler = (e, c, callback) => callback(new RangeError('far'));", type: "RangeError",
            message: "far"),
        ErrorCase(
            code: "exports.other = 1;", type: "Runtime.HandlerNotFound",
            message: "index.handler is undefined or not exported"),
        ErrorCase(code: "throw new Error('boot');", type: "Error", message: "boot"),
        ErrorCase(
            code: "exports.handler = () => { Promise.reject(new Error('lost')); return new Promise(() => {}); };",
            type: "Runtime.UnhandledPromiseRejection", message: "Error: lost"),
    ])
    func errorsHaveLambdasShape(_ item: ErrorCase) async throws {
        try await TestHost.with { test in
            let function = try test.node(item.code)
            let result = await test.invoke(function)
            #expect(result.json?["errorType"]?.stringValue == item.type, "\(result.text)")
            #expect(result.json?["errorMessage"]?.stringValue == item.message)
            #expect(result.json?["trace"]?.arrayValue != nil)
            #expect(result.functionError == "Unhandled")
        }
    }

    @Test func streamsItsAnswer() async throws {
        try await TestHost.with { test in
            let function = try test.node(
                """
                exports.handler = awslambda.streamifyResponse(async (event, stream) => {
                  for (let i = 0; i < 3; i++) stream.write(`part ${i};`);
                  stream.end();
                });
                """)
            let streamed = test.host.invokeStreaming(
                function, payload: .init(string: "{}"), context: test.host.makeContext())
            var text = ""
            for await part in streamed.parts { text += String(buffer: part) }
            #expect(text == "part 0;part 1;part 2;")
            #expect(await streamed.result().outcome == .success)
            #expect(await test.invoke(function).text == text)
        }
    }
}
