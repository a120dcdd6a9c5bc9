import Core
import HostTesting
import Storage
import Testing
@testable import millrace

extension EndToEnd {
    /// `kill -9` in the middle of executions and deliveries, again and again.
    @Suite struct CrashTests {
        @Test(.timeLimit(.minutes(45))) func `kill -9 loses nothing that was acknowledged`() async throws {
            let scale = CrashScale.wanted
            let expected = try await undisturbed()
            let host = try TestHost(CrashProject.files)
            try await host.start()
            let (starts, events) = (CrashDriver(), CrashDriver())
            defer {
                starts.stop()
                events.stop()
            }
            // In step with each other, so that every kill meets some of both.
            let (deliveries, executions) = (scale.deliveries, scale.executions)
            starts.run(
                executions, port: host.port, when: { events.acknowledged * executions >= $0 * deliveries },
                // The same start is answered the same only while the execution runs.
                isRepeat: { $0.status == 400 && $0.text.contains("ExecutionAlreadyExists") }
            ) { connection, index in
                try connection.aws("states", "AWSStepFunctions.StartExecution", Self.start(index))
            }
            events.run(scale.deliveries, port: host.webhookPort) { connection, index in
                try connection.send("POST", "/events/e\(index)")
            }
            try await killAgainAndAgain(host, scale, starts, events)
            try await eventually("everything is acknowledged", within: scale.deadline) {
                starts.acknowledged + events.acknowledged + starts.failures.count + events.failures.count
                    == scale.executions + scale.deliveries
            }
            #expect(starts.failures == [])
            #expect(events.failures == [])

            try await checkExecutions(host, scale, expected)
            try await checkDeliveries(host, scale)
            #expect(try await host.stop(within: scale.deadline) == 0)
            try await CrashLedger(data: host.data).check()
        }

        static func start(_ index: Int) -> JSON {
            [
                "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:chain",
                "name": .string("x\(index)"), "input": .string("{\"n\":\(index % 10)}"),
            ]
        }

        /// The outputs of a host that nobody kills, by the input's number.
        private func undisturbed() async throws -> [Int: String] {
            let host = try TestHost(CrashProject.files)
            try await host.start()
            let connection = try HTTPConnection(port: host.port)
            for index in 0..<10 {
                let reply = try connection.aws("states", "AWSStepFunctions.StartExecution", Self.start(index))
                #expect(reply.status == 200, "\(reply.text)")
            }
            var outputs: [Int: String] = [:]
            for index in 0..<10 { outputs[index] = try await output(of: index, connection, within: 120) }
            #expect(Set(outputs.values).count > 5)
            try await host.stop()
            return outputs
        }

        /// Waits for an execution to succeed.
        private func output(of index: Int, _ connection: HTTPConnection, within seconds: Double) async throws -> String
        {
            let arn = "arn:aws:states:us-east-1:000000000000:execution:chain:x\(index)"
            return try await eventually("execution \(index) ends", within: seconds) {
                let reply = try connection.aws(
                    "states", "AWSStepFunctions.DescribeExecution", ["executionArn": .string(arn)])
                guard let status = reply.json["status"]?.stringValue, status != "RUNNING" else { return nil }
                guard status == "SUCCEEDED" else { throw TestFailure("execution \(index): \(reply.text)") }
                return reply.json["output"]?.stringValue
            }
        }

        /// Kills the host at points spread over the work, each at another instant of it.
        private func killAgainAndAgain(
            _ host: TestHost, _ scale: CrashScale, _ starts: CrashDriver, _ events: CrashDriver
        ) async throws {
            let total = scale.executions + scale.deliveries
            var (live, waiting): (Int64, Int) = (0, 0)
            for kill in 1...scale.kills {
                let point = total * kill / (scale.kills + 1)
                try await eventually("\(point) are acknowledged", within: scale.deadline) {
                    if let code = host.process?.exitCode() {
                        throw TestFailure("the host ended by itself with \(code): \(host.log)")
                    }
                    return starts.acknowledged + events.acknowledged >= point
                }
                let health = try HTTPConnection.send("GET", port: host.port, "/_millrace/health").json
                live += health["liveExecutions"]?.intValue ?? 0
                try await host.kill()
                let delivered = Set(host.effectLines.filter { $0.hasPrefix("delivered ") })
                waiting += max(0, events.acknowledged - delivered.count)
                try await host.start()
            }
            // Otherwise nothing was under way and the kills proved nothing. Deliveries are quick: a few kills may find
            // all of them done, while executions are under way for longer.
            #expect(live > 0 || waiting > 0)
        }

        private func checkExecutions(_ host: TestHost, _ scale: CrashScale, _ expected: [Int: String]) async throws {
            let connection = try HTTPConnection(port: host.port)
            for index in 0..<scale.executions {
                let output = try await output(of: index, connection, within: scale.deadline)
                #expect(output == expected[index % 10], "execution \(index)")
                try checkHistory(of: index, connection)
            }
            let effects = Set(host.effectLines)
            for index in 0..<scale.executions {
                for step in CrashProject.steps where !effects.contains("x\(index) \(step)") {
                    Issue.record("step \(step) of execution \(index) has had no effect")
                }
            }
        }

        /// Every step was scheduled once, succeeded once, and events are numbered without gaps.
        private func checkHistory(of index: Int, _ connection: HTTPConnection) throws {
            let arn = "arn:aws:states:us-east-1:000000000000:execution:chain:x\(index)"
            let reply = try connection.aws(
                "states", "AWSStepFunctions.GetExecutionHistory",
                ["executionArn": .string(arn), "maxResults": 1000])
            let events = reply.json["events"]?.arrayValue ?? []
            let numbers = events.compactMap { $0["id"]?.intValue }.map { Int($0) }
            #expect(numbers == Array(1..<events.count + 1))
            var counts: [String: Int] = [:]
            for event in events { counts[event["type"]?.stringValue ?? "", default: 0] += 1 }
            for type in ["TaskStateEntered", "TaskStateExited"] {
                #expect(counts[type] == CrashProject.steps.count, "\(type) of execution \(index)")
            }
            for type in ["LambdaFunctionScheduled", "LambdaFunctionSucceeded"] {
                #expect(counts[type] == CrashProject.steps.count, "\(type) of execution \(index)")
            }
            #expect(counts["ExecutionStarted"] == 1 && counts["ExecutionSucceeded"] == 1)
            let names = events.compactMap { $0["stateExitedEventDetails"]?["name"]?.stringValue }
            #expect(names.count == Set(names).count, "a state of execution \(index) was left twice")
        }

        private func checkDeliveries(_ host: TestHost, _ scale: CrashScale) async throws {
            try await eventually("every event is delivered", within: scale.deadline) {
                let delivered = Set(host.effectLines.filter { $0.hasPrefix("delivered ") })
                return delivered.count >= scale.deliveries
            }
            let delivered = Set(host.effectLines)
            for index in 0..<scale.deliveries where !delivered.contains("delivered e\(index)") {
                Issue.record("event \(index) was acknowledged and never delivered")
            }
        }
    }
}

/// The ledger of a host that has been stopped, against the reports in its logs.
struct CrashLedger {
    let data: String

    func check() async throws {
        let database = try await MillraceHost(HostSettings(dataDirectory: data)).database
        let reports = try await database.read { transaction in
            try transaction.query(
                """
                SELECT g.name, e.message FROM logs_events e JOIN logs_groups g ON g.id = e.group_id
                WHERE e.message LIKE 'REPORT RequestId%'
                """
            ).map { (try $0.text(0), try $0.text(1)) }
        }
        var requests: [String: Int64] = [:]
        var durations: [String: Int64] = [:]
        for (group, message) in reports {
            let function = String(group.split(separator: "/").last ?? "")
            requests[function, default: 0] += 1
            durations[function, default: 0] +=
                try Self.number("Billed Duration: ", message)
                * Self.number("Memory Size: ", message)
        }
        let entries = try await database.read { transaction in
            try transaction.query(
                """
                SELECT s.resource, s.metric, SUM(d.quantity) FROM meter_daily d JOIN meter_series s ON s.id = d.series
                GROUP BY s.resource, s.metric
                """
            ).map { (try $0.text(0), try $0.text(1), try $0.int64(2)) }
        }
        await database.close()
        var ledger: [String: [String: Int64]] = [:]
        for (resource, metric, quantity) in entries where resource.contains(":function:") {
            ledger[metric, default: [:]][String(resource.split(separator: ":").last ?? ""), default: 0] += quantity
        }
        #expect(reports.count > 0)
        #expect(ledger["lambda.requests"] == requests)
        #expect(ledger["lambda.duration.x86_64"] == durations)
    }

    private static func number(_ label: String, _ message: String) throws -> Int64 {
        var rest = message[...]
        while !rest.isEmpty, !rest.hasPrefix(label) { rest = rest.dropFirst() }
        let digits = rest.dropFirst(label.count).prefix { $0.isNumber }
        guard let number = Int64(digits) else { throw TestFailure("no '\(label)' in: \(message)") }
        return number
    }
}
