import Core
import NIOCore
import Testing

@testable import Functions

/// Answers that come twice, half, late, too large or for nobody.
@Suite(.timeLimit(.minutes(3)))
struct BadAnswerTests {
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
                BadDayTests.misbehaveOnce
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
            let function = try test.provided(BadDayTests.misbehaveOnce + "    respond(request_id, b'x' * 6291556)")
            let result = await test.invoke(function, "large")
            #expect(result.payload.readableBytes == 6_291_556)
            #expect(result.outcome == .success)
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
