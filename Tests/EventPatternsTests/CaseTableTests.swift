import Core
import EventPatterns
import Testing

/// The project's own tables of cases.
@Suite struct CaseTableTests {
    @Test func matches() throws {
        for item in try table("matches.json") {
            let name = item["name"]?.stringValue ?? "?"
            let pattern = try EventPattern(parsing: try #require(item["pattern"]?.stringValue))
            let event = try #require(item["event"])
            #expect(try pattern.matches(event) == (item["matches"] == true), "\(name): \(event)")
            // The same with room between the parts, and with everything escaped that may be.
            #expect(try pattern.matches(event.bytes(.pretty)) == (item["matches"] == true), "\(name), indented")
            let escaped = EscapedJSON.text(event)
            #expect(try pattern.matches(Array(escaped.utf8)) == (item["matches"] == true), "\(name): \(escaped)")
        }
    }

    @Test func errors() throws {
        for item in try table("errors.json") {
            let name = item["name"]?.stringValue ?? "?"
            let text = try #require(item["pattern"]?.stringValue)
            let failure = try #require(
                #expect(throws: EventPatternError.self, "\(name)") { try EventPattern(parsing: text) })
            #expect(failure.reason == item["reason"]?.stringValue, "\(name)")
            #expect(failure.prefix == "Event pattern is not valid. Reason: ")
            #expect(failure.position?.line == item["line"]?.intValue.map(Int.init), "\(name)")
            #expect(failure.position?.column == item["column"]?.intValue.map(Int.init), "\(name)")
            let place = failure.position.map {
                "\n at [Source: (String)\"\(text)\"; line: \($0.line), column: \($0.column)]"
            }
            let times = item["twice"] == true ? 2 : 1
            #expect(failure.location == String(repeating: place ?? "", count: times), "\(name)")
        }
    }

    @Test func filterPolicies() throws {
        for item in try table("filter-policies.json") {
            let name = item["name"]?.stringValue ?? "?"
            let text = try #require(item["policy"]?.stringValue)
            let scope = try #require(FilterPolicyScope(rawValue: item["scope"]?.stringValue ?? ""))
            if let wanted = item["error"]?.stringValue {
                let failure = #expect(throws: EventPatternError.self, "\(name)") {
                    try FilterPolicy(parsing: text, scope: scope)
                }
                #expect(failure?.message == wanted, "\(name)")
                continue
            }
            let policy = try FilterPolicy(parsing: text, scope: scope)
            for message in try #require(item["messages"]?.arrayValue) {
                let attributes = (message["attributes"]?.arrayValue ?? []).map {
                    MessageAttribute(
                        name: $0["name"]?.stringValue ?? "", type: $0["type"]?.stringValue ?? "",
                        value: $0["value"]?.stringValue ?? "")
                }
                let body = Array((message["body"]?.stringValue ?? "").utf8)
                #expect(
                    policy.passes(body: body, attributes: attributes) == (message["passes"] == true),
                    "\(name): \(message)")
            }
        }
    }

    @Test func eventSources() throws {
        for item in try table("event-sources.json") {
            let name = item["name"]?.stringValue ?? "?"
            let patterns = try #require(item["patterns"]?.arrayValue).compactMap(\.stringValue)
            let key = item["payload"]?.stringValue
            if item["error"] == true {
                let failure = #expect(throws: EventPatternError.self, "\(name)") {
                    try EventSourceFilter(patterns: patterns, payloadKey: key)
                }
                #expect(failure?.message.hasPrefix(EventPattern.eventSourceRefusal) == true, "\(name)")
                continue
            }
            let filter = try EventSourceFilter(patterns: patterns, payloadKey: key)
            for record in try #require(item["records"]?.arrayValue) {
                let passes = filter.passes(try #require(record["record"]))
                #expect(passes == (record["passes"] == true), "\(name): \(record)")
            }
        }
    }

    private func table(_ name: String) throws -> [JSON] {
        let cases = try #require(try CaseFiles.own(name).arrayValue)
        #expect(!cases.isEmpty)
        return cases
    }
}

/// JSON with every character of every string as an escape.
enum EscapedJSON {
    static func text(_ value: JSON) -> String {
        switch value {
        case .array(let elements): "[" + elements.map(text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { string($0.key) + ":" + text($0.value) }.joined(separator: ",") + "}"
        case .string(let content): string(content)
        default: value.text()
        }
    }

    private static func string(_ content: String) -> String {
        let units = content.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "\"" + units.joined() + "\""
    }
}
