import Core

/// Values as text, the way `$string` and `&` write them: JSON, with numbers as JavaScript writes them, rounded to 15
/// digits, and functions as empty strings.
enum Stringifier {
    /// The text; nil for undefined.
    static func text(of value: Value, pretty: Bool = false, _ run: Evaluation) throws(JSONataError) -> String? {
        switch value.unwrapped {
        case .json(.string(let text)): return text
        case .json(.double(let number)) where FunctionHandle.number(number) != nil: return ""
        case .json(.double(let number)) where !number.isFinite:
            throw JSONataError(code: "D3001", value: .double(number))
        case .json(.int(let number)): return text(of: number)
        case .json(.bool(let flag)): return flag ? "true" : "false"
        case .json(.null): return "null"
        case .json(let json): return try text(of: json, pretty, run)
        case .array(let elements, _): return try text(of: .array(elements), pretty, run)
        case .function, .localFunction: return ""
        case .undefined, .unbound, .tailCall: return nil
        }
    }

    /// Integers beyond 2^53 lose digits in JavaScript; here they keep them.
    @inline(__always) private static func text(of number: Int64) -> String { String(number) }

    private static func text(of json: JSON, _ pretty: Bool, _ run: Evaluation) throws(JSONataError) -> String {
        var writer = JSONWriter()
        try write(json, to: &writer, indentation: pretty ? 2 : 0, level: 0, run)
        try run.checkString(bytes: writer.count)
        return writer.finishText()
    }

    private static func write(
        _ json: JSON, to writer: inout JSONWriter, indentation: Int, level: Int, _ run: Evaluation
    ) throws(JSONataError) {
        switch json {
        case .double(let number): try write(number, to: &writer)
        case .array(let elements):
            guard !elements.isEmpty else { return writer.writeRaw("[]") }
            try run.spend(elements.count)
            writer.writeByte(UInt8(ascii: "["))
            for index in elements.indices {
                if index > 0 { writer.writeByte(UInt8(ascii: ",")) }
                breakLine(&writer, indentation, level + 1)
                try write(elements[index], to: &writer, indentation: indentation, level: level + 1, run)
            }
            breakLine(&writer, indentation, level)
            writer.writeByte(UInt8(ascii: "]"))
        case .object(let object):
            guard !object.isEmpty else { return writer.writeRaw("{}") }
            try run.spend(object.count)
            writer.writeByte(UInt8(ascii: "{"))
            for index in object.indices {
                if index > 0 { writer.writeByte(UInt8(ascii: ",")) }
                breakLine(&writer, indentation, level + 1)
                let member = object[index]
                writer.write(member.key)
                writer.writeByte(UInt8(ascii: ":"))
                if indentation > 0 { writer.writeByte(UInt8(ascii: " ")) }
                try write(member.value, to: &writer, indentation: indentation, level: level + 1, run)
            }
            breakLine(&writer, indentation, level)
            writer.writeByte(UInt8(ascii: "}"))
        default: writer.write(json)
        }
        if writer.count > run.stringLimit { try run.checkString(bytes: writer.count) }
    }

    private static func write(_ number: Double, to writer: inout JSONWriter) throws(JSONataError) {
        if FunctionHandle.number(number) != nil { return writer.writeRaw("\"\"") }
        if number.isNaN { return writer.writeRaw("null") }
        try Numbers.checkFinite(number)
        var text = NumberText.text(of: NumberText.roundedTo15Digits(number))
        text.withUTF8 { writer.writeBytes(UnsafeRawBufferPointer($0)) }
    }

    private static func breakLine(_ writer: inout JSONWriter, _ indentation: Int, _ level: Int) {
        guard indentation > 0 else { return }
        writer.writeByte(0x0A)
        for _ in 0..<indentation * level { writer.writeByte(0x20) }
    }
}
