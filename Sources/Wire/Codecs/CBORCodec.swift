import Core

/// Values as CBOR (RFC 8949), by their schema.
enum CBORCodec {
    static func record(_ bytes: [UInt8], _ shape: ShapeSchema) throws(AWSError) -> Record {
        guard !bytes.isEmpty else { return Record(shape) }
        var reader = CBORReader(bytes)
        let item = try reader.document()
        guard case .structure(let record) = try value(item, shape, nil) else {
            throw .serialization("the body is not a CBOR map")
        }
        return record
    }

    private static func value(
        _ item: CBORItem, _ shape: ShapeSchema, _ format: TimestampFormat?
    ) throws(AWSError) -> Value {
        switch (shape.kind, item) {
        case (_, .null): return .absent
        case (.string, .text(let text)): return .string(text)
        case (.boolean, .bool(let flag)): return .bool(flag)
        case (.integer, .int(let number)), (.long, .int(let number)): return .integer(number)
        case (.integer, .double(let number)), (.long, .double(let number)):
            guard let exact = Int64(exactly: number) else { throw mismatch(shape) }
            return .integer(exact)
        case (.float, .int(let number)), (.double, .int(let number)): return .double(Double(number))
        case (.float, .double(let number)), (.double, .double(let number)): return .double(number)
        case (.timestamp, .tagged(1, let inner)): return try value(inner, shape, format)
        case (.timestamp, .int(let seconds)) where abs(seconds) < 1_000_000_000_000:
            return .timestamp(Timestamp(milliseconds: seconds * 1000))
        case (.timestamp, .double(let seconds)) where abs(seconds) < 1e12:
            return .timestamp(Timestamp(seconds: seconds))
        case (.timestamp, .text(let text)): return .timestamp(try ScalarText.timestamp(text, .iso8601))
        case (.blob, .bytes(let bytes)): return .blob(bytes)
        case (.list, .array(let items)):
            var values: [Value] = []
            for item in items where !item.isNull { values.append(try value(item, shape.element.target, nil)) }
            return .list(values)
        case (.map, .map(let pairs)):
            var entries: [MapEntry] = []
            for (key, item) in pairs where !item.isNull {
                entries.append(MapEntry(key: key, value: try value(item, shape.value.target, nil)))
            }
            return .map(entries)
        case (.structure, .map(let pairs)):
            var record = Record(shape)
            for (key, item) in pairs {
                guard let member = shape.members.first(where: { $0.wireName == key }) else { continue }
                record.values[member.index] = try value(item, member.target, member.timestampFormat)
            }
            return .structure(record)
        case (_, .tagged(_, let inner)): return try value(inner, shape, format)
        default: throw mismatch(shape)
        }
    }

    private static func mismatch(_ shape: ShapeSchema) -> AWSError {
        .serialization("a value of another type stands where a \(shape.kind) is expected")
    }

    // MARK: Writing

    static func bytes(_ record: Record) -> [UInt8] {
        var writer = CBORWriter()
        write(record, to: &writer)
        return writer.bytes
    }

    private static func write(_ record: Record, to writer: inout CBORWriter) {
        let present = record.schema.members.filter { record.has($0.index) }
        writer.map(present.count)
        for member in present {
            writer.text(member.wireName)
            write(record.values[member.index], to: &writer)
        }
    }

    private static func write(_ value: Value, to writer: inout CBORWriter) {
        switch value {
        case .absent, .stream, .events: writer.null()
        case .bool(let flag): writer.bool(flag)
        case .integer(let number): writer.integer(number)
        case .double(let number): writer.double(number)
        case .string(let text): writer.text(text)
        case .timestamp(let instant):
            writer.tag(1)
            if instant.milliseconds % 1000 == 0 {
                writer.integer(instant.milliseconds / 1000)
            } else {
                writer.double(instant.seconds)
            }
        case .blob(let bytes): writer.byteString(bytes)
        case .list(let elements):
            writer.array(elements.count)
            for element in elements { write(element, to: &writer) }
        case .map(let entries):
            writer.map(entries.count)
            for entry in entries {
                writer.text(entry.key)
                write(entry.value, to: &writer)
            }
        case .structure(let record): write(record, to: &writer)
        case .document(let json): writer.text(json.text())
        }
    }

    /// An error of the CBOR protocol.
    static func error(type: String, message: String?, details: [(name: String, value: JSON)]) -> [UInt8] {
        var writer = CBORWriter()
        var pairs: [(String, JSON)] = [("__type", .string(type))]
        if let message { pairs.append(("message", .string(message))) }
        pairs += details.map { ($0.name, $0.value) }
        writer.map(pairs.count)
        for (name, value) in pairs {
            writer.text(name)
            write(value, to: &writer)
        }
        return writer.bytes
    }

    private static func write(_ json: JSON, to writer: inout CBORWriter) {
        switch json {
        case .null: writer.null()
        case .bool(let flag): writer.bool(flag)
        case .int(let number): writer.integer(number)
        case .double(let number): writer.double(number)
        case .string(let text): writer.text(text)
        case .array(let elements):
            writer.array(elements.count)
            for element in elements { write(element, to: &writer) }
        case .object(let object):
            writer.map(object.count)
            for (name, value) in object {
                writer.text(name)
                write(value, to: &writer)
            }
        }
    }
}
