/// The page in Markdown.
struct PageText {
    private(set) var text = """
        # Operations

        Which operations of AWS's services are built.

        ## What the lists say

        `swift run OperationsPage` writes this page from the generated models and the sources of the providers; `make check`
        fails when it is out of date. An operation is built when the service's provider answers it. Any other one answers
        with AWS's error for it: the code `NotImplemented` and the status 501.

        | Service | Built | Of |
        |---|---:|---:|

        """

    init(_ services: [ServiceOperations]) {
        for service in services {
            text += "| \(service.title) | \(service.built.count + service.covered.count) | \(service.count) |\n"
        }
        for service in services {
            text += "\n## \(service.title)\n\n"
            text += "Built: \(Self.list(service.built))\n"
            for (name, newer) in service.covered {
                text += "\n`\(name)` is answered by `\(newer)`: the requests look the same.\n"
            }
            if !service.missing.isEmpty { text += "\nNot built: \(Self.list(service.missing))\n" }
        }
    }

    /// Several to a line, so that a change of one shows as a change of few.
    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "none." }
        var lines = [""]
        for (index, name) in names.enumerated() {
            let item = "`\(name)`" + (index + 1 < names.count ? "," : ".")
            if lines[lines.count - 1].utf8.count + item.utf8.count > 110 { lines.append("") }
            lines[lines.count - 1] += lines[lines.count - 1].isEmpty ? item : " \(item)"
        }
        return lines.joined(separator: "\n")
    }
}
