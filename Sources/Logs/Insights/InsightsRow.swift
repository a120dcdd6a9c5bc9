import Core

/// A line of a log, or a result of `stats`, with the values that the query has given it.
struct InsightsRow: Sendable {
    private var event: LogEvent?
    private var log = ""
    private var json: JSON?
    /// What the query has computed.
    private var own: [String: InsightsValue] = [:]

    init(_ event: LogEvent, of group: LogGroup) {
        self.event = event
        log = "\(group.scope.account):\(group.name)"
        if event.message.utf8.first == UInt8(ascii: "{") { json = try? JSON(parsing: event.message) }
    }

    init(_ values: [(name: String, value: InsightsValue)]) {
        own = Dictionary(values.map { ($0.name, $0.value) }) { $1 }
    }

    /// Where `GetLogRecord` finds the line again.
    var pointer: String? {
        event.map { LogRecordPointer(group: String(log.drop { $0 != ":" }.dropFirst()), event: $0).text }
    }

    var time: Timestamp { event?.time ?? Timestamp(milliseconds: 0) }

    var order: (Timestamp, Int64) { (time, event?.id ?? 0) }

    /// Fields of the line itself begin with `@`; others are members of a line that is a JSON object.
    subscript(field: String) -> InsightsValue {
        get {
            if let value = own[field] { return value }
            guard let event else { return .missing }
            return switch field {
            case "@message": .text(event.message)
            case "@timestamp": .text(Self.text(event.time))
            case "@ingestionTime": .text(Self.text(event.ingestedAt))
            case "@logStream": .text(event.stream)
            case "@log": .text(log)
            case "@ptr": pointer.map(InsightsValue.text) ?? .missing
            default: field.utf8.first == UInt8(ascii: "@") ? LambdaLine(event.message)[field] : member(field)
            }
        }
        set { own[field] = newValue }
    }

    /// What the query has given that name.
    func computed(_ name: String) -> InsightsValue? { own[name] }

    /// Elements of arrays are named by their places.
    private func member(_ path: String) -> InsightsValue {
        if let whole = json?[path] { return InsightsValue(whole) }
        var value = json
        for name in path.split(separator: ".") {
            if let elements = value?.arrayValue {
                value = Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            } else {
                value = value?[String(name)]
            }
        }
        return InsightsValue(value)
    }

    /// `2026-11-22 10:31:03.042`
    static func text(_ time: Timestamp) -> String {
        String(time.description.dropLast().map { $0 == "T" ? " " : $0 })
    }

    /// The fields that are found in a line, those of the line itself first.
    static func fields(of event: LogEvent) -> [String] {
        var names = ["@timestamp", "@message", "@ingestionTime", "@logStream", "@log"]
        names += LambdaLine.fields.filter { LambdaLine(event.message)[$0].text != nil }
        if let json = try? JSON(parsing: event.message) { collect(json, "", &names) }
        return names
    }

    /// As many of a line's fields as Logs Insights discovers.
    private static let fieldLimit = 200

    private static func collect(_ json: JSON, _ prefix: String, _ names: inout [String]) {
        let members: [(String, JSON)] =
            json.objectValue?.map { ($0.key, $0.value) }
            ?? json.arrayValue.map { $0.enumerated().map { (String($0.offset), $0.element) } } ?? []
        for (name, value) in members {
            guard names.count < fieldLimit else { return }
            let path = prefix.isEmpty ? name : "\(prefix).\(name)"
            if value.objectValue == nil, value.arrayValue == nil {
                names.append(path)
            } else {
                collect(value, path, &names)
            }
        }
    }
}

/// The name of a line, for callers who come back for it.
public struct LogRecordPointer: Sendable {
    public var group: String
    public var time: Timestamp
    public var id: Int64

    init(group: String, event: LogEvent) {
        self.group = group
        time = event.time
        id = event.id
    }

    /// Nil for a text that is no such name.
    public init?(_ text: String) {
        guard let bytes = Base64.decode(text) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let time = Int64(parts[0]), let id = Int64(parts[1]) else { return nil }
        (group, self.time, self.id) = (String(parts[2]), Timestamp(milliseconds: time), id)
    }

    var text: String { Base64.encode(Array("\(time.milliseconds) \(id) \(group)".utf8)) }
}
