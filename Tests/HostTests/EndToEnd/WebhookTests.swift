import Core
import Testing

extension EndToEnd {
    @Suite struct WebhookTests {
        /// Answers with the body it got and tells in headers how it got it.
        static let echo = """
            #!/bin/sh
            IFS= read -r event
            \(Samples.field)
            encoded=false
            case $event in *'"isBase64Encoded":true'*) encoded=true ;; esac
            printf '{"statusCode":201,"headers":{"x-order":"%s","x-encoded":"%s","x-route":"%s"},"body":"%s","isBase64Encoded":%s}' \\
                "$(field order)" "$encoded" "$(field routeKey)" "$(field body)" "$encoded"
            """

        static func trigger(_ properties: String, _ function: String) -> String {
            "Type: HttpApi\nProperties: {\(properties)}\nTarget: {Function: \(function)}\n"
        }

        static let project =
            Samples.function("echo", echo, timeout: 60)
            + Samples.function("note", Samples.script(append: "$(field order)"), timeout: 60)
            + Samples.function("fails", "#!/bin/sh\necho broken >&2\nexit 3\n")
            + Samples.function(
                "slow",
                "#!/bin/sh\necho slow >> \"$EFFECTS\"\nread go < \"$EFFECTS.gate\"\necho '{\"statusCode\":200,\"body\":\"done\"}'\n",
                timeout: 60)
            + Samples.function(
                "late", "#!/bin/sh\nread go < \"$EFFECTS.gate\"\necho late >> \"$EFFECTS\"\n", timeout: 60)
            + [
                "triggers/late.yaml": trigger("Path: /late, Method: POST, TimeoutInMillis: 50", "late"),
                "triggers/echo.yaml": trigger("Path: '/orders/{order}', Method: POST", "echo"),
                "triggers/any.yaml": trigger("Path: '/files/{order+}', Method: ANY", "echo"),
                "triggers/queued.yaml": trigger("Path: '/queue/{order}', Method: POST, Mode: Queued", "note"),
                "triggers/small.yaml": trigger("Path: /small, Method: POST, MaxBodyBytes: 10", "echo"),
                "triggers/one.yaml": trigger("Path: /slow, Method: POST, MaxConcurrency: 1", "slow"),
                "triggers/fails.yaml": trigger("Path: /fails, Method: POST", "fails"),
                "triggers/signed.yaml": trigger(
                    "Path: /signed, Method: POST, Signature: {Scheme: github, Secret: hush}", "echo"),
            ]

        @Test(.timeLimit(.minutes(3))) func `requests reach functions and their answers come back`() async throws {
            let host = try TestHost(Self.project)
            try await host.start()
            try callFunctions(host)
            try refuse(host)
            try checkSignatures(host)
            try await limitConcurrency(host)

            let queued = try host.webhook("POST", "/queue/q-1", "later")
            #expect(queued.status == 202)
            try await host.waitForEffect("q-1")
            #expect(try await host.stop() == 0)
        }

        private func callFunctions(_ host: TestHost) throws {
            let reply = try host.webhook("POST", "/orders/a%20b", headers: ["Content-Type": "text/plain"], "text")
            #expect(reply.status == 201)
            #expect(reply["x-order"] == "a b")
            #expect(reply["x-route"] == "POST /orders/{order}")
            #expect(reply["x-encoded"] == "false")
            #expect(reply.text == "text")

            let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let binary = try host.webhook(
                "POST", "/orders/7", headers: ["Content-Type": "application/octet-stream"], bytes)
            #expect(binary["x-encoded"] == "true")
            #expect(binary.body == bytes)

            let rest = try host.webhook("PUT", "/files/a/b/c.txt", "x")
            #expect(rest["x-order"] == "a/b/c.txt")

            let failed = try host.webhook("POST", "/fails", "")
            #expect(failed.status == 500)
            #expect(failed.json["message"] == "Internal Server Error")
        }

        private func refuse(_ host: TestHost) throws {
            #expect(try host.webhook("POST", "/nothing", "").status == 404)
            #expect(try host.webhook("POST", "/orders/", "").status == 404)
            let method = try host.webhook("DELETE", "/orders/1", "")
            #expect(method.status == 405)
            #expect(method["Allow"] == "POST")
            #expect(try host.webhook("POST", "/small", "0123456789").status == 201)
            #expect(try host.webhook("POST", "/small", "0123456789a").status == 413)
            let huge = [UInt8](repeating: 65, count: 11 << 20)
            #expect(try host.webhook("POST", "/orders/1", huge).status == 413)
        }

        private func checkSignatures(_ host: TestHost) throws {
            let right = "sha256=" + hexadecimal(Digest.hmac(Array("body".utf8), key: Array("hush".utf8), .sha256))
            #expect(try host.webhook("POST", "/signed", headers: ["X-Hub-Signature-256": right], "body").status == 201)
            let wrong = try host.webhook("POST", "/signed", headers: ["X-Hub-Signature-256": right], "other")
            #expect(wrong.status == 401)
            #expect(wrong.text.contains("the signature does not match"))
            let none = try host.webhook("POST", "/signed", "body")
            #expect(none.status == 401)
            #expect(none.text.contains("the signature is missing"))
        }

        private func limitConcurrency(_ host: TestHost) async throws {
            let gate = try Gate("\(host.effects).gate")
            let first = try HTTPConnection(port: host.webhookPort)
            first.begin("POST", "/slow")
            try await host.waitForEffect("slow")
            let second = try host.webhook("POST", "/slow", "")
            #expect(second.status == 429)
            #expect(second["Retry-After"] == "1")
            try await gate.letOneGo()
            let done = try first.reply()
            #expect(done.status == 200)
            #expect(done.text == "done")
            // There is room again.
            first.begin("POST", "/slow")
            try await gate.letOneGo()
            #expect(try first.reply().status == 200)
            // What takes longer than its time goes on without its caller.
            let late = try host.webhook("POST", "/late", "")
            #expect(late.status == 503)
            #expect(late.json["message"] == "Service Unavailable")
            try await gate.letOneGo()
            try await host.waitForEffect("late")
        }
    }
}
