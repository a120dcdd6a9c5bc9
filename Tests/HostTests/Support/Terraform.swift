import Core
import Foundation
import HostTesting

/// Terraform with the provider for AWS, on a copy of a configuration, against a host.
struct Terraform {
    /// A directory of providers: `$TERRAFORM_PLUGINS`, a place where Terraform itself looks, or one below `/opt`.
    private static let plugins: String? = {
        let home = NSHomeDirectory()
        let files = FileManager.default
        let below = ((try? files.contentsOfDirectory(atPath: "/opt")) ?? []).sorted().map { "/opt/\($0)" }
        let places =
            [ProcessInfo.processInfo.environment["TERRAFORM_PLUGINS"] ?? ""]
            + [
                "\(home)/.terraform.d/plugins", "\(home)/.local/share/terraform/plugins",
                "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins",
            ] + below
        return places.first { files.fileExists(atPath: "\($0)/registry.terraform.io/hashicorp/aws") }
    }()

    private static let tool = Tool("terraform")

    static let isInstalled = tool != nil && plugins != nil

    /// What one run of Terraform did.
    struct Run {
        var exitCode: Int32
        var messages: [JSON]

        /// Its errors, for people.
        var errors: String {
            messages.filter { $0["@level"] == "error" }.map { message in
                let detail = message["diagnostic"]?["detail"]?.stringValue ?? ""
                return "\(message["@message"]?.stringValue ?? "") \(detail)"
            }.joined(separator: "\n")
        }

        /// What was done and the seconds it took.
        var steps: [(resource: String, action: String, seconds: Int64)] {
            messages.filter { $0["type"] == "apply_complete" }.map { message in
                let hook = message["hook"]
                return (
                    hook?["resource"]?["addr"]?.stringValue ?? "", hook?["action"]?.stringValue ?? "",
                    hook?["elapsed_seconds"]?.intValue ?? 0
                )
            }
        }

        /// The planned change of every resource that changes.
        var changes: [String] {
            messages.filter { $0["type"] == "planned_change" }.map { message in
                let change = message["change"]
                return "\(change?["action"]?.stringValue ?? "") \(change?["resource"]?["addr"]?.stringValue ?? "")"
            }
        }
    }

    let host: TestHost
    private let settings: String
    private let directory: String

    /// - Parameter directory: holds the configuration, and what Terraform keeps afterwards.
    init(_ directory: String, _ host: TestHost) async throws {
        self.host = host
        self.directory = directory
        settings = "\(host.directory.path)/terraform.rc"
        let text = """
            disable_checkpoint = true
            provider_installation {
              filesystem_mirror {
                path = "\(Self.plugins ?? "")"
              }
            }
            """
        try File.write(Array(text.utf8), to: settings)
        let initialised = try await run(["init", "-input=false", "-no-color"])
        guard initialised.exitCode == 0 else { throw TestFailure("terraform init: \(initialised.output)") }
    }

    private func run(_ arguments: [String]) async throws -> (exitCode: Int32, output: String) {
        try await host.run(
            Self.tool, ["-chdir=\(directory)"] + arguments,
            environment: ["TF_CLI_CONFIG_FILE": settings, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"])
    }

    func callAsFunction(_ command: String, _ arguments: String...) async throws -> Run {
        let result = try await run([command, "-json", "-input=false", "-parallelism=30"] + arguments)
        let lines = result.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
        return Run(exitCode: result.exitCode, messages: lines)
    }

    /// An output of the configuration.
    func output(_ name: String) async throws -> String {
        let result = try await run(["output", "-raw", name])
        guard result.exitCode == 0 else { throw TestFailure("terraform output: \(result.output)") }
        return result.output
    }
}
