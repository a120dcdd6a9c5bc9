import Core
import Foundation
import HostTesting
import Testing

extension EndToEnd {
    /// The repository's sample does and costs the same whichever way it is created.
    @Suite struct SampleTests {
        static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path

        @Test(.timeLimit(.minutes(5))) func `from the project's directory`() async throws {
            let host = try TestHost([:])
            for folder in ["functions", "triggers", "workflows"] {
                try Self.copy(folder, to: "\(host.project)/\(folder)")
            }
            try await host.start(within: 240)
            // A webhook is billed as an HTTP API.
            try await expectReports(on: host, webhooks: 1)
            try await host.stop()
        }

        @Test(.timeLimit(.minutes(5)), .enabled(if: Tool.hasBoto, "boto3 is not installed"))
        func `by a script with boto3`() async throws {
            let host = try TestHost([:])
            try await host.start()
            let packages = try await packages(for: host)
            let created = try await host.run(Tool.python, ["\(Self.root)/samples/boto3/create_flow.py", packages])
            #expect(created.exitCode == 0, "\(created.output)")
            try await confirmation(on: host)
            try await expectReports(on: host)
            try await host.stop()
        }

        @Test(
            .timeLimit(.minutes(5)),
            .enabled(if: Terraform.isInstalled, "terraform and its provider for AWS are not installed"))
        func `by a configuration of Terraform`() async throws {
            let host = try TestHost([:])
            try await host.start()
            let packages = try await packages(for: host)
            let copy = "\(host.directory.path)/copy"
            try Directory.create("\(copy)/samples")
            try Self.copy("samples/terraform", to: "\(copy)/samples/terraform")
            try Self.copy("workflows", to: "\(copy)/workflows")
            let terraform = try await Terraform("\(copy)/samples/terraform", host)
            let made = try await terraform("apply", "-auto-approve", "-var=packages=\(packages)")
            #expect(made.exitCode == 0, "\(made.errors)")
            try await confirmation(on: host)
            try await expectReports(on: host)
            let again = try await terraform("plan", "-detailed-exitcode", "-var=packages=\(packages)")
            #expect(again.changes == [], "\(again.errors)")
            let removed = try await terraform("destroy", "-auto-approve", "-var=packages=\(packages)")
            #expect(removed.exitCode == 0, "\(removed.errors)")
            #expect(removed.steps.count == made.steps.count)
            try await host.stop()
        }

        // MARK: Creating it

        private static func copy(_ name: String, to path: String) throws {
            try FileManager.default.copyItem(atPath: "\(root)/\(name)", toPath: path)
        }

        private func packages(for host: TestHost) async throws -> String {
            let directory = "\(host.directory.path)/packages"
            let made = try await host.run(Tool("python3"), ["\(Self.root)/samples/package", directory])
            guard made.exitCode == 0 else { throw TestFailure("samples/package: \(made.output)") }
            return directory
        }

        /// The function confirms that it wants what the topic sends, in an invocation of its own.
        private func confirmation(on host: TestHost) async throws {
            try await eventually("the subscription is confirmed") {
                let list = try HTTPConnection.send(
                    "POST", port: host.port, "/",
                    headers: ["Content-Type": "application/x-www-form-urlencoded"],
                    Array("Action=ListSubscriptions&Version=2010-03-31".utf8))
                return list.text.contains("<Endpoint>") && !list.text.contains("PendingConfirmation")
            }
            try await eventually("the confirmation is billed") {
                try await quantities(host)["lambda.requests"] == 1
            }
        }

        // MARK: What it does and costs

        /// Drops a good and a bad day: both are reported on, one raises an alert, and each act is billed.
        private func expectReports(on host: TestHost, webhooks: Int = 0) async throws {
            let bucket = "\(host.data)/buckets/flights"
            let before = try await quantities(host)
            try Directory.create(bucket)
            try File.write(Self.day(late: 1), to: "\(bucket)/2013-01-01.csv")
            try File.write(Self.day(late: 15), to: "\(bucket)/2013-01-02.csv")
            let reports = "\(bucket)/reports"
            try await eventually("both days are reported on and one is bad; \(host.log)", within: 120) {
                Self.files(in: "\(reports)/days").count == 2 && Self.files(in: "\(reports)/alerts").count == 1
            }
            let good = try Self.document("\(reports)/days/2013-01-01.json")
            #expect(good["grade"] == "good")
            #expect(good["flights"] == 60)
            #expect(good["late"] == 3)
            #expect(try Self.document("\(reports)/days/2013-01-02.json")["grade"] == "bad")
            let alert = try Self.document("\(reports)/alerts/\(Self.files(in: "\(reports)/alerts")[0])")
            let message = try JSON(parsing: alert["body"]?.stringValue ?? "")["Message"]?.stringValue
            #expect(try JSON(parsing: message ?? "")["day"] == "2013-01-02")

            let asked = try await host.command(
                "invoke", "daily-report", #"{"bucket": "flights", "prefix": "reports/days/"}"#)
            #expect(asked.exitCode == 0, "\(asked.output) \(asked.errors)")
            let report = try String(decoding: File.read("\(reports)/report.md"), as: UTF8.self)
            #expect(report.contains("| 2013-01-01 | 60 | 0 | 3 | 5.0 % | good |"), "\(report)")

            let expected = Self.bill.merging(webhooks > 0 ? ["apigateway.http-requests": "\(webhooks)"] : [:]) { $1 }
            var billed: [String: String] = [:]
            _ = try? await eventually("all of it is billed, once", within: 30) {
                billed = try await quantities(host).filter { Self.isCounted($0.key) }
                    .reduce(into: [:]) { result, line in
                        let quantity = line.value - (before[line.key] ?? 0)
                        if quantity > 0 { result[line.key] = "\(Int(quantity))" }
                    }
                return billed == expected ? true : nil
            }
            #expect(billed == expected)
        }

        /// Two days of three carriers: what is read are the days and the reports on them; listing them costs as much as
        /// writing does.
        private static let bill = [
            "lambda.requests": "12", "states.transitions": "28", "sns.requests": "2", "sns.http-deliveries": "1",
            "s3.read-requests": "4", "s3.write-requests": "5",
        ]

        /// Times, sizes and storage differ from run to run.
        private static func isCounted(_ metric: String) -> Bool {
            metric.hasSuffix("requests") || metric.hasSuffix("deliveries") || metric.hasSuffix("transitions")
        }

        private func quantities(_ host: TestHost) async throws -> [String: Double] {
            let bill = try await host.command("bill", "--json")
            let lines = (bill.json["lines"]?.arrayValue ?? []).compactMap { line -> (String, Double)? in
                guard let metric = line["metric"]?.stringValue,
                    let quantity = line["quantity"]?.doubleValue ?? line["quantity"]?.stringValue.flatMap(Double.init)
                else { return nil }
                return (metric, quantity)
            }
            return Dictionary(lines) { $0 + $1 }
        }

        /// Twenty flights of each of three carriers, so many of them an hour late.
        private static func day(late: Int) -> [UInt8] {
            var text = "year,month,day,dep_delay,arr_delay,carrier,dest\n"
            for carrier in ["AA", "DL", "UA"] {
                for flight in 0..<20 {
                    let minutes = flight < late ? 60 : 2
                    text += "2013,1,1,\(minutes),\(minutes),\(carrier),LAX\n"
                }
            }
            return Array(text.utf8)
        }

        private static func files(in directory: String) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0.hasSuffix(".json") }
        }

        private static func document(_ path: String) throws -> JSON { try JSON(parsing: File.read(path)) }
    }
}
