import Core

/// A query in the language of Logs Insights: commands between bars, each of which works on the rows that the one before
/// left. Served are `fields`, `display`, `filter`, `stats`, `sort`, `dedup` and `limit`; everything else is refused by
/// name.
public struct InsightsQuery: Sendable {
    private enum Command: Sendable {
        case fields([(name: String, expression: InsightsExpression)], isFinal: Bool)
        case filter(InsightsExpression)
        case stats([InsightsAggregate], by: [(name: String, expression: InsightsExpression)])
        case sort([SortKey])
        case dedup([String])
        case limit(Int)
    }

    private struct SortKey: Sendable {
        var name: String
        var expression: InsightsExpression
        var isDescending: Bool
    }

    /// Rows of an answer at most.
    public static let maximumRows = 10_000

    private var commands: [Command] = []
    private var hasLimit = false

    public init(_ text: String) throws(FilterPatternError) {
        let tokens = try InsightsReader.read(text)
        guard !tokens.isEmpty else { throw FilterPatternError("the query is empty") }
        let query = Array(text.utf8)
        for part in tokens.split(omittingEmptySubsequences: false, whereSeparator: { $0.isSymbol("|") }) {
            guard let name = part.first, name.kind == .word else {
                throw FilterPatternError("a command is expected between the bars")
            }
            var parser = InsightsParser(part.dropFirst(), of: query)
            commands.append(try Self.command(name.text, &parser))
            try parser.requireEnd()
            if case .limit = commands[commands.count - 1] { hasLimit = true }
        }
    }

    private static func command(
        _ name: String, _ parser: inout InsightsParser
    ) throws(FilterPatternError) -> Command {
        switch name.lowercased() {
        case "fields": return .fields(try columns(&parser), isFinal: false)
        case "display": return .fields(try columns(&parser), isFinal: true)
        case "filter": return .filter(try parser.expression())
        case "stats":
            let aggregates = try parser.list { parser throws(FilterPatternError) in try InsightsAggregate(&parser) }
            return .stats(aggregates, by: parser.take(word: "by") ? try columns(&parser) : [])
        case "sort":
            return .sort(
                try parser.list { parser throws(FilterPatternError) in
                    let (name, expression) = try parser.column()
                    let isDescending = parser.take(word: "desc")
                    if !isDescending { _ = parser.take(word: "asc") }
                    return SortKey(name: name, expression: expression, isDescending: isDescending)
                })
        case "dedup": return .dedup(try parser.list { parser throws(FilterPatternError) in try parser.field() })
        case "limit":
            guard let count = Int(try parser.field()), (1...100_000).contains(count) else {
                throw FilterPatternError("limit takes a number from 1 to 100000")
            }
            return .limit(count)
        default: throw FilterPatternError("the command '\(name)' is not served")
        }
    }

    private static func columns(
        _ parser: inout InsightsParser
    ) throws(FilterPatternError) -> [(name: String, expression: InsightsExpression)] {
        try parser.list { parser throws(FilterPatternError) in try parser.named() }
    }

    // MARK: Answering

    /// The rows of the answer: names and values of fields, `@ptr` last where a row is a line; and how many lines the
    /// filters let through.
    ///
    /// - Parameter limit: of the rows, where the query names none.
    public func answer(
        _ lines: [(group: LogGroup, events: [LogEvent])], limit: Int? = nil
    ) -> (rows: [[(field: String, value: String)]], matched: Int) {
        var rows = lines.flatMap { group, events in events.map { InsightsRow($0, of: group) } }
            .sorted { $1.order < $0.order }
        var matched = rows.count
        var columns: [String] = []
        var isFinal = false
        var areLines = true
        for command in commands {
            switch command {
            case .fields(let named, let isDisplay):
                for index in rows.indices {
                    for (name, expression) in named { rows[index][name] = expression.value(in: rows[index]) }
                }
                if isDisplay { (columns, isFinal) = (named.map(\.name), true) }
                if !isFinal { columns += named.map(\.name).filter { !columns.contains($0) } }
            case .filter(let condition):
                rows = rows.filter { condition.value(in: $0).isTrue }
                if areLines { matched = rows.count }
            case .stats(let aggregates, let keys):
                rows = Self.grouped(rows, aggregates, keys)
                columns = keys.map(\.name) + aggregates.map(\.name)
                (areLines, isFinal) = (false, false)
            case .sort(let keys): rows = Self.sorted(rows, keys)
            case .dedup(let fields): rows = Self.deduplicated(rows, fields)
            case .limit(let count): rows = Array(rows.prefix(count))
            }
        }
        if columns.isEmpty { columns = ["@timestamp", "@message"] }
        let bound = hasLimit ? Self.maximumRows : min(limit ?? Self.maximumRows, Self.maximumRows)
        let shown = rows.prefix(bound).map { row in
            columns.compactMap { name in row[name].text.map { (name, $0) } }
                + (row.pointer.map { [("@ptr", $0)] } ?? [])
        }
        return (shown, matched)
    }

    /// One row for every group, in the order in which they are met; without keys one for all.
    private static func grouped(
        _ rows: [InsightsRow], _ aggregates: [InsightsAggregate],
        _ keys: [(name: String, expression: InsightsExpression)]
    ) -> [InsightsRow] {
        var places: [[String?]: Int] = [:]
        var groups: [(values: [(name: String, value: InsightsValue)], rows: [InsightsRow])] =
            keys.isEmpty ? [([], rows)] : []
        for row in keys.isEmpty ? [] : rows {
            let values = keys.map { (name: $0.name, value: $0.expression.value(in: row)) }
            let place = places[values.map(\.value.text), default: groups.count]
            if place == groups.count {
                places[values.map(\.value.text)] = place
                groups.append((values, []))
            }
            groups[place].rows.append(row)
        }
        return groups.map { group in
            InsightsRow(group.values + aggregates.map { ($0.name, $0.value(of: group.rows)) })
        }
    }

    private static func sorted(
        _ rows: [InsightsRow], _ keys: [SortKey]
    ) -> [InsightsRow] {
        let keyed = rows.enumerated().map { place, row in
            (place: place, row: row, values: keys.map { row.computed($0.name) ?? $0.expression.value(in: row) })
        }
        return keyed.sorted { left, right in
            for (index, key) in keys.enumerated() {
                let (one, other) = key.isDescending ? (right, left) : (left, right)
                if InsightsValue.isOrdered(one.values[index], before: other.values[index]) { return true }
                if InsightsValue.isOrdered(other.values[index], before: one.values[index]) { return false }
            }
            return left.place < right.place
        }.map(\.row)
    }

    /// The first row of each combination of values. Rows in which one is missing all stay.
    private static func deduplicated(_ rows: [InsightsRow], _ fields: [String]) -> [InsightsRow] {
        var known: Set<[String]> = []
        return rows.filter { row in
            let values = fields.compactMap { row[$0].text }
            return values.count < fields.count || known.insert(values).inserted
        }
    }
}
