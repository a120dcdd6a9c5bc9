/// The fields of a space-delimited line, in order, with conditions on some of them.
struct FieldPattern: Sendable {
    struct Field: Sendable {
        var name: String
        /// One of the lists must hold as a whole.
        var conditions: [[Comparison]] = []

        func isTrue(of text: [UInt8]) -> Bool {
            conditions.isEmpty || conditions.contains { list in list.allSatisfy { $0.isTrue(of: text) } }
        }
    }

    /// Before and after the ellipsis; without one, all are before it.
    private var head: [Field] = []
    private var tail: [Field] = []
    private var hasEllipsis = false

    /// Nil for `[]`, which means every line.
    static func parse(_ reader: inout PatternReader) throws(FilterPatternError) -> FieldPattern? {
        reader.advance()
        var pattern = FieldPattern()
        while true {
            reader.skipSpace()
            if reader.take("]") { break }
            if reader.take("...") {
                guard !pattern.hasEllipsis else { throw FilterPatternError("... stands at most once") }
                pattern.hasEllipsis = true
            } else {
                let field = try field(&reader)
                if pattern.hasEllipsis { pattern.tail.append(field) } else { pattern.head.append(field) }
            }
            reader.skipSpace()
            if reader.take("]") { break }
            guard reader.take(",") else { throw FilterPatternError("fields are separated with commas and end with ]") }
        }
        reader.skipSpace()
        guard reader.isAtEnd else { throw FilterPatternError("something follows the closing bracket") }
        return pattern.head.isEmpty && pattern.tail.isEmpty ? nil : pattern
    }

    private static func field(_ reader: inout PatternReader) throws(FilterPatternError) -> Field {
        var field = Field(name: "")
        var list: [Comparison] = []
        repeat {
            reader.skipSpace()
            let name = reader.takeWhile { PatternReader.isWord($0) || "-.@/#".utf8.contains($0) }
            guard !name.isEmpty else { throw FilterPatternError("the name of a field is expected") }
            if field.name.isEmpty { field.name = String(decoding: name, as: UTF8.self) }
            reader.skipSpace()
            guard let relation = Comparison.relation(&reader) else { return Field(name: field.name) }
            list.append(
                try Comparison(relation, &reader) { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "]") })
            reader.skipSpace()
            if reader.take("||") {
                field.conditions.append(list)
                list = []
            } else if !reader.take("&&") {
                break
            }
        } while true
        field.conditions.append(list)
        return field
    }

    func matches(_ line: [UInt8]) -> Bool {
        let fields = Self.fields(of: line)
        guard hasEllipsis ? fields.count >= head.count + tail.count : fields.count == head.count else { return false }
        return zip(head, fields).allSatisfy { $0.isTrue(of: $1) }
            && zip(tail, fields.suffix(tail.count)).allSatisfy { $0.isTrue(of: $1) }
    }

    /// The fields of a line that matches. Those that the ellipsis stands for are named by their places.
    func values(in line: [UInt8]) -> [(name: String, value: String)] {
        let fields = Self.fields(of: line)
        return fields.enumerated().map { place, text in
            let fromEnd = fields.count - place
            let name =
                place < head.count
                ? head[place].name : fromEnd <= tail.count ? tail[tail.count - fromEnd].name : String(place + 1)
            return ("$\(name)", String(decoding: text, as: UTF8.self))
        }
    }

    /// Text in quotation marks or in brackets is one field, without its marks.
    private static func fields(of line: [UInt8]) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        var place = 0
        while place < line.count {
            let byte = line[place]
            if byte == 0x20 || byte == 0x09 {
                place += 1
                continue
            }
            let closing: UInt8? =
                byte == UInt8(ascii: "\"") ? byte : byte == UInt8(ascii: "[") ? UInt8(ascii: "]") : nil
            if let closing, let end = line[(place + 1)...].firstIndex(of: closing) {
                fields.append(Array(line[(place + 1)..<end]))
                place = end + 1
            } else {
                let end = line[place...].firstIndex { $0 == 0x20 || $0 == 0x09 } ?? line.count
                fields.append(Array(line[place..<end]))
                place = end
            }
        }
        return fields
    }
}
