import Glibc
import Core
import HostTesting
import NIOCore
import Testing

@testable import Functions

/// What a runtime sees of the Runtime API and the Extensions API, observed from inside a process.
@Suite(.timeLimit(.minutes(2)))
struct RuntimeAPITests {
    @Test func nextCarriesTheContext() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                import json
                status, headers, body = exchange("GET", RUNTIME + "invocation/next")
                fields = {k.lower(): v for k, v in headers.items() if k.startswith("Lambda")}
                # In the time in which the process lives, not in the host's.
                left = int(fields["lambda-runtime-deadline-ms"]) - time.time() * 1000
                fields["lambda-runtime-deadline-ms"] = 0 < left <= 7000
                respond(headers["Lambda-Runtime-Aws-Request-Id"], json.dumps(fields).encode())
                next_invocation()
                """
            ) { $0.timeoutSeconds = 7 }
            let context = InvocationContext(
                requestID: "3f1c9a52-0000-4000-8000-000000000001", clientContext: #"{"custom":{"a":1}}"#,
                cognitoIdentity: #"{"cognitoIdentityId":"i"}"#, traceHeader: "Root=1-2-3", tenantID: "tenant\r\nX: y")
            let result = await test.host.invoke(function, payload: ByteBuffer(string: "{}"), context: context)
            #expect(
                result.json == [
                    "lambda-runtime-aws-request-id": "3f1c9a52-0000-4000-8000-000000000001",
                    "lambda-runtime-deadline-ms": true,
                    "lambda-runtime-invoked-function-arn":
                        "arn:aws:lambda:us-east-1:000000000000:function:provided-function",
                    "lambda-runtime-client-context": #"{"custom":{"a":1}}"#,
                    "lambda-runtime-cognito-identity": #"{"cognitoIdentityId":"i"}"#,
                    "lambda-runtime-trace-id": "Root=1-2-3",
                ], "a field with a line break must not be passed on: \(result.outcome) \(result.text)")
        }
    }

    /// What an invocation's error says of itself, in its body and beside it.
    @Test(arguments: [
        (#"{"errorType":"Own"}"#, "Header", "Own"), (#"{"errorMessage":"m"}"#, "Header", "Header"),
        (#"{"errorType":"two\nlines"}"#, "Header", "Header"), ("", "", "Runtime.Unknown"),
        ("no JSON", "", "Runtime.Unknown"),
    ])
    func errorsAreNamedAsTheyNameThemselves(_ body: String, _ header: String, _ type: String) async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                import json
                while True:
                    request_id, event = next_invocation()
                    body, header = json.loads(event)
                    headers = {"Lambda-Runtime-Function-Error-Type": header} if header else {}
                    exchange("POST", RUNTIME + "invocation/" + request_id + "/error", body.encode(), headers)
                """)
            #expect(await test.invoke(function, [.string(body), .string(header)]).errorType == type)
        }
    }

    @Test func unknownPathsMethodsAndGarbage() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                import json, socket
                seen = []
                for method, path in (("GET", "/nothing"), ("DELETE", RUNTIME + "invocation/next"),
                                     ("POST", RUNTIME + "invocation/x/other"), ("GET", "/2018-06-01/ping"),
                                     ("PUT", "/2022-07-01/telemetry"), ("PUT", "/2020-08-15/logs")):
                    status, headers, body = exchange(method, path)
                    seen.append([status, body.decode()])
                host, port = HOST.split(":")
                raw = socket.create_connection((host, int(port)))
                raw.sendall(b"\\x16\\x03\\x01 what is this\\r\\n\\r\\n")
                answer = b""
                while True:
                    part = raw.recv(4096)
                    if not part: break
                    answer += part
                seen.append([int(answer.split()[1]), answer.split(b"\\r\\n\\r\\n", 1)[1].decode()])
                request_id, body = next_invocation()
                respond(request_id, json.dumps(seen).encode())
                next_invocation()
                """)
            let seen = try #require(await test.invoke(function).json?.arrayValue)
            #expect(seen.map { $0[0] } == [404, 405, 404, 200, 202, 202, 400])
            #expect(seen[3][1] == "pong")
            #expect(seen[4][1]?.stringValue?.contains("Telemetry.NotSupported") == true)
            #expect(seen[6][1]?.stringValue?.contains("this is not an HTTP/1.1 request") == true)
        }
    }

    @Test func streamedAnswerThatFailsHalfWay() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                import base64, socket
                request_id, body = next_invocation()
                error = base64.b64encode(b'{"errorType":"Late","errorMessage":"half-way"}').decode()
                connection.sock.sendall(("POST " + RUNTIME + "invocation/" + request_id + "/response HTTP/1.1\\r\\n"
                    "Lambda-Runtime-Function-Response-Mode: streaming\\r\\nContent-Type: text/plain\\r\\n"
                    "Transfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n"
                    "Lambda-Runtime-Function-Error-Type: Late\\r\\n"
                    "Lambda-Runtime-Function-Error-Body: " + error + "\\r\\n\\r\\n").encode())
                time.sleep(60)
                """)
            let streamed = test.host.invokeStreaming(
                function, payload: ByteBuffer(string: "{}"), context: test.host.makeContext())
            var text = ""
            for await part in streamed.parts { text += String(buffer: part) }
            let result = await streamed.result()
            #expect(text == "hello")
            #expect(result.errorType == "Late")
            #expect(result.json?["errorMessage"] == "half-way")
        }
    }

    @Test func streamedAnswerCutOffByDeath() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                request_id, body = next_invocation()
                connection.sock.sendall(("POST " + RUNTIME + "invocation/" + request_id + "/response HTTP/1.1\\r\\n"
                    "Lambda-Runtime-Function-Response-Mode: streaming\\r\\n"
                    "Transfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n").encode())
                os._exit(1)
                """)
            let result = await test.invoke(function)
            #expect(result.errorType == "Runtime.TruncatedResponse")
        }
    }

    @Test func extensionsFromLayersAreStartedAndTold() async throws {
        try await TestHost.with { test in
            let python = try #require(TestHost.interpreters.python.first?.path)
            let program = """
                #!\(python)
                import http.client, json, os
                connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
                def call(method, path, body=None, headers={}):
                    connection.request(method, "/2020-01-01/extension/" + path, body, headers)
                    response = connection.getresponse()
                    return response, response.read().decode()
                response, text = call("GET", "event/next")
                print("unregistered", response.status, text, flush=True)
                response, text = call("POST", "register", json.dumps({"events": ["INVOKE", "SHUTDOWN"]}),
                    {"Lambda-Extension-Name": "watcher", "Lambda-Extension-Accept-Feature": "accountId"})
                print("registered", text, flush=True)
                identity = {"Lambda-Extension-Identifier": response.getheader("Lambda-Extension-Identifier")}
                while True:
                    response, text = call("GET", "event/next", None, identity)
                    print("event", text, flush=True)
                    if json.loads(text)["eventType"] == "SHUTDOWN": break
                """
            let layer = try test.writeCode(
                "layer", [TestHost.File(path: "extensions/watcher", text: program, isExecutable: true)])
            let function = try test.provided(
                "while True:\n    request_id, body = next_invocation()\n    respond(request_id, body)"
            ) { $0.layers = [layer] }
            let result = await test.invoke(function, 1)
            #expect(result.text == "1", "\(test.log.text)")
            await test.host.drain()
            let log = test.log.text
            #expect(log.contains("unregistered 403"))
            #expect(log.contains("Extension.MissingExtensionIdentifier"))
            #expect(log.contains(#"registered {"functionName":"provided-function","functionVersion":"$LATEST","#))
            #expect(log.contains(#""accountId":"000000000000""#))
            #expect(log.contains(#"event {"eventType":"INVOKE""#))
            #expect(log.contains(#""requestId":"\#(result.requestID)""#))
            #expect(log.contains(#"event {"eventType":"SHUTDOWN""#))
        }
    }

    /// Until the extension asks for what comes next, the next invocation goes elsewhere, and it has no more time for that
    /// than the function.
    @Test(.timeLimit(.minutes(1)), arguments: [(1, "time.sleep(600)", 2), (60, "time.sleep(0.2)", 1)])
    func extensionsHoldTheirInstance(timeout: Int, work: String, instances: Int) async throws {
        try await TestHost.with { test in
            let python = try #require(TestHost.interpreters.python.first?.path)
            let program = """
                #!\(python)
                import http.client, json, os, time
                def call(method, path, body=None, headers={}):
                    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
                    connection.request(method, "/2020-01-01/extension/" + path, body, headers)
                    return connection.getresponse()
                response = call("POST", "register", '{"events": ["INVOKE"]}', {"Lambda-Extension-Name": "flushes"})
                identity = {"Lambda-Extension-Identifier": response.getheader("Lambda-Extension-Identifier")}
                while True:
                    call("GET", "event/next", None, identity).read()
                    \(work)
                """
            let layer = try test.writeCode(
                "layer", [TestHost.File(path: "extensions/flushes", text: program, isExecutable: true)])
            let function = try test.provided(
                "while True:\n    request_id, body = next_invocation()\n    respond(request_id, str(os.getpid()))"
            ) {
                $0.layers = [layer]
                $0.timeoutSeconds = timeout
            }
            // The caller does not wait for extensions.
            let first = await test.invoke(function, 1)
            #expect(first.outcome == .success, "\(test.log.text)")
            #expect(test.host.statistics(of: function)?.idleInstances == 0)
            if instances == 1 {
                while test.host.statistics(of: function)?.idleInstances == 0 { usleep(10_000) }
            }
            let second = await test.invoke(function, 2)
            #expect((first.text == second.text) == (instances == 1))
            // Those that never ask again end with the function's time.
            if instances == 2 {
                while test.host.statistics(of: function)?.instances != 0 { usleep(10_000) }
            }
        }
    }

    @Test(arguments: ["[]", #"["SHUTDOWN"]"#])
    func extensionsThatStayAreEnded(_ events: String) async throws {
        try await TestHost.with(limits: FunctionHostLimits(shutdownMilliseconds: 50)) { test in
            let python = try #require(TestHost.interpreters.python.first?.path)
            let marker = "stays-\(UUIDText.random(using: SystemRandomSource()))"
            let program = """
                #!\(python)
                import http.client, json, os, sys, time
                if len(sys.argv) == 1: os.execv(__file__, [__file__, "\(marker)"])
                def call(method, path, body=None, headers={}):
                    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
                    connection.request(method, "/2020-01-01/extension/" + path, body, headers)
                    return connection.getresponse()
                response = call("POST", "register", '{"events": \(events)}', {"Lambda-Extension-Name": "stays"})
                identity = {"Lambda-Extension-Identifier": response.getheader("Lambda-Extension-Identifier")}
                print("told", call("GET", "event/next", None, identity).read().decode(), flush=True)
                time.sleep(600)
                """
            let layer = try test.writeCode(
                "layer", [TestHost.File(path: "extensions/stays", text: program, isExecutable: true)])
            let function = try test.provided(
                "while True:\n    request_id, body = next_invocation()\n    respond(request_id, body)"
            ) { $0.layers = [layer] }
            #expect(await test.invoke(function, 1).text == "1", "\(test.log.text)")
            #expect(processes(withArgument: marker) == 1)
            await test.host.drain()
            #expect(allEnd(withArgument: marker))
        }
    }

    @Test func extensionThatDiesTakesTheInstanceWithIt() async throws {
        try await TestHost.with { test in
            let layer = try test.writeCode(
                "layer", [TestHost.File(path: "extensions/bad", text: "#!/bin/sh\nexit 3\n", isExecutable: true)])
            let function = try test.provided("next_invocation()") { $0.layers = [layer] }
            let result = await test.invoke(function)
            #expect(result.errorType == "Extension.Crash")
            #expect(result.json?["errorMessage"]?.stringValue?.contains("bad: exit status 3") == true)
        }
    }
}
