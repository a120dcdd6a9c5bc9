import Core

/// Values as JSON, by their schema.
public enum JSONCodec {
    /// Arrays and objects inside one another.
    private static let limits = JSONLimits(depth: 200)

    // MARK: Reading

    static func parse(_ bytes: [UInt8]) throws(AWSError) -> JSON {
        do {
            return try JSON(parsing: bytes, limits: limits)
        } catch {
            throw .serialization("The request body is not valid JSON: \(error)")
        }
    }

    /// A structure from its JSON text; an empty text is an empty structure.
    public static func record(_ bytes: [UInt8], _ shape: ShapeSchema) throws(AWSError) -> Record {
        var record = Record(shape)
        guard !bytes.isEmpty else { return record }
        try read(parse(bytes), into: &record)
        return record
    }

    /// Sets the members that travel in the body.
    static func read(_ json: JSON, into record: inout Record) throws(AWSError) {
        guard case .object(let object) = json else {
            throw .serialization("\(json.typeName) stands where an object is expected")
        }
        for member in record.schema.members where member.location == .body {
            guard let value = object[member.wireName], !value.isNull else { continue }
            record.values[member.index] = try read(value, member)
        }
    }

    static func read(_ json: JSON, _ member: MemberSchema) throws(AWSError) -> Value {
        do {
            return try read(json, member.target, member.timestampFormat)
        } catch  where !error.isLocated {
            throw .serialization("\(error.message ?? "") (in '\(member.wireName)')")
        }
    }

    private static func read(
        _ json: JSON, _ shape: ShapeSchema, _ format: TimestampFormat?
    ) throws(AWSError) -> Value {
        switch (shape.kind, json) {
        case (.string, .string(let text)): return .string(text)
        case (.boolean, .bool(let flag)): return .bool(flag)
        case (.integer, .int(let number)), (.long, .int(let number)): return .integer(number)
        case (.integer, .double(let number)), (.long, .double(let number)):
            guard number.magnitude < 9e18 else { throw .serialization("the number is out of range") }
            return .integer(Int64(number))
        case (.float, .int(let number)), (.double, .int(let number)): return .double(Double(number))
        case (.float, .double(let number)), (.double, .double(let number)): return .double(number)
        case (.float, .string(let text)), (.double, .string(let text)):
            return try ScalarText.value(text, shape, .epochSeconds)
        case (.timestamp, .int(let seconds)):
            guard abs(seconds) < 1_000_000_000_000 else { throw .serialization("the time is out of range") }
            return .timestamp(Timestamp(milliseconds: seconds * 1000))
        case (.timestamp, .double(let seconds)):
            guard abs(seconds) < 1e12 else { throw .serialization("the time is out of range") }
            return .timestamp(Timestamp(seconds: seconds))
        case (.timestamp, .string(let text)):
            return .timestamp(try ScalarText.timestamp(text, format ?? shape.timestampFormat ?? .epochSeconds))
        case (.blob, .string(let text)): return try ScalarText.value(text, shape, .epochSeconds)
        case (.list, .array(let elements)): return try readList(elements, shape)
        case (.map, .object(let object)): return try readMap(object, shape)
        case (.structure, .object):
            var record = Record(shape)
            try read(json, into: &record)
            return .structure(record)
        case (.document, _): return .document(json)
        case (_, .null): return .absent
        default: throw .serialization(mismatch(json, shape))
        }
    }

    private static func readList(_ elements: [JSON], _ shape: ShapeSchema) throws(AWSError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        let element = shape.element
        for json in elements {
            if !json.isNull { values.append(try read(json, element.target, element.timestampFormat)) }
        }
        return .list(values)
    }

    private static func readMap(_ object: JSONObject, _ shape: ShapeSchema) throws(AWSError) -> Value {
        var entries: [MapEntry] = []
        entries.reserveCapacity(object.count)
        let value = shape.value
        for (key, json) in object where !json.isNull {
            entries.append(MapEntry(key: key, value: try read(json, value.target, value.timestampFormat)))
        }
        return .map(entries)
    }

    /// The words of AWS's own parser.
    private static func mismatch(_ json: JSON, _ shape: ShapeSchema) -> String {
        switch (json, shape.kind) {
        case (.object, _): return "Start of structure or map found where not expected."
        case (.array, _): return "Start of list found where not expected"
        case (_, .list), (_, .map), (_, .structure): return "Unexpected field type"
        default: break
        }
        let wanted =
            switch shape.kind {
            case .string: "String"
            case .boolean: "Boolean"
            case .integer: "Integer"
            case .long: "Long"
            case .float: "Float"
            case .double: "Double"
            case .timestamp: "Timestamp"
            default: "Blob"
            }
        let found =
            switch json {
            case .bool(let flag): flag ? "TRUE_VALUE" : "FALSE_VALUE"
            case .int: "NUMBER_VALUE"
            case .double: "DECIMAL_VALUE"
            default: "STRING_VALUE"
            }
        return "\(found) cannot be converted to \(wanted)"
    }

    // MARK: Writing

    /// The body members of a structure as JSON text.
    public static func bytes(_ record: Record) -> [UInt8] {
        var writer = JSONWriter()
        write(record, to: &writer)
        return writer.finish()
    }

    static func write(_ record: Record, to writer: inout JSONWriter) {
        writer.writeByte(UInt8(ascii: "{"))
        var isFirst = true
        for member in record.schema.members where member.location == .body {
            let value = record.values[member.index]
            if case .absent = value { continue }
            if !isFirst { writer.writeByte(UInt8(ascii: ",")) }
            isFirst = false
            writer.write(member.wireName)
            writer.writeByte(UInt8(ascii: ":"))
            write(value, member.target, member.timestampFormat, to: &writer)
        }
        writer.writeByte(UInt8(ascii: "}"))
    }

    static func write(
        _ value: Value, _ shape: ShapeSchema, _ format: TimestampFormat?, to writer: inout JSONWriter
    ) {
        switch value {
        case .absent, .stream, .events: writer.writeRaw("null")
        case .bool(let flag): writer.writeRaw(flag ? "true" : "false")
        case .integer(let number): writer.write(number)
        case .double(let number):
            if number.isFinite { writer.write(number) } else { writer.write(ScalarText.doubleText(number)) }
        case .string(let text): writer.write(text)
        case .timestamp(let instant): write(instant, format ?? shape.timestampFormat ?? .epochSeconds, to: &writer)
        case .blob(let bytes): writer.write(Base64.encode(bytes))
        case .list(let elements):
            writer.writeByte(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { writer.writeByte(UInt8(ascii: ",")) }
                write(element, shape.element.target, shape.element.timestampFormat, to: &writer)
            }
            writer.writeByte(UInt8(ascii: "]"))
        case .map(let entries):
            writer.writeByte(UInt8(ascii: "{"))
            for (index, entry) in entries.enumerated() {
                if index > 0 { writer.writeByte(UInt8(ascii: ",")) }
                writer.write(entry.key)
                writer.writeByte(UInt8(ascii: ":"))
                write(entry.value, shape.value.target, shape.value.timestampFormat, to: &writer)
            }
            writer.writeByte(UInt8(ascii: "}"))
        case .structure(let record): write(record, to: &writer)
        case .document(let json): writer.write(json)
        }
    }

    private static func write(_ instant: Timestamp, _ format: TimestampFormat, to writer: inout JSONWriter) {
        var text = ScalarText.text(instant, format, milliseconds: false)
        if case .epochSeconds = format {
            text.withUTF8 { writer.writeBytes(UnsafeRawBufferPointer($0)) }
        } else {
            writer.write(text)
        }
    }
}

extension AWSError {
    /// Whether the message already names a member.
    var isLocated: Bool { message?.hasSuffix("')") ?? false }
}
