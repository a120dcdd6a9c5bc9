import Core
import NIOCore
import Testing

@testable import Functions

@Suite(.timeLimit(.minutes(2)))
struct ExecTests {
    @Test func standardInputBecomesStandardOutput() async throws {
        try await TestHost.with { test in
            let function = try test.shell("echo working >&2\ncat")
            let result = await test.invoke(function, ["a": [1, 2, 3]], wantsLogTail: true)
            #expect(result.text == #"{"a":[1,2,3]}"#)
            #expect(result.outcome == .success)
            let lines = result.log.split(separator: "\n")
            #expect(lines.first == "START RequestId: \(result.requestID) Version: $LATEST")
            #expect(lines.dropFirst().first == "working")
            #expect(lines.last?.hasPrefix("REPORT RequestId: \(result.requestID)\tDuration: ") == true)
        }
    }

    @Test func contextIsInTheEnvironment() async throws {
        try await TestHost.with { test in
            let function = try test.shell(
                #"printf '["%s","%s","%s","%s"]' "$AWS_LAMBDA_REQUEST_ID" "$AWS_LAMBDA_FUNCTION_NAME" "#
                    + #""$AWS_LAMBDA_INVOKED_FUNCTION_ARN" "$TMPDIR""#)
            let result = await test.invoke(function)
            #expect(result.json?[0]?.stringValue == result.requestID)
            #expect(result.json?[1] == "shell-function")
            #expect(result.json?[2] == "arn:aws:lambda:us-east-1:000000000000:function:shell-function")
            #expect(result.json?[3]?.stringValue?.hasPrefix(test.directory) == true)
        }
    }

    @Test func nothingWrittenIsNull() async throws {
        try await TestHost.with { test in
            let result = await test.invoke(try test.shell("exit 0"))
            #expect(result.text == "null")
        }
    }

    @Test(
        arguments: [
            ("echo first >&2; echo second >&2; exit 3", "exit status 3", ["first", "second"]),
            ("kill -SEGV $$", "signal: segmentation fault", []),
            ("kill -9 $$", "signal: killed", []),
        ] as [(String, String, [String])])
    func failuresAreReportedWithStatusAndStandardError(_ code: String, _ words: String, _ trace: [String]) async throws
    {
        try await TestHost.with { test in
            let result = await test.invoke(try test.shell(code))
            let payload = try #require(result.json)
            #expect(payload["errorType"] == "Runtime.ExitError")
            let message = "RequestId: \(result.requestID) Error: Runtime exited with error: \(words)"
            #expect(payload["errorMessage"]?.stringValue == message)
            #expect(payload["stackTrace"]?.arrayValue?.compactMap(\.stringValue) ?? [] == trace)
            #expect(result.functionError == "Unhandled")
            #expect(result.report?.status == .error)
        }
    }

    @Test func largeEventsAndAnswersPass() async throws {
        try await TestHost.with { test in
            let function = try test.shell("cat")
            let text = String(repeating: "0123456789abcdef", count: 375_000)
            let result = await test.invoke(function, .string(text))
            #expect(result.payload.readableBytes == text.utf8.count + 2)
            #expect(result.outcome == .success)
        }
    }

    @Test func aProcessNeedNotReadItsEvent() async throws {
        try await TestHost.with { test in
            let function = try test.shell("echo 1")
            let result = await test.invoke(function, .string(String(repeating: "x", count: 1_000_000)))
            #expect(result.text == "1\n")
        }
    }

    @Test func answersAboveTheLimitAreRefused() async throws {
        try await TestHost.with { test in
            let result = await test.invoke(try test.shell("head -c 6291557 /dev/zero; sleep 100"))
            #expect(
                result.json == [
                    "errorType": "Function.ResponseSizeTooLarge",
                    "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
                ])
        }
    }

    @Test func timeoutKillsWhatHasLeftTheGroupToo() async throws {
        try await TestHost.with { test in
            let function = try test.shell("setsid sleep 3271 &\nsleep 300") { $0.timeoutSeconds = 1 }
            #expect(await test.invoke(function).errorType == "Sandbox.Timedout")
            #expect(allEnd(withArgument: "3271"))
        }
    }

    @Test func timeoutKillsTheWholeGroup() async throws {
        try await TestHost.with { test in
            let function = try test.shell("trap '' TERM\nsleep 300 &\necho $! >&2\nsleep 300") { $0.timeoutSeconds = 1 }
            let result = await test.invoke(function, wantsLogTail: true)
            #expect(
                result.json == [
                    "errorType": "Sandbox.Timedout",
                    "errorMessage": .string("RequestId: \(result.requestID) Error: Task timed out after 1.00 seconds"),
                ])
            #expect(result.report?.durationMilliseconds == 1000)
            #expect(result.report?.billedMilliseconds == 1000)
            #expect(result.report?.status == .timeout)
            #expect(result.log.contains("Status: timeout"))
            let child = try #require(result.log.split(separator: "\n").lazy.compactMap { Int32($0) }.first)
            #expect(ends(child))
        }
    }

    @Test func streamsItsOutputAtTheReadersPace() async throws {
        try await TestHost.with { test in
            let function = try test.shell("head -c 30000000 /dev/zero")
            let streamed = test.host.invokeStreaming(
                function, payload: ByteBuffer(string: "{}"), context: test.host.makeContext())
            var count = 0
            for await part in streamed.parts { count += part.readableBytes }
            #expect(count == 30_000_000)
            #expect(await streamed.result().outcome == .success)
        }
    }

    @Test func manyAtOnceAllEnd() async throws {
        try await TestHost.with(limits: FunctionHostLimits(instances: 4)) { test in
            let function = try test.shell("cat")
            let answers = await withTaskGroup(of: JSON?.self) { group in
                for number in 0..<60 { group.addTask { await test.invoke(function, JSON(number)).json } }
                return await group.reduce(into: Set<JSON?>()) { $0.insert($1) }
            }
            #expect(answers == Set((0..<60).map { JSON($0) }))
            #expect(test.host.statistics[function]?.instances == 0)
        }
    }

    @Test func anUnreadableInterpreterLineIsAClearError() async throws {
        try await TestHost.with { test in
            let function = try test.deploy(
                "broken", runtime: "exec", handler: "run",
                files: [TestHost.File(path: "run", text: "no program at all", isExecutable: true)])
            let result = await test.invoke(function)
            #expect(result.rejection?.reason == .hostFailure)
            #expect(result.rejection?.message.contains("#!/bin/sh") == true)
        }
    }
}
