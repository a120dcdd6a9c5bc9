import ArgumentParser
import Core
import Metering

struct Bill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bill", abstract: "Show what the work would cost on AWS, at list prices.",
        discussion: """
            Amounts are exact: every request, millisecond and transition is in the ledger once.

              millrace bill                        this month, by service
              millrace bill --by function --days 7
              millrace bill --csv > bill.csv
              millrace bill --price-list > prices.json
            """)

    @Option(help: "service, function, workflow, execution, tag:NAME, day or month.")
    var by = "service"

    @Option(help: "The last so many days. Default: this month.")
    var days: Int?

    @Flag(help: "Write comma-separated values.")
    var csv = false

    @Flag(help: "Write the price list that is built in: a beginning for one of your own ('millrace up --prices FILE').")
    var priceList = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        if priceList { return connection.output.write(PriceBook.listPricesFile) }
        var query = "by=\(by)"
        if let days { query += "&days=\(days)" }
        let (path, output) = ("bill?\(query)", connection.output)
        let answer = try await connection.withClient { try await $0.admin("GET", path) }
        if output.json { return output.write(answer) }
        if csv { return output.write(Array((answer["csv"]?.stringValue ?? "").utf8)) }
        let rows = (answer["table"]?.arrayValue ?? []).map { ($0.arrayValue ?? []).compactMap(\.stringValue) }
        guard rows.count > 2, let header = rows.first else { return output.note("Nothing has been used.") }
        var table = Table(header.enumerated().map { ($1.uppercased(), $0 < 2 ? .left : .right) })
        for row in rows.dropFirst() { table.add(row) }
        output.write(table.text(output.style))
        output.write(output.style.dim("US dollars, \(answer["prices"]?.stringValue ?? "")"))
    }
}
