import Core
import Testing

@testable import Functions

/// Runtimes that do not come to ask for their first invocation.
@Suite(.timeLimit(.minutes(3)))
struct BadStartTests {
    @Test func deathInInitIsTheInvocationsError() async throws {
        try await TestHost.with { test in
            let function = try test.provided("os._exit(7)")
            let result = await test.invoke(function)
            #expect(result.json?["errorType"] == "Runtime.ExitError")
            let reason = "Runtime exited with error: exit status 7"
            #expect(result.json?["errorMessage"]?.stringValue == "RequestId: \(result.requestID) Error: \(reason)")
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
}
