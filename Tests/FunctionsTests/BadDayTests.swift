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
}
