import Core
import Glibc
import NIOCore
import Testing

@testable import Functions

/// Functions that misbehave: each hurts its own invocation and no other.
@Suite(.timeLimit(.minutes(3)))
struct BadDayTests {
    static let next = "request_id, body = next_invocation()\n"

    /// After whatever happened the function answers its next invocation from a new process.
    static let misbehaveOnce = """
        import signal
        while True:
            request_id, body = next_invocation()
            if body == b'"good"':
                respond(request_id, b'"fine"')
                continue

        """

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var code: String
        var type: String
        /// After `RequestId: <id> Error: `.
        var message: String
        var timeoutSeconds = 60
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(
            name: "exit 0", code: "    os._exit(0)", type: "Runtime.ExitError",
            message: "Runtime exited without providing a reason"),
        Case(
            name: "exit 127", code: "    os._exit(127)", type: "Runtime.ExitError",
            message: "Runtime exited with error: exit status 127"),
        Case(
            name: "segmentation fault", code: "    os.kill(os.getpid(), signal.SIGSEGV)", type: "Runtime.ExitError",
            message: "Runtime exited with error: signal: segmentation fault"),
        Case(
            name: "out of memory", code: "    hoard = b'x' * (300 << 20)\n    time.sleep(60)",
            type: "Runtime.OutOfMemory", message: "Runtime exited with error: signal: killed"),
        Case(
            name: "ignores SIGTERM and sleeps",
            code: "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    time.sleep(60)",
            type: "Sandbox.Timedout", message: "Task timed out after 2.00 seconds",
            timeoutSeconds: 2),
        Case(
            name: "closes the connection and exits half-way through its answer",
            code: """
                    connection.sock.sendall(b"POST " + (RUNTIME + "invocation/" + request_id + "/response").encode()
                        + b" HTTP/1.1\\r\\nContent-Length: 100\\r\\n\\r\\n{")
                    os._exit(1)
                """,
            type: "Runtime.ExitError", message: "Runtime exited with error: exit status 1"),
    ])
    func hurtsOnlyItsInvocation(_ item: Case) async throws {
        try await TestHost.with { test in
            let function = try test.provided(Self.misbehaveOnce + item.code) {
                $0.timeoutSeconds = item.timeoutSeconds
            }
            #expect(await test.invoke(function, "good").text == #""fine""#)
            let bad = await test.invoke(function, "bad", wantsLogTail: true)
            #expect(bad.json?["errorType"]?.stringValue == item.type, "\(bad.text)")
            #expect(
                bad.json?["errorMessage"]?.stringValue == "RequestId: \(bad.requestID) Error: \(item.message)",
                "\(bad.text)")
            #expect(bad.log.contains("END RequestId: \(bad.requestID)"))
            #expect(bad.report?.errorType == item.type)
            #expect(await test.invoke(function, "good").text == #""fine""#)
        }
    }

    @Test func processesThatLeaveTheGroupEndWithTheInstance() async throws {
        try await TestHost.with(usesControlGroups: false) { test in
            let function = try test.provided(
                """
                import subprocess
                while True:
                    request_id, body = next_invocation()
                    child = subprocess.Popen(["/bin/sh", "-c", "(sleep 3600 & echo $!)"], start_new_session=True,
                        stdout=subprocess.PIPE)
                    respond(request_id, child.stdout.readline())
                """)
            let pid = try #require(Int32(await test.invoke(function).text.prefix { $0.isNumber }))
            #expect(isRunning(pid))
            test.host.withdraw(function)
            #expect(ends(pid))
        }
    }

    @Test func failuresAreKnownWhereTheHostsParentIgnoredTheEndsOfChildren() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGCHLD, SIG_IGN)
            try await TestHost.with { test in
                let function = try test.shell("exit 3")
                guard case .functionError = await test.invoke(function).outcome else { exit(1) }
            }
        }
    }

    @Test func runtimesThatStopAskingAreReplaced() async throws {
        try await TestHost.with { test in
            let marker = "\(test.directory)/seen"
            let function = try test.provided(
                """
                if not os.path.exists("\(marker)"):
                    open("\(marker)", "w").close()
                    connection.request("GET", RUNTIME + "invocation/next")
                    while not os.path.exists("\(marker).left"): time.sleep(0.001)
                    connection.close()
                    # Answered only after the host has seen the end of the other connection.
                    exchange("GET", "/2018-06-01/ping")
                    open("\(marker).closed", "w").close()
                    time.sleep(3600)
                request_id, body = next_invocation()
                respond(request_id, b'"second"')
                """
            ) {
                $0.timeoutSeconds = 1
                $0.provisionedConcurrency = 1
            }
            await waitUntil { test.host.statistics[function]?.idleInstances == 1 }
            try FilePath.write([], to: "\(marker).left")
            await waitUntil { FilePath.isFile("\(marker).closed") }
            #expect(await test.invoke(function).json == "second")
        }
    }

    @Test func floodOfOutputIsCutAndCostsNoMemory() async throws {
        let limits = FunctionHostLimits(logBytesPerInvocation: 1 << 20)
        try await TestHost.with(limits: limits) { test in
            let function = try test.provided(
                Self.misbehaveOnce + """
                        block = b"y" * 999 + b"\\n"
                        for _ in range(100_000): os.write(1, block)
                        respond(request_id, b'"done"')
                    """
            ) { $0.timeoutSeconds = 60 }
            let flood = await test.invoke(function, "flood", wantsLogTail: true)
            #expect(flood.text == #""done""#)
            #expect(flood.log.utf8.count <= 4096)
            #expect(test.log.bytes < 2 << 20)
            #expect(test.log.text.contains(" bytes of output dropped: an invocation may log 1048576]"))
            #expect(await test.invoke(function, "good").text == #""fine""#)
        }
    }

    @Test func aLineWithoutEndIsSplit() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                Self.misbehaveOnce + "    os.write(1, b'z' * 1_000_000)\n    respond(request_id, b'1')")
            #expect(await test.invoke(function, "long").text == "1")
            #expect(test.log.messages.filter { $0.hasPrefix("zzz") }.allSatisfy { $0.utf8.count <= (256 << 10) + 1 })
            #expect(test.log.messages.filter { $0.hasPrefix("zzz") }.count == 4)
        }
    }

    @Test func deathInInitIsTheInvocationsError() async throws {
        try await TestHost.with { test in
            let function = try test.provided("os._exit(7)")
            let result = await test.invoke(function)
            #expect(result.json?["errorType"] == "Runtime.ExitError")
            #expect(
                result.json?["errorMessage"]?.stringValue?.hasSuffix("Runtime exited with error: exit status 7") == true
            )
            #expect(test.log.text.contains("Phase: init\tStatus: error\tError Type: Runtime.ExitError"))
            #expect(test.host.statistics[function]?.instances == 0)
        }
    }

    @Test func initErrorIsPassedOn() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                exchange("POST", RUNTIME + "init/error", b'{"errorMessage":"no key","errorType":"Boot.NoKey"}',
                    {"Lambda-Runtime-Function-Error-Type": "Boot.NoKey"})
                time.sleep(60)
                """)
            let result = await test.invoke(function)
            #expect(result.text == #"{"errorMessage":"no key","errorType":"Boot.NoKey"}"#)
            #expect(result.errorType == "Boot.NoKey")
        }
    }

    @Test func aRuntimeThatGaveUpGetsNoWork() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                exchange("POST", RUNTIME + "init/error", b'{"errorMessage":"no key","errorType":"Boot.NoKey"}')
                status, _, answer = exchange("GET", RUNTIME + "invocation/next")
                print("asked", status, answer, flush=True)
                time.sleep(60)
                """)
            #expect(await test.invoke(function).errorType == "Boot.NoKey")
            #expect(test.log.text.contains("asked 403 b'{\"errorMessage\""), "\(test.log.text)")
        }
    }

    @Test func slowInitIsTriedOnceMoreOnTheInvocationsTime() async throws {
        try await TestHost.with(limits: FunctionHostLimits(initMilliseconds: 500)) { test in
            let gate = "\(test.directory)/gate"
            let function = try test.provided(
                """
                while not os.path.exists(os.environ["GATE"]): time.sleep(0.01)
                while True:
                    request_id, body = next_invocation()
                    respond(request_id, b'"second start"')
                """
            ) { $0.environment = ["GATE": gate] }
            async let result = test.invoke(function)
            await waitUntil { test.log.text.contains("Phase: init\tStatus: timeout") }
            try FilePath.write([], to: gate)
            #expect(await result.text == #""second start""#)
        }
    }

    @Test func initThatNeverEndsTimesOut() async throws {
        try await TestHost.with(limits: FunctionHostLimits(initMilliseconds: 200)) { test in
            let function = try test.provided("time.sleep(60)") { $0.timeoutSeconds = 1 }
            let result = await test.invoke(function)
            #expect(result.json?["errorType"] == "Sandbox.Timedout")
            #expect(
                result.json?["errorMessage"]?.stringValue
                    == "RequestId: \(result.requestID) Error: Task timed out after 1.00 seconds")
        }
    }

    @Test func secondAndForeignAnswersAreRefused() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                import json
                seen = []
                while True:
                    request_id, body = next_invocation()
                    if body == b'"report"':
                        respond(request_id, json.dumps(seen).encode())
                        continue
                    for target in ("00000000-0000-4000-8000-000000000000", request_id, request_id):
                        status, headers, answer = respond(target, b'"answer"')
                        seen.append([status, json.loads(answer)])
                """)
            #expect(await test.invoke(function, "work").text == #""answer""#)
            let seen = try #require(await test.invoke(function, "report").json?.arrayValue)
            #expect(seen.map { $0[0] } == [400, 202, 403])
            #expect(seen[0][1] == ["errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"])
            #expect(seen[1][1] == ["status": "OK"])
            #expect(seen[2][1]?["errorType"] == "InvalidStateTransition")
        }
    }

    /// Whatever other requests are under way meanwhile.
    @Test func anAnswerThatWasCutOffCanBeGivenAgain() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                import socket
                def begin(method, path, body):
                    begun = socket.create_connection(tuple(HOST.split(":")))
                    begun.sendall(("%s %s HTTP/1.1\\r\\nContent-Length: 100\\r\\n\\r\\n%s" % (method, path, body)).encode())
                    return begun
                request_id, body = next_invocation()
                answer = RUNTIME + "invocation/" + request_id + "/response"
                first = begin("POST", answer, '"broken')
                other = begin("POST", "/2020-01-01/extension/register", "{")
                # Until both have been seen.
                for _ in range(50): exchange("GET", "/2018-06-01/ping")
                respond(request_id, b'"early"')
                first.close()
                while respond(request_id, b'"whole"')[0] != 202: time.sleep(0.01)
                time.sleep(60)
                """
            ) { $0.timeoutSeconds = 20 }
            let result = await test.invoke(function)
            #expect(result.text == #""whole""#)
        }
    }

    @Test func aStreamThatWasCutOffEndsItsInvocation() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                import socket
                request_id, body = next_invocation()
                begun = socket.create_connection(tuple(HOST.split(":")))
                begun.sendall((
                    "POST " + RUNTIME + "invocation/" + request_id + "/response HTTP/1.1\\r\\n"
                    "Lambda-Runtime-Function-Response-Mode: streaming\\r\\n"
                    "Transfer-Encoding: chunked\\r\\n\\r\\n4\\r\\nhalf\\r\\n").encode())
                for _ in range(50): exchange("GET", "/2018-06-01/ping")
                begun.close()
                time.sleep(60)
                """
            ) { $0.timeoutSeconds = 20 }
            #expect(await test.invoke(function).errorType == "Runtime.TruncatedResponse")
        }
    }

    @Test func oversizedAnswerIsRefused() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                Self.misbehaveOnce
                    + "    status, _, answer = respond(request_id, b'x' * 6291557)\n    print(status, answer, flush=True)"
            )
            let result = await test.invoke(function, "large")
            #expect(
                result.json == [
                    "errorType": "Function.ResponseSizeTooLarge",
                    "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
                ])
            #expect(await test.invoke(function, "good").text == #""fine""#)
            #expect(
                test.log.text.contains(
                    "413 b'{\"errorMessage\":\"Exceeded maximum allowed payload size (6291556 bytes).\""))
        }
    }

    @Test func largestAnswerPasses() async throws {
        try await TestHost.with { test in
            let function = try test.provided(Self.misbehaveOnce + "    respond(request_id, b'x' * 6291556)")
            let result = await test.invoke(function, "large")
            #expect(result.payload.readableBytes == 6_291_556)
            #expect(result.outcome == .success)
        }
    }

    @Test(arguments: [true, false])
    func memoryLimitHoldsWithAndWithoutControlGroups(_ usesControlGroups: Bool) async throws {
        try await TestHost.with(usesControlGroups: usesControlGroups) { test in
            let hoard = "import time\nhoard = b'x' * (300 << 20)\ntime.sleep(60)"
            let python = try #require(TestHost.interpreters.python.first?.path)
            let file = TestHost.File(path: "run", text: "#!\(python)\n" + hoard, isExecutable: true)
            let exec = try test.deploy("exec", runtime: "exec", handler: "run", files: [file])
            let warm = try test.python("def handler(event, context):\n    exec(event)")
            for (function, event) in [(exec, JSON.null), (warm, JSON.string(hoard))] {
                let result = await test.invoke(function, event)
                #expect(result.errorType == "Runtime.OutOfMemory", "\(result.text)")
                #expect(
                    result.json?["errorMessage"]?.stringValue
                        == "RequestId: \(result.requestID) Error: Runtime exited with error: signal: killed")
                #expect(result.report?.maxMemoryUsedMB ?? 0 > 100)
            }
        }
    }

    @Test(.enabled(if: ControlGroupTests.limitsProcesses, "this machine lets nobody make control groups"))
    func forkBombIsLimitedInNumber() async throws {
        try await TestHost.with(limits: FunctionHostLimits(processesPerFunction: 30)) { test in
            let function = try test.provided(
                """
                import json
                while True:
                    request_id, body = next_invocation()
                    count, error = 0, None
                    for _ in range(200):
                        try:
                            if os.fork() == 0:
                                time.sleep(322)
                                os._exit(0)
                            count += 1
                        except OSError as problem:
                            error = type(problem).__name__
                            break
                    respond(request_id, json.dumps([count < 30, error]).encode())
                    os._exit(0)
                """)
            #expect(await test.invoke(function).json == [true, "BlockingIOError"])
            await waitUntil { test.host.statistics[function]?.instances == 0 }
        }
    }

    @Test func forkBombOfAnExecutableIsKilled() async throws {
        try await TestHost.with(limits: FunctionHostLimits(processesPerFunction: 20)) { test in
            let function = try test.shell(
                """
                i=0
                while [ $i -lt 60 ]; do sleep 323 & i=$((i+1)); done
                wait
                """)
            let result = await test.invoke(function)
            #expect(result.errorType == "Runtime.ExitError")
            #expect(result.json?["errorMessage"]?.stringValue?.hasSuffix("signal: killed") == true)
            #expect(allEnd(withArgument: "323"))
        }
    }

    @Test func forkBombEndsWithItsInvocation() async throws {
        try await TestHost.with { test in
            let function = try test.shell(
                """
                i=0
                while [ $i -lt 60 ]; do sleep 321 & i=$((i+1)); done
                wait
                """
            ) { $0.timeoutSeconds = 1 }
            let result = await test.invoke(function)
            #expect(result.errorType == "Sandbox.Timedout")
            #expect(allEnd(withArgument: "321"))
        }
    }

    @Test func silentAfterItsAnswerDoesNotHoldTheNextInvocation() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                request_id, body = next_invocation()
                respond(request_id, body)
                if body == b'"stuck"': time.sleep(60)
                request_id, body = next_invocation()
                respond(request_id, body)
                """
            ) { $0.timeoutSeconds = 1 }
            #expect(await test.invoke(function, "stuck").text == #""stuck""#)
            #expect(await test.invoke(function, "second").text == #""second""#)
        }
    }
}
