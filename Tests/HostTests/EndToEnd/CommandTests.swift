import Core
import HostTesting
import Metering
import Testing

extension EndToEnd {
    /// The commands against a running host, and without one: what they print, and the exit codes that scripts rely on.
    @Suite struct CommandTests {
        static let project =
            Samples.function(
                "hello", "#!/bin/sh\ncat > /dev/null\necho said >&2\nprintf '{\"hello\":\"world\"}'\n", timeout: 60)
            + Samples.function("echo", "#!/bin/sh\ncat\n", timeout: 60)
            + Samples.function("fails", "#!/bin/sh\necho no >&2\nexit 7\n", timeout: 60)
            + Samples.function("note", Samples.script(append: "$(field what)"), timeout: 60)
            + [
                "workflows/pass.asl.json":
                    #"{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"n":1},"End":true}}}"#,
                "workflows/quick.asl.json":
                    #"{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"n":2},"End":true}}}"#,
                "workflows/quick.workflow.yaml": "Type: EXPRESS\n",
                "workflows/fail.asl.json":
                    #"{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Refused","Cause":"no"}}}"#,
                "workflows/wait.asl.json":
                    #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":100000,"End":true}}}"#,
                "triggers/drop.yaml": "Type: S3\nProperties: {Bucket: inbox}\nTarget: {Function: hello}\n",
                "triggers/daily.yaml":
                    "Type: ScheduleV2\nProperties: {ScheduleExpression: cron(0 6 * * ? *)}\nTarget: {Function: hello}\n",
            ]

        @Test(.timeLimit(.minutes(5))) func `commands work against a running host`() async throws {
            let host = try TestHost(Self.project)
            try await host.start()
            try await invoke(host)
            try await executions(host)
            try await objects(host)
            try await triggersAndBill(host)
            try await budgets(host)
            try await host.stop()
        }

        private func invoke(_ host: TestHost) async throws {
            let hello = try await host.command("invoke", "hello", "{}")
            #expect(hello.exitCode == 0, "\(hello.errors)")
            #expect(hello.output == #"{"hello":"world"}"#)
            let piped = try await host.command(["invoke", "echo", "-"], input: #"{"a":[1,2]}"#)
            #expect(piped.output.contains(#"{"a":[1,2]}"#), "\(piped.errors)")
            let logged = try await host.command("invoke", "hello", "--log")
            #expect(logged.errors.contains("said"), "\(logged.errors)")
            #expect(logged.errors.contains("REPORT RequestId:"))
            let failed = try await host.command("invoke", "fails", "{}")
            #expect(failed.exitCode == 1)
            #expect(failed.output.contains("errorMessage"), "\(failed.output)")
            #expect(failed.errors.contains("millrace logs fails"))
            let missing = try await host.command("invoke", "nobody", "{}")
            #expect(missing.exitCode == 66)
            #expect(missing.errors.contains("ResourceNotFoundException"), "\(missing.errors)")
            let later = try await host.command("invoke", "note", #"{"what":"later"}"#, "--async")
            #expect(later.exitCode == 0, "\(later.errors)")
            let told = try await host.command("invoke", "hello", "--async", "--json")
            #expect(told.json == ["statusCode": 202], "\(told.output)")
            try await host.waitForEffect("later")
            #expect(try await host.command("invoke", "hello", "--file", "/nonexistent").exitCode == 66)
        }

        /// The objects that were put cost more than this budget has.
        private func budgets(_ host: TestHost) async throws {
            let wrong = try await host.command("budget", "set", "b", "nothing")
            #expect(wrong.exitCode == 64)
            #expect(wrong.errors.contains("amount: must be a decimal number"), "\(wrong.errors)")
            let unknown = try await host.command("budget", "set", "b", "1", "--service", "Lamda")
            #expect(unknown.exitCode == 64)
            #expect(unknown.errors.contains("nothing is billed as 'Lamda', only as API Gateway"), "\(unknown.errors)")
            let set = try await host.command("budget", "set", "b", "0.000001", "--throttle-at", "100")
            #expect(set.exitCode == 0, "\(set.errors)")
            try await eventually("the budget is used up") {
                let list = try await host.command("budget", "--json")
                return list.json["budgets"]?.arrayValue?.first?["isThrottling"] == true ? true : nil
            }
            let refused = try await host.command("invoke", "hello", "{}")
            #expect(refused.exitCode != 0)
            #expect(refused.errors.contains("TooManyRequestsException"), "\(refused.errors)")
            #expect(refused.errors.contains("The budget 'b' is used up"), "\(refused.errors)")
            let held = try await host.command("start", "pass")
            #expect(held.errors.contains("ThrottlingException"), "\(held.errors)")
            #expect(try await host.command("budget").output.contains("refuses new work"))
            #expect(try await host.command("budget", "remove", "b").exitCode == 0)
            #expect(try await host.command("budget", "remove", "b").errors.contains("There is no budget 'b'."))
            #expect(try await host.command("invoke", "hello", "{}").exitCode == 0)
        }

        private func executions(_ host: TestHost) async throws {
            let followed = try await host.command("start", "pass", "{}", "--follow", "--json")
            #expect(followed.exitCode == 0, "\(followed.errors)")
            #expect(followed.json["output"] == ["n": 1])
            let quick = try await host.command("start", "quick", "{}", "--follow", "--json")
            #expect(quick.json["output"] == ["n": 2], "\(quick.errors)")
            let express = try await host.command("start", "quick", "--json")
            let unkept = try await host.command(
                "executions", "show", try #require(express.json["executionArn"]?.stringValue))
            #expect(unkept.exitCode == 64)
            #expect(unkept.errors.contains("keeps no history"), "\(unkept.errors)")
            let failed = try await host.command("start", "fail", "--follow")
            #expect(failed.exitCode == 1)
            #expect(failed.output.contains("Refused: no"), "\(failed.output)")
            let named = try await host.command("start", "wait", "--name", "one", "--json")
            let arn = try #require(named.json["executionArn"]?.stringValue, "\(named.errors)")
            #expect(arn.hasSuffix(":execution:wait:one"))
            let running = try await host.command("executions", "list", "--status", "running", "--json")
            #expect(running.json.arrayValue?.map { $0["name"] } == ["one"])
            let shown = try await host.command("executions", "show", "wait/one")
            #expect(shown.output.contains("▸ W"), "\(shown.output)")
            #expect(try await host.command("executions", "stop", "wait/one", "--error", "Enough").exitCode == 0)
            let stopped = try await host.command("executions", "show", "wait/one", "--json")
            #expect(stopped.json["status"] == "ABORTED")
            #expect(stopped.json["error"] == "Enough")
            let unknown = try await host.command("executions", "show", "wait/two")
            #expect(unknown.exitCode == 66, "\(unknown.errors)")
            #expect(try await host.command("start", "nothing").exitCode == 66)
        }

        private func objects(_ host: TestHost) async throws {
            let put = try await host.command(["put", "-", "inbox/a/b.txt", "--json"], input: "content")
            #expect(put.json == ["bucket": "inbox", "key": "a/b.txt", "size": 7], "\(put.errors)")
            #expect(try await host.command("get", "inbox/a/b.txt").output == "content")
            #expect(try File.read("\(host.data)/buckets/inbox/a/b.txt") == Array("content".utf8))
            let listed = try await host.command("ls", "inbox", "--json")
            #expect(listed.json["prefixes"] == ["a/"], "\(listed.errors)")
            let deep = try await host.command("ls", "-r", "inbox")
            #expect(deep.output.contains("7 B") && deep.output.contains("a/b.txt"), "\(deep.output)")
            #expect(try await host.command("ls", "--json").json == ["inbox"])
            let none = try await host.command("get", "inbox/none")
            #expect(none.exitCode == 66)
            #expect(none.errors.contains("there is no object 'none' in the bucket 'inbox'"), "\(none.errors)")
            #expect(try await host.command("put", "-", "/").exitCode == 64)
        }

        private func triggersAndBill(_ host: TestHost) async throws {
            let list = try await host.command("triggers", "list", "--next", "2", "--json")
            let triggers = list.json["triggers"]?.arrayValue ?? []
            #expect(triggers.map { $0["name"] } == ["daily", "drop"])
            #expect(triggers.first?["next"]?.arrayValue?.count == 2)
            #expect(try await host.command("triggers").output.contains("cron(0 6 * * ? *) UTC"))
            let fired = try await host.command("triggers", "fire", "nothing")
            #expect(fired.exitCode == 66)
            #expect(fired.errors.contains("There is no trigger 'nothing', only: daily, drop."), "\(fired.errors)")
            #expect(try await host.command("triggers", "fire", "drop").errors.contains("no timer"))

            try await eventually("the bill holds the invocations") {
                try await host.command("bill", "--by", "function", "--csv").output.contains("function:hello,lambda")
            }
            let bill = try await host.command("bill", "--json")
            #expect(bill.json["currency"] == "USD")
            let wrong = try await host.command("bill", "--by", "moon")
            #expect(wrong.exitCode == 64)
            #expect(wrong.errors.contains("use service, function, workflow"), "\(wrong.errors)")
            let doctor = try await host.command("doctor", "--json")
            let check = doctor.json.arrayValue?.first { $0["check"] == "host" }
            #expect(check?["ok"] == true)
            // The version is that of the file's name, and never a version manager's shim.
            let python = doctor.json.arrayValue?.first { $0["check"] == "python3" }
            if python?["ok"] == true { #expect(python?["found"]?.stringValue?.hasPrefix("3.") == true) }
        }

        @Test(
            arguments: [
                (["invoke", "hello"], 69), (["triggers"], 69), (["bill", "--json"], 69), (["ls"], 69),
                (["plan", "/nonexistent"], 66), (["up", "/nonexistent"], 66), (["nonsense"], 64), (["invoke"], 64),
                (["logs", "--since", "soon"], 64), (["publish", "t", "m", "--attribute", "x"], 64), (["get", "/"], 64),
                (["up", "--port", "99999"], 64), (["up", "--port", "4580"], 64), (["up", "--webhook-port", "0"], 64),
                (["--version"], 0), (["--help"], 0), (["env"], 0), (["--generate-completion-script", "bash"], 0),
            ] as [([String], Int32)])
        func `exit codes without a host`(_ arguments: [String], _ code: Int32) async throws {
            let port = FreePort.pair().0
            let result = try await CommandResult.run(arguments, endpoint: "http://127.0.0.1:\(port)")
            #expect(result.exitCode == code, "\(result.output)\(result.errors)")
            if code == 69 { #expect(result.errors.contains("Start one with 'millrace up'")) }
        }

        @Test func `new functions, triggers and workflows are right from the start`() async throws {
            let host = try TestHost([:])
            for arguments in [
                ["function", "one", "--language", "python"], ["function", "two", "--language", "node"],
                ["function", "three", "--language", "shell"], ["function", "four", "--language", "c"],
                ["function", "five", "--language", "swift"],
                ["workflow", "flow"],
                ["trigger", "drop", "--type", "drop", "--function", "one"],
                ["trigger", "clock", "--type", "timer", "--workflow", "flow"],
                ["trigger", "hook", "--type", "webhook", "--function", "two"],
                ["trigger", "news", "--type", "topic", "--function", "three"],
                ["trigger", "shop", "--type", "event", "--function", "three"],
            ] {
                let result = try await CommandResult.run(
                    ["new"] + arguments + ["--directory", host.project], endpoint: nil)
                #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
            }
            let again = try await CommandResult.run(
                ["new", "function", "one", "--directory", host.project], endpoint: nil)
            #expect(again.exitCode == 1)
            #expect(again.errors.contains("functions/one/function.yaml exists already"))
            try await host.start()
            #expect(!host.log.contains("error:"), "\(host.log)")
            let triggers = try await host.command("triggers", "--json")
            #expect(triggers.json["triggers"]?.arrayValue?.count == 5)
            for name in ["three", "four"] {
                #expect(try await host.command("invoke", name).output == #"{"hello": "world"}"#)
            }
            #expect(try await host.command("invoke", "five", #"{"name":"Ada"}"#).output == #"{"hello":"Ada"}"#)
            try await host.stop()
        }

        @Test func `a price list that cannot be used is named`() async throws {
            let directory = try TemporaryDirectory("prices")
            let file = "\(directory.path)/mine.json"
            try File.write(Array("{}".utf8), to: file)
            let result = try await CommandResult.run(
                ["up", "--data", "\(directory.path)/data", "--prices", file, "--port", "\(FreePort.pair().0)"],
                endpoint: nil)
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("the price list \(file) cannot be used: format: must be 1"))
            // The built-in one is a beginning for one's own.
            let list = try await CommandResult.run(["bill", "--price-list"], endpoint: nil)
            #expect(try PriceBook(parsing: Array(list.output.utf8)) == .usEast1)
        }

        @Test func `the variables for AWS's tools are shell`() async throws {
            let result = try await CommandResult.run(["env"], endpoint: "http://127.0.0.1:4999/")
            #expect(result.output.contains("export AWS_ENDPOINT_URL='http://127.0.0.1:4999'\n"))
            let json = try await CommandResult.run(["env", "--json", "--region", "eu-west-1"], endpoint: nil)
            #expect(json.json["AWS_REGION"] == "eu-west-1")
        }
    }
}
