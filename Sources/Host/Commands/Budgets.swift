import ArgumentParser
import Core

struct Budgets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Warn, or refuse new work, when the bill reaches an amount.",
        discussion: """
            A budget is compared with the bill once a minute. Its warnings appear where the host runs, and on the default \
            event bus as events of the source 'millrace.budgets', for rules to route on.

              millrace budget set monthly 20
              millrace budget set nightly 0.50 --period day --throttle-at 100
            """,
        subcommands: [ListBudgets.self, SetBudget.self, RemoveBudget.self], defaultSubcommand: ListBudgets.self)
}

struct ListBudgets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the budgets and what has been spent of them.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let output = connection.output
        let answer = try await connection.withClient { try await $0.admin("GET", "budgets") }
        if output.json { return output.write(answer) }
        var table = Table(
            ("NAME", .left), ("SPENT", .right), ("OF", .right), ("PERIOD", .left), ("WARNS AT", .left),
            ("REFUSES AT", .left), ("COVERS", .left), ("STATE", .left))
        for budget in answer["budgets"]?.arrayValue ?? [] { table.add(Self.row(budget)) }
        table.isEmpty
            ? output.note("There are no budgets. Set one with 'millrace budget set NAME DOLLARS'.")
            : output.write(table.text(output.style))
    }

    private static func row(_ budget: JSON) -> [String] {
        func text(_ name: String) -> String { budget[name]?.stringValue ?? "" }
        let warnings = (budget["warnAt"]?.arrayValue ?? []).compactMap(\.intValue).map { "\($0) %" }
        let covers = [text("service"), text("resource")].filter { !$0.isEmpty }.joined(separator: " ")
        return [
            text("name"), "$" + text("spent"), "$" + text("amount"), text("period"),
            warnings.joined(separator: ", "), budget["throttleAt"]?.intValue.map { "\($0) %" } ?? "never",
            covers.isEmpty ? "everything" : covers,
            budget["isThrottling"]?.boolValue == true ? "refuses new work" : "open",
        ]
    }
}

struct SetBudget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set a budget, or replace the one of that name.")

    @Argument(help: "Name of the budget.")
    var name: String

    @Argument(help: "US dollars a period, such as 12.50.")
    var amount: String

    @Option(help: "day or month.")
    var period = "month"

    @Option(help: "Percent at which to warn; may be repeated. Default: 80 and 100.")
    var warnAt: [Int] = []

    @Option(help: "Percent from which functions and workflows refuse new work until the period ends. Default: never.")
    var throttleAt: Int?

    @Option(help: "Only what this service costs, as 'millrace bill' names it.")
    var service: String?

    @Option(help: "Only what this function or workflow costs: its ARN.")
    var resource: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        var budget: JSONObject = ["name": .string(name), "amount": .string(amount), "period": .string(period)]
        if !warnAt.isEmpty { budget["warnAt"] = .array(warnAt.map { JSON($0) }) }
        if let throttleAt { budget["throttleAt"] = JSON(throttleAt) }
        if let service { budget["service"] = .string(service) }
        if let resource { budget["resource"] = .string(resource) }
        let (body, output) = (JSON.object(budget), connection.output)
        let answer = try await connection.withClient { try await $0.admin("POST", "budgets", body) }
        output.json ? output.write(answer) : output.note("The budget \(name) is $\(amount) a \(period).")
    }
}

struct RemoveBudget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a budget.")

    @Argument(help: "Name of the budget.")
    var name: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (name, output) = (name, connection.output)
        let answer = try await connection.withClient {
            try await $0.admin("POST", "budgets/remove", ["name": .string(name)])
        }
        output.json ? output.write(answer) : output.note("The budget \(name) is gone.")
    }
}
