import Core
import Wire

/// Structures of the model as the documents in which they are kept: JSON with the names of the members.
enum RecordDocument {
    static func text(_ shape: some Shape) -> String { JSON.object(json(shape.record)).text() }

    /// Nil when the document is not there or no longer of the shape.
    static func read<T: Shape>(_ text: String?, as: T.Type = T.self) -> T? {
        guard let text, let json = try? JSON(parsing: text), let object = json.objectValue else { return nil }
        return T(record: record(object, T.schema))
    }

    static func json(_ record: Record) -> JSONObject {
        var object = JSONObject()
        for member in record.schema.members {
            if let value = json(record[raw: member.index]) { object[member.name] = value }
        }
        return object
    }

    private static func json(_ value: Value) -> JSON? {
        switch value {
        case .absent, .stream, .events: nil
        case .bool(let flag): .bool(flag)
        case .integer(let number): .int(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .timestamp(let time): .int(time.milliseconds)
        case .blob(let bytes): .string(Base64.encode(bytes))
        case .list(let values): .array(values.map { json($0) ?? .null })
        case .map(let entries): .object(JSONObject(entries.map { ($0.key, json($0.value) ?? .null) }))
        case .structure(let record): .object(json(record))
        case .document(let json): json
        }
    }

    /// The schema bounds how deep this goes.
    static func record(_ object: JSONObject, _ schema: ShapeSchema) -> Record {
        var record = Record(schema)
        for member in schema.members {
            guard let json = object[member.name], !json.isNull else { continue }
            record[raw: member.index] = value(json, member.target)
        }
        return record
    }

    private static func value(_ json: JSON, _ schema: ShapeSchema) -> Value {
        switch (schema.kind, json) {
        case (.boolean, .bool(let flag)): .bool(flag)
        case (.integer, .int(let number)), (.long, .int(let number)): .integer(number)
        case (.float, _), (.double, _): json.doubleValue.map { .double($0) } ?? .absent
        case (.string, .string(let text)): .string(text)
        case (.timestamp, .int(let milliseconds)): .timestamp(Timestamp(milliseconds: milliseconds))
        case (.blob, .string(let text)): Base64.decode(text).map { .blob($0) } ?? .absent
        case (.list, .array(let elements)): .list(elements.map { value($0, schema.element.target) })
        case (.map, .object(let object)):
            .map(object.map { MapEntry(key: $0.key, value: value($0.value, schema.value.target)) })
        case (.structure, .object(let object)): .structure(record(object, schema))
        case (.document, _): .document(json)
        default: .absent
        }
    }
}
