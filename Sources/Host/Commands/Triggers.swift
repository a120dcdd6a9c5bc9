import ArgumentParser
import Core

struct Triggers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "triggers", abstract: "List the project's triggers with their next firings, and fire them.",
        subcommands: [ListTriggers.self, FireTrigger.self], defaultSubcommand: ListTriggers.self)
}

struct ListTriggers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the triggers.")

    @Option(help: "How many firings of a timer to show.")
    var next = 1

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (next, output) = (next, connection.output)
        let answer = try await connection.withClient { try await $0.admin("GET", "triggers?next=\(next)") }
        if output.json { return output.write(answer) }
        var table = Table(("NAME", .left), ("TYPE", .left), ("SOURCE", .left), ("TARGET", .left), ("NEXT", .left))
        for trigger in answer["triggers"]?.arrayValue ?? [] {
            table.add(
                trigger["name"]?.stringValue ?? "", trigger["type"]?.stringValue ?? "",
                trigger["source"]?.stringValue ?? "", trigger["target"]?.stringValue ?? "",
                (trigger["next"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", "))
        }
        table.isEmpty ? output.note("The project has no triggers.") : output.write(table.text(output.style))
    }
}

struct FireTrigger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fire", abstract: "Fire a timer now, as if its time had come.")

    @Argument(help: "Name of the trigger, as 'millrace triggers' shows it.")
    var name: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (name, output) = (name, connection.output)
        let answer = try await connection.withClient {
            try await $0.admin("POST", "triggers/fire", ["name": .string(name)])
        }
        output.json ? output.write(answer) : output.note("\(name) has been fired.")
    }
}
