import Core
import Foundation
import HostTesting
import Testing

extension EndToEnd {
    /// Terraform's provider for AWS: it makes, reads again, changes and removes every serverless resource.
    ///
    /// The host is done with each when it answers. What takes longer are delays in the provider, which it waits out
    /// whatever the answer is: an attribute of a queue has to be read six times in 25 seconds, lifecycle rules ten times
    /// in 55, a function, its provisioned concurrency and an instance profile are looked at after 5 seconds, the end of a
    /// service-linked role after 10.
    @Suite(.enabled(if: Terraform.isInstalled, "terraform and its provider for AWS are not installed"))
    struct TerraformTests {
        @Test(.timeLimit(.minutes(15))) func `resources are made, read again, changed and removed`() async throws {
            let host = try TestHost([:])
            try await host.start()
            let terraform = try await Terraform(Self.configuration(for: host), host)

            let made = try await terraform("apply", "-auto-approve")
            #expect(made.exitCode == 0, "\(made.errors)")
            let again = try await terraform("plan", "-detailed-exitcode")
            #expect(again.changes == [], "\(again.errors)")
            #expect(again.exitCode == 0, "\(again.errors)")
            let endpoint = try await terraform.output("endpoint")
            let called = try HTTPConnection.send(
                "GET", port: host.port, String(endpoint.dropFirst("http://127.0.0.1:\(host.port)".count)))
            #expect(called.json == ["revision": 1, "layer": "shared"], "\(called.text)")

            let changed = try await terraform("apply", "-auto-approve", "-var=revision=2")
            #expect(changed.exitCode == 0, "\(changed.errors)")
            let afterwards = try await terraform("plan", "-detailed-exitcode", "-var=revision=2")
            #expect(afterwards.changes == [], "\(afterwards.errors)")
            #expect(afterwards.exitCode == 0, "\(afterwards.errors)")

            let removed = try await terraform("destroy", "-auto-approve", "-var=revision=2")
            #expect(removed.exitCode == 0, "\(removed.errors)")
            #expect(made.steps.count >= 92)
            #expect(removed.steps.count == made.steps.count)
            try Self.expectNothing(on: host)
            Self.report(made.steps + changed.steps + removed.steps)
            #expect(try await host.stop() == 0)
        }

        /// A copy of the configuration, with the packages that it names.
        private static func configuration(for host: TestHost) async throws -> String {
            let cases = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("Cases/terraform").path
            let copy = "\(host.directory.path)/terraform"
            try FileManager.default.copyItem(atPath: cases, toPath: copy)
            try Directory.create("\(copy)/python")
            try File.write(Array("NAME = 'shared'\n".utf8), to: "\(copy)/python/shared.py")
            var packages = [("layer.zip", "\(copy)/python")]
            for revision in 1...2 {
                let source = "\(host.directory.path)/\(revision)/app.py"
                try Directory.create("\(host.directory.path)/\(revision)")
                let code = """
                    import shared
                    def handler(event, context):
                        return {"revision": \(revision), "layer": shared.NAME}
                    """
                try File.write(Array(code.utf8), to: source)
                packages.append(("function-\(revision).zip", source))
            }
            for (package, source) in packages {
                let made = try await host.run(Tool.python, ["-m", "zipfile", "-c", "\(copy)/\(package)", source])
                guard made.exitCode == 0 else { throw TestFailure("zipfile: \(made.output)") }
            }
            return copy
        }

        /// Nothing is left of what was made.
        private static func expectNothing(on host: TestHost) throws {
            let lists: [(service: String, target: String, member: String)] = [
                ("sqs", "AmazonSQS.ListQueues", "QueueUrls"),
                ("states", "AWSStepFunctions.ListStateMachines", "stateMachines"),
                ("states", "AWSStepFunctions.ListActivities", "activities"),
                ("logs", "Logs_20140328.DescribeResourcePolicies", "resourcePolicies"),
                ("events", "AWSEvents.ListRules", "Rules"), ("events", "AWSEvents.ListArchives", "Archives"),
                ("events", "AWSEvents.ListConnections", "Connections"),
                ("events", "AWSEvents.ListApiDestinations", "ApiDestinations"),
            ]
            for list in lists {
                let answer = try host.aws(list.service, list.target, [:])
                #expect(answer.status == 200, "\(list.target): \(answer.text)")
                let left = answer.json[list.member]?.arrayValue ?? []
                #expect(left.isEmpty, "\(list.target): \(answer.text)")
            }
        }

        /// The seconds that every step took, the longest first.
        private static func report(_ steps: [(resource: String, action: String, seconds: Int64)]) {
            let lines = steps.sorted { ($1.seconds, $0.resource) < ($0.seconds, $1.resource) }.map { step in
                "\(step.seconds) s  \(step.action)  \(step.resource)"
            }
            print(lines.joined(separator: "\n"))
        }
    }
}
