import Core
import Testing
import Wire

@testable import ModelGenerator

/// A suite of protocol cases: a small model and what its operations look like on the wire.
struct ProtocolSuite {
    let description: String
    let model: JSON
    let cases: [JSON]

    static func list(_ json: JSON) -> [ProtocolSuite] {
        (json.arrayValue ?? []).map { suite in
            ProtocolSuite(
                description: suite["description"]?.stringValue ?? "",
                model: suite, cases: suite["cases"]?.arrayValue ?? [])
        }
    }

    /// The model of a case, through the generator's own translation.
    func service(_ given: JSON) throws -> (ServiceModel, OperationSchema) {
        var operation = given
        if operation["name"] == nil { operation["name"] = "OperationName" }
        let name = operation["name"]?.stringValue ?? "OperationName"
        var metadata = model["metadata"] ?? JSON.object(JSONObject())
        if metadata["targetPrefix"] == nil { metadata["targetPrefix"] = "Service" }
        let source: JSON = [
            "metadata": metadata, "shapes": model["shapes"] ?? JSON.object(JSONObject()),
            "operations": .object([name: operation]),
        ]
        let selection = try Selection(["service": "test", "name": "Test"])
        let service = try Translator.translate(source, selection)
        let table = Renderer(service).tableLines().joined(separator: "\n")
        let parsed = try ServiceModel(parsing: table)
        return (parsed, try #require(parsed.operation(named: name)))
    }
}

/// Values as the cases write them: members by their names in the model, times in seconds, bytes as text.
enum CaseValue {
    static func record(_ json: JSON, _ shape: ShapeSchema) -> Record {
        var record = Record(shape)
        for member in shape.members {
            if let value = json[member.name], !value.isNull {
                record[raw: member.index] = self.value(value, member.target)
            }
        }
        return record
    }

    static func value(_ json: JSON, _ shape: ShapeSchema) -> Value {
        switch (shape.kind, json) {
        case (.document, _): return .document(json)
        case (.structure, _): return .structure(record(json, shape))
        case (.list, .array(let elements)):
            return .list(elements.filter { !$0.isNull }.map { value($0, shape.element.target) })
        case (.map, .object(let object)):
            return .map(
                object.filter { !$0.value.isNull }.map {
                    MapEntry(key: $0.key, value: value($0.value, shape.value.target))
                })
        case (.blob, .string(let text)): return .blob(Array(text.utf8))
        case (.timestamp, _): return .timestamp(Timestamp(seconds: json.doubleValue ?? 0))
        case (.float, .string(let text)), (.double, .string(let text)):
            return .double(text == "NaN" ? .nan : text == "Infinity" ? .infinity : -.infinity)
        case (.float, _), (.double, _): return .double(json.doubleValue ?? 0)
        case (.integer, _), (.long, _): return .integer(json.intValue ?? 0)
        case (_, .bool(let flag)): return .bool(flag)
        case (_, .string(let text)): return .string(text)
        default: return .absent
        }
    }

    /// A text by which two values are compared, whatever the order of maps.
    static func text(_ record: Record) -> String {
        let parts = record.schema.members.compactMap { member -> String? in
            let text = text(record[raw: member.index], member.target)
            return text.isEmpty ? nil : "\(member.name): \(text)"
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    static func text(_ value: Value, _ shape: ShapeSchema) -> String {
        switch value {
        case .absent, .events: ""
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .double(let number): shape.kind == .float ? "\(Float(number))" : "\(number)"
        case .string(let text): "\"\(text)\""
        case .timestamp(let instant): "\(instant.milliseconds)ms"
        case .blob(let bytes): "bytes\(bytes)"
        case .list(let elements): "[" + elements.map { text($0, shape.element.target) }.joined(separator: ", ") + "]"
        case .map(let entries):
            "[" + entries.map { "\($0.key): \(text($0.value, shape.value.target))" }.sorted().joined(separator: ", ")
                + "]"
        case .structure(let record): text(record)
        case .document(let json): json.text(JSONFormat(sortedKeys: true))
        case .stream(let stream):
            if case .bytes(let bytes) = stream.source { bytes.isEmpty ? "" : "bytes\(bytes)" } else { "stream" }
        }
    }
}
