import Core
import HostTesting
import Testing

extension EndToEnd {
    /// `millrace logs` against log groups that were filled through the API.
    @Suite struct LogsCommandTests {
        @Test(.timeLimit(.minutes(5))) func `no group is left out, however many and however late`() async throws {
            let host = try TestHost([:])
            try await host.start()
            let now = SystemClock().now.milliseconds
            // More than a page of DescribeLogGroups.
            let names = (10..<70).map { "/jobs/\($0)" }
            for name in names { try put("line of \(name)", at: now, group: name, host) }
            let all = try await host.command("logs")
            for name in names { #expect(all.output.contains("line of \(name)\n"), "\(all.errors)") }

            let directory = try TemporaryDirectory("follow")
            let following = try ChildProcess(
                TestHost.program, ["logs", "-f"],
                environment: ["AWS_ENDPOINT_URL": "http://127.0.0.1:\(host.port)"], output: "\(directory.path)/lines")
            try await eventually("what is there is shown") { following.output.contains("line of /jobs/69\n") }
            // Whoever puts events gathers them for some seconds.
            try put("late", at: now - 5000, group: "/jobs/late", host)
            try await eventually("what comes late is shown") { following.output.contains(" late\n") }
            #expect(following.output.split(separator: "\n").count == names.count + 1)
            #expect(following.exitCode() == nil)
            try await host.stop()
        }

        @Test func `a group that is missing is named`() async throws {
            let host = try TestHost([:])
            try await host.start()
            let missing = try await host.command("logs", "nobody")
            #expect(missing.exitCode == 66)
            #expect(
                missing.errors
                    == "error: there is no log group '/aws/lambda/nobody': a function's is made when it first runs\n")
            try await host.stop()
        }

        private func put(_ message: String, at time: Int64, group: String, _ host: TestHost) throws {
            let place: JSONObject = ["logGroupName": .string(group), "logStreamName": "s"]
            var events = place
            events["logEvents"] = [["timestamp": .int(time), "message": .string(message)]]
            for (operation, input) in [
                ("CreateLogGroup", ["logGroupName": .string(group)]), ("CreateLogStream", place),
                ("PutLogEvents", events),
            ] {
                let reply = try host.aws("logs", "Logs_20140328.\(operation)", .object(input))
                #expect(reply.status == 200, "\(reply.text)")
            }
        }
    }
}
