import Core

/// The part of the Logs Insights query language that is served: `fields`, `filter` with `like` and `=`, `sort`, `limit`,
/// and `stats count(*)`. Everything else is refused by name.
public struct InsightsQuery: Sendable {
    private enum Condition: Sendable {
        case like(field: String, text: String)
        case expression(field: String, LineExpression)
        case equal(field: String, text: String, isWanted: Bool)
    }

    private var fields = ["@timestamp", "@message"]
    private var conditions: [Condition] = []
    private var order: (field: String, isDescending: Bool) = ("@timestamp", true)
    private var counts = false
    /// AWS's default.
    private var limit = 1000

    public init(_ text: String) throws(FilterPatternError) {
        for command in text.split(separator: "|") {
            let words = command.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let name = words.first else { throw FilterPatternError("a command is expected between the bars") }
            let rest = words.dropFirst().joined(separator: " ")
            switch name.lowercased() {
            case "fields", "display":
                fields = rest.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
            case "filter": conditions.append(try Self.condition(Array(words.dropFirst()), rest))
            case "sort":
                guard words.count >= 2 else { throw FilterPatternError("sort takes a field") }
                order = (words[1], words.count > 2 ? words[2].lowercased() == "desc" : false)
            case "limit":
                guard let count = Int(rest), (1...10_000).contains(count) else {
                    throw FilterPatternError("limit takes a number from 1 to 10000")
                }
                limit = count
            case "stats":
                guard rest.filter({ !$0.isWhitespace }).lowercased() == "count(*)" else {
                    throw FilterPatternError("of stats only count(*) without by is served")
                }
                counts = true
            default: throw FilterPatternError("the command '\(name)' is not served")
            }
        }
    }

    private static func condition(_ words: [String], _ text: String) throws(FilterPatternError) -> Condition {
        guard words.count >= 3 else { throw FilterPatternError("filter takes a field, an operator and a value") }
        let value = words.dropFirst(2).joined(separator: " ")
        let isQuoted = value.count >= 2 && (value.first == "\"" || value.first == "'") && value.last == value.first
        let plain = isQuoted ? String(value.dropFirst().dropLast()) : value
        switch words[1].lowercased() {
        case "like" where value.first == "/" && value.last == "/" && value.count >= 2:
            return .expression(field: words[0], try LineExpression(Array(value.dropFirst().dropLast().utf8)))
        case "like": return .like(field: words[0], text: plain)
        case "=": return .equal(field: words[0], text: plain, isWanted: true)
        case "!=": return .equal(field: words[0], text: plain, isWanted: false)
        default: throw FilterPatternError("the operator '\(words[1])' is not served: use like, = or !=")
        }
    }

    /// The rows of the answer: names and values of fields, `@ptr` last.
    public func rows(_ events: [LogEvent], group: LogGroup) -> [[(field: String, value: String)]] {
        let matching = events.filter { event in
            conditions.allSatisfy { Self.holds($0) { Self.value($0, event, group) } }
        }
        if counts { return [[("count(*)", String(matching.count))]] }
        let keyed = matching.map { (key: Self.value(order.field, $0, group) ?? "", event: $0) }
        let sorted = keyed.sorted { order.isDescending ? $0.key > $1.key : $0.key < $1.key }
        return sorted.prefix(limit).map { _, event in
            fields.compactMap { field in Self.value(field, event, group).map { (field, $0) } }
                + [("@ptr", Base64.encode(Array(event.identifier.utf8)))]
        }
    }

    private static func holds(_ condition: Condition, _ value: (String) -> String?) -> Bool {
        switch condition {
        case .like(let field, let text): value(field).map { contains(Array($0.utf8), Array(text.utf8)) } ?? false
        case .expression(let field, let expression): value(field).map { expression.isIn(Array($0.utf8)) } ?? false
        case .equal(let field, let text, let isWanted): (value(field) == text) == isWanted
        }
    }

    /// Fields of the line itself begin with `@`; others are members of a line that is a JSON object.
    private static func value(_ field: String, _ event: LogEvent, _ group: LogGroup) -> String? {
        switch field {
        case "@message": return event.message
        case "@timestamp": return text(event.time)
        case "@ingestionTime": return text(event.ingestedAt)
        case "@logStream": return event.stream
        case "@log": return "\(group.scope.account):\(group.name)"
        default:
            var json = try? JSON(parsing: event.message)
            for name in field.split(separator: ".") { json = json?[String(name)] }
            return json.map { $0.stringValue ?? $0.text() }
        }
    }

    /// `2026-11-22 10:31:03.042`
    private static func text(_ time: Timestamp) -> String {
        String(time.description.dropLast().map { $0 == "T" ? " " : $0 })
    }
}
