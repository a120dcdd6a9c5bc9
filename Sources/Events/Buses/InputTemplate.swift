import Core

/// The template of an `InputTransformer`: text with placeholders `<name>` for values that paths pick from the event.
///
/// A template is either text (it begins with a quotation mark) or JSON. In text, values stand as they are and objects
/// lose their quotation marks; in JSON, a placeholder outside of quotation marks stands for a JSON value and one inside
/// of them for a part of a string. What a path does not find is the empty string. A result in JSON that is not valid is
/// not sent at all: AWS drops such events silently.
struct InputTemplate: Sendable {
    private enum Part: Sendable {
        case text(String)
        case placeholder(String, isQuoted: Bool)
    }

    private let parts: [Part]
    private let isText: Bool
    private let paths: [String: InputPath]

    static let predefined: Set<String> = [
        "aws.events.rule-arn", "aws.events.rule-name", "aws.events.event", "aws.events.event.json",
        "aws.events.event.ingestion-time",
    ]

    /// - Throws: the name of a placeholder that no path defines.
    init(_ source: String, paths: [String: InputPath]) throws(UnknownPlaceholder) {
        self.paths = paths
        isText = source.first { !$0.isWhitespace } == "\""
        parts = Self.parse(source)
        for case .placeholder(let name, _) in parts where paths[name] == nil && !Self.predefined.contains(name) {
            throw UnknownPlaceholder(name: name)
        }
    }

    struct UnknownPlaceholder: Error {
        let name: String
    }

    private static func parse(_ source: String) -> [Part] {
        var parts: [Part] = []
        var text: [UInt8] = []
        var isQuoted = false
        let bytes = Array(source.utf8)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "<"), let name = placeholder(bytes[(place + 1)...]) {
                if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
                text = []
                parts.append(.placeholder(name, isQuoted: isQuoted))
                place += name.utf8.count + 2
                continue
            }
            if byte == UInt8(ascii: "\\"), place + 1 < bytes.count {
                text.append(byte)
                place += 1
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            }
            text.append(bytes[place])
            place += 1
        }
        if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
        return parts
    }

    private static func placeholder(_ bytes: ArraySlice<UInt8>) -> String? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: ">")), end > bytes.startIndex else { return nil }
        let name = bytes[bytes.startIndex..<end]
        let isName = name.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "._-".utf8.contains(byte)
        }
        return isName ? String(decoding: name, as: UTF8.self) : nil
    }

    /// What the target is sent; nil when the result is no valid JSON.
    func fill(_ event: JSON, _ rule: RuleKey, ingestedAt: Timestamp) -> [UInt8]? {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .placeholder(let name, let isQuoted):
                let value = value(of: name, event, rule, ingestedAt)
                result += isText ? Self.plain(value) : isQuoted ? Self.inString(value) : (value ?? "").text()
            }
        }
        let bytes = Array(result.utf8)
        let mustBeJSON = result.first { !$0.isWhitespace }.map { $0 == "{" || $0 == "[" } ?? false
        if !isText, mustBeJSON, (try? JSON(parsing: bytes)) == nil { return nil }
        return bytes
    }

    private func value(of name: String, _ event: JSON, _ rule: RuleKey, _ ingestedAt: Timestamp) -> JSON? {
        if let path = paths[name] { return path.value(in: event) }
        switch name {
        case "aws.events.rule-arn": return .string(rule.arn)
        case "aws.events.rule-name": return .string(rule.name)
        case "aws.events.event.ingestion-time": return .string(CivilTime(ingestedAt).iso8601())
        case "aws.events.event.json": return event
        case "aws.events.event": return Self.withoutDetail(event)
        default: return nil
        }
    }

    /// The event as the variable `aws.events.event` shows it: without its detail, the type's name in one word.
    private static func withoutDetail(_ event: JSON) -> JSON {
        let names = [
            ("id", "id"), ("account", "account"), ("detail-type", "detailType"), ("time", "time"),
            ("source", "source"), ("region", "region"), ("resources", "resources"), ("version", "version"),
        ]
        var object: JSONObject = [:]
        for (name, shown) in names { object[shown] = event[name] }
        return .object(object)
    }

    private static func plain(_ value: JSON?) -> String {
        switch value {
        case nil: ""
        case .string?: inString(value)
        case .some(let other): String(other.text().filter { $0 != "\"" })
        }
    }

    private static func inString(_ value: JSON?) -> String {
        guard let value else { return "" }
        guard value.stringValue != nil else { return value.text() }
        return String(value.text().dropFirst().dropLast())
    }
}
