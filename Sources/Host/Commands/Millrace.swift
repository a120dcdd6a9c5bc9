import ArgumentParser
import Glibc

/// The program: one host, and the commands that are its clients.
@main
struct Millrace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millrace",
        abstract: "A serverless function host on your own machine that speaks AWS's protocols.",
        discussion: """
            Start a host on a project directory with 'millrace up', then use any of the other commands, the aws \
            command, boto3 or Terraform against it ('eval $(millrace env)' points them there).
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(name: "Run", subcommands: [Up.self, Plan.self, Env.self, Doctor.self, New.self]),
            CommandGroup(
                name: "Use", subcommands: [Invoke.self, Start.self, Publish.self, Put.self, Get.self, List.self]),
            CommandGroup(
                name: "Watch", subcommands: [Logs.self, Executions.self, Triggers.self, Bill.self, Budgets.self]),
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            end(EXIT_SUCCESS)
        } catch let failure as CommandFailure {
            Output.fail(failure.description)
            end(failure.exitCode.rawValue)
        } catch {
            let message = fullMessage(for: error)
            let code = exitCode(for: error)
            Output.put(message.isEmpty ? "" : message + "\n", to: code == .success ? STDOUT_FILENO : STDERR_FILENO)
            end(code.rawValue)
        }
    }

    /// Ends the process without its exit handlers: they would clean up OpenSSL under the thread of libcurl, which may
    /// be closing a connection at that moment.
    private static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}
