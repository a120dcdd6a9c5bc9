import Core

extension Bill {
    private static let columns = ["group", "metric", "quantity", "unit", "list", "free", "discount", "amount"]

    /// As a JSON object with `lines` and totals. Money is decimal text in dollars, exact.
    public var json: JSON {
        let lines = lines.map { line -> JSON in
            [
                "group": .string(line.group), "service": .string(line.metric.service),
                "metric": .string(line.metric.rawValue), "quantity": .double(line.units),
                "unit": .string(line.metric.unit.rawValue), "list": .string(line.list.decimal),
                "free": .string(line.free.decimal), "discount": .string(line.discount.decimal),
                "amount": .string(line.amount.decimal),
            ]
        }
        return [
            "from": .string(from.description), "to": .string(to.description), "by": .string(grouping.description),
            "currency": "USD", "prices": .string(prices), "lines": .array(lines), "list": .string(list.decimal),
            "free": .string(free.decimal), "total": .string(total.decimal),
        ]
    }

    /// As comma-separated values (RFC 4180) with a header line.
    public var csv: String {
        let rows = lines.map { line -> [String] in
            [
                line.group, line.metric.rawValue, line.unitsText, line.metric.unit.rawValue, line.list.decimal,
                line.free.decimal, line.discount.decimal, line.amount.decimal,
            ]
        }
        return ([Self.columns] + rows).map { $0.map(Self.field).joined(separator: ",") + "\r\n" }.joined()
    }

    /// As cells for a table on a terminal: a header, the lines and a total.
    public var table: [[String]] {
        let names = groupNames
        let isNamed = lines.map { !$0.group.hasPrefix("(") }
        // What belongs to none of the groups comes last.
        let ordered = zip(lines, isNamed).filter(\.1).map(\.0) + zip(lines, isNamed).filter { !$0.1 }.map(\.0)
        let rows = ordered.map { line -> [String] in
            [
                names[line.group] ?? line.group, line.metric.rawValue, line.unitsText, line.metric.unit.rawValue,
                line.list.description,
                line.free.description, line.amount.description,
            ]
        }
        let total = ["total", "", "", "", list.description, free.description, total.description]
        return [[grouping.description, "metric", "quantity", "unit", "list", "free", "amount"]] + rows + [total]
    }

    /// What people call a group: of an ARN what follows the kind of resource, unless two groups are called the same.
    private var groupNames: [String: String] {
        let groups = Set(lines.map(\.group))
        let short = groups.compactMap { group in
            ARN(group).map { (group, $0.resource.split(separator: ":").dropFirst().joined(separator: "/")) }
        }
        let uses = Dictionary(short.map { ($0.1, 1) }, uniquingKeysWith: +)
        return Dictionary(short.filter { uses[$0.1] == 1 && !groups.contains($0.1) }) { first, _ in first }
    }

    private static func field(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension Bill.Line {
    /// Whole where the unit is counted, otherwise with up to six decimals.
    public var unitsText: String {
        guard metric.unit != .count else { return String(quantity) }
        let scaled = (units * 1_000_000).rounded()
        guard scaled < 9e18 else { return String(units) }
        let millionths = Int64(scaled)
        var fraction = Array(String(1_000_000 + millionths % 1_000_000).dropFirst())
        while fraction.last == "0" { fraction.removeLast() }
        let whole = String(millionths / 1_000_000)
        return fraction.isEmpty ? whole : whole + "." + String(fraction)
    }
}
