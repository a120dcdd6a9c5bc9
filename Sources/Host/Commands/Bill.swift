import ArgumentParser
import Core

struct Bill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the work would cost on AWS, at list prices.",
        discussion: """
            Amounts are exact: every request, millisecond and transition is in the ledger once.

              millrace bill                        this month, by service
              millrace bill --by function --days 7
              millrace bill --csv > bill.csv
            """)

    @Option(help: "service, function, workflow, execution, tag:NAME, day or month.")
    var by = "service"

    @Option(help: "The last so many days. Default: this month.")
    var days: Int?

    @Flag(help: "Write comma-separated values.")
    var csv = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        var query = "by=\(by)"
        if let days { query += "&days=\(days)" }
        let (path, output) = ("bill?\(query)", connection.output)
        let answer = try await connection.withClient { try await $0.admin("GET", path) }
        if output.json { return output.write(answer) }
        let lines = answer["lines"]?.arrayValue ?? []
        if csv { return writeCSV(lines, output) }
        var table = Table(
            (by.uppercased(), .left), ("USAGE", .left), ("QUANTITY", .right), ("FREE", .right), ("USD", .right))
        for line in lines {
            table.add(
                line["group"]?.stringValue ?? "", line["usage"]?.stringValue ?? "",
                line["quantity"]?.stringValue ?? "", line["free"]?.stringValue ?? "",
                line["amount"]?.stringValue ?? "")
        }
        guard !table.isEmpty else { return output.note("Nothing has been used.") }
        output.write(table.text(output.style))
        output.write(output.style.bold("total: $\(answer["total"]?.stringValue ?? "0")"))
        for warning in answer["budgets"]?.arrayValue ?? [] {
            output.write(output.style.yellow(warning["message"]?.stringValue ?? ""))
        }
    }

    private func writeCSV(_ lines: [JSON], _ output: Output) {
        output.write("group,usage,quantity,free,amount_usd")
        for line in lines {
            let cells = ["group", "usage", "quantity", "free", "amount"].map { line[$0]?.stringValue ?? "" }
            output.write(cells.map { $0.contains(",") || $0.contains("\"") ? Self.quoted($0) : $0 }.joined(separator: ","))
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
