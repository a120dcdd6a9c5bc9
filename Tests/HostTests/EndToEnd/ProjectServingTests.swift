import Core
import Testing

extension EndToEnd {
    @Suite struct ProjectServingTests {
        static func answer(_ text: String) -> String {
            "#!/bin/sh\ncat > /dev/null\nprintf '{\"statusCode\":200,\"body\":\"\(text)\"}'\n"
        }

        static func hook(_ path: String) -> String {
            "Events: {Hook: {Type: HttpApi, Properties: {Path: \(path), Method: POST}}}"
        }

        /// A file with a mistake, and what is said of it.
        static let mistakes: [(file: String, text: String, said: String)] = [
            (
                "functions/hello/function.yaml", "Runtime: exec\nHandler: run.sh\nTimeout: 9000\n",
                "functions/hello/function.yaml:3:10: Timeout: '9000' does not fit. Write a whole number of seconds from 1 to 900."
            ),
            (
                "functions/hello/function.yaml", "Runtime: exec\nHandler: run.sh\nTimeot: 9\n",
                "functions/hello/function.yaml:3:1: Timeot: this property is not known. Did you mean 'Timeout'?"
            ),
            (
                "functions/hello/function.yaml", "Runtime: cobol85\nHandler: run.sh\n",
                "functions/hello/function.yaml:1:10: Runtime: \"cobol85\" is not known: use "
            ),
            (
                "functions/hello/function.yaml", "Runtime: exec\nHandler: gone.sh\n",
                "functions/hello/function.yaml:2:10: Handler: "
            ),
            ("functions/hello/function.yaml", "Runtime: [exec\n", "functions/hello/function.yaml:2:1"),
            (
                "workflows/flow.asl.json",
                "{\n  \"StartAt\": \"A\",\n  \"States\": {\n    \"A\": { \"Type\": \"Pass\", \"Next\": \"B\" }\n  }\n}\n",
                "workflows/flow.asl.json:4:28: /States/A/Next: "
            ),
            ("workflows/flow.asl.json", "{\n  \"StartAt\": \"A\",\n", "workflows/flow.asl.json:3:1: "),
            ("workflows/flow.asl.json", "{\n  \"StartAt\" \"A\" }\n", "workflows/flow.asl.json:2:13: "),
            (
                "triggers/t.yaml",
                "Type: ScheduleV2\nProperties: {ScheduleExpression: rate(0 minutes)}\nTarget: {Function: hello}\n",
                "triggers/t.yaml:2:34: Properties.ScheduleExpression: "
            ),
            (
                "triggers/t.yaml",
                "Type: EventBridgeRule\nProperties: {Pattern: {source: shop}}\nTarget: {Function: hello}\n",
                "triggers/t.yaml:2:23: Properties.Pattern: "
            ),
            (
                "workflows/flow.asl.yaml", "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n",
                "workflows/flow.asl.yaml:5:5: /States/A/Next: "
            ),
            (
                "triggers/t.yaml", "Type: S3\nProperties: {Bucket: In_Box}\nTarget: {Function: hello}\n",
                "triggers/t.yaml:2:22: Properties.Bucket: 'In_Box' cannot be the name of a bucket."
            ),
            (
                "triggers/t.yaml", "Type: SNS\nProperties: {Topic: news}\nTarget: {Function: nobody}\n",
                "there is no function 'nobody'. There are: hello."
            ),
        ]

        @Test(.timeLimit(.minutes(5))) func `mistakes are named and what runs goes on`() async throws {
            let good =
                Samples.function("hello", Self.answer("one"), timeout: 60, events: Self.hook("/hello"))
            let host = try TestHost(good)
            try await host.start()
            for mistake in Self.mistakes {
                try host.write(mistake.file, mistake.text)
                let plan = try await host.command("plan", host.project)
                #expect(plan.exitCode == 65, "\(mistake.said): \(plan.output)\(plan.errors)")
                #expect(plan.errors.contains(mistake.said), "\(plan.errors)")
                let json = try await host.command("plan", host.project, "--json")
                #expect(json.exitCode == 65)
                #expect(json.json["problems"]?.arrayValue?.isEmpty == false)
                if let text = good[mistake.file] {
                    try host.write(mistake.file, text)
                } else {
                    // Whatever it says, nobody may go on with it.
                    try host.remove(mistake.file)
                }
            }
            // The host itself reads the files again and says the same.
            try host.write(Self.mistakes[0].file, Self.mistakes[0].text)
            try await eventually("the host reports the mistake") { host.log.contains(Self.mistakes[0].said) }
            #expect(try host.webhook("POST", "/hello", "").text == "one")
            try await host.stop()
        }

        @Test(.timeLimit(.minutes(3))) func `a project with mistakes does not keep the host from starting`()
            async throws
        {
            let host = try TestHost(["functions/f/function.yaml": "Runtime: exec\n"])
            try await host.start()
            #expect(host.log.contains("functions/f/function.yaml:1:1: Handler: is missing."))
            // Mended, it is served without a restart.
            for (name, text) in Samples.function("f", Self.answer("mended"), timeout: 60, events: Self.hook("/f")) {
                try host.write(name, text)
            }
            try await eventually("the mended project is served") { try host.webhook("POST", "/f", "").text == "mended" }
            try await host.stop()
        }

        @Test(.timeLimit(.minutes(3))) func `a change is served without dropping work in flight`() async throws {
            let slow = """
                #!/bin/sh
                cat > /dev/null
                echo slow >> "$EFFECTS"
                read go < "$EFFECTS.gate"
                printf '{"statusCode":200,"body":"old"}'
                """
            let host = try TestHost(
                Samples.function("task", slow, timeout: 60, events: Self.hook("/task"))
                    + Samples.function("gone", Self.answer("gone"), timeout: 60, events: Self.hook("/gone")))
            try await host.start()
            let gate = try Gate("\(host.effects).gate")
            let flight = try HTTPConnection(port: host.webhookPort)
            flight.begin("POST", "/task")
            try await host.waitForEffect("slow")

            try host.write("functions/task/run.sh", Self.answer("new"))
            try host.remove("functions/gone/function.yaml")
            try host.remove("functions/gone/run.sh")
            try host.remove("functions/gone")
            let plan = try await host.command("plan", host.project, "--json")
            #expect(plan.exitCode == 0, "\(plan.errors)")
            try await eventually("the new version answers: \(host.log)") {
                try host.webhook("POST", "/gone", "").status == 404
            }
            #expect(try host.webhook("POST", "/task", "").text == "new")
            try await gate.letOneGo()
            #expect(try flight.reply().text == "old")

            let settled = try await host.command("plan", host.project)
            #expect(settled.output == "Nothing changes.\n", "\(settled.errors)")
            try await host.stop()
            // The same project again: nothing to create, and it is served.
            try await host.start()
            #expect(!host.log.contains("+ function"))
            #expect(try host.webhook("POST", "/task", "").text == "new")
            try await host.stop()
        }

        @Test(.timeLimit(.minutes(3))) func `warm instances start anew when their code changes`() async throws {
            func code(_ text: String) -> String { "def handler(event, context):\n    return '\(text)'\n" }
            let manifest = "Runtime: python3.11\nHandler: app.handler\nTimeout: 60\n"
            let host = try TestHost(["functions/warm/function.yaml": manifest, "functions/warm/app.py": code("old")])
            try await host.start()
            #expect(try await host.command("invoke", "warm").output == "\"old\"")
            // Nothing else is another: neither the manifest, nor the directory.
            try host.write("functions/warm/app.py", code("newer"))
            try await eventually("the new code answers: \(host.log)") {
                try await host.command("invoke", "warm").output == "\"newer\""
            }
            // Prestarted where the manifest asks for it.
            let provisioned = "ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 2}\n"
            try host.write("functions/warm/function.yaml", manifest + provisioned)
            try await eventually("two instances are ready") {
                try Self.provisioned(host).first?["AvailableProvisionedConcurrentExecutions"]?.intValue == 2
            }
            try host.write("functions/warm/function.yaml", manifest)
            try await eventually("none is kept ready any longer") {
                try Self.provisioned(host).isEmpty
            }
            try await host.stop()
        }

        private static func provisioned(_ host: TestHost) throws -> [JSON] {
            let path = "/2019-09-30/functions/warm/provisioned-concurrency?List=ALL"
            let answer = try HTTPConnection.send("GET", port: host.port, path).json
            return try #require(answer["ProvisionedConcurrencyConfigs"]?.arrayValue)
        }
    }
}
