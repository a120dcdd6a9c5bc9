import Core

/// The values of a call's arguments, whose number the parser has checked, and what the functions make of them.
struct IntrinsicArguments {
    /// Characters that `States.Base64Encode`, `States.Base64Decode` and `States.Hash` take.
    static let maximumStringLength = 10_000
    /// Elements that `States.ArrayRange` makes.
    static let maximumRange = 1000

    let values: [JSON]

    init(_ values: [JSON]) { self.values = values }

    // MARK: Arguments by type

    func array(_ index: Int) throws(IntrinsicMistake) -> [JSON] {
        guard case .array(let array) = values[index] else { throw mistake(index, "an array") }
        return array
    }

    func string(_ index: Int) throws(IntrinsicMistake) -> String {
        guard case .string(let text) = values[index] else { throw mistake(index, "a string") }
        return text
    }

    func boundedString(_ index: Int) throws(IntrinsicMistake) -> String {
        let text = try string(index)
        guard text.utf16.count <= Self.maximumStringLength else {
            throw IntrinsicMistake("The argument must not be longer than \(Self.maximumStringLength) characters")
        }
        return text
    }

    /// Fractions are rounded to the nearest whole number, halves upwards.
    func integer(_ index: Int) throws(IntrinsicMistake) -> Int64 {
        switch values[index] {
        case .int(let value): return value
        case .double(let value):
            guard let rounded = Int64(exactly: (value + 0.5).rounded(.down)) else { throw mistake(index, "an integer") }
            return rounded
        default: throw mistake(index, "an integer")
        }
    }

    private func mistake(_ index: Int, _ expected: String) -> IntrinsicMistake {
        IntrinsicMistake(
            "Argument \(index + 1) must be \(expected), but was \(values[index].typeName)")
    }

    // MARK: Arrays

    func item() throws(IntrinsicMistake) -> JSON {
        let array = try array(0)
        let index = try integer(1)
        guard index >= 0, index < array.count else {
            throw IntrinsicMistake("Index \(index) is out of bounds for an array of length \(array.count)")
        }
        return array[Int(index)]
    }

    func partition() throws(IntrinsicMistake) -> JSON {
        let array = try array(0)
        let size = try integer(1)
        guard size > 0 else { throw IntrinsicMistake("The chunk size must be a positive integer") }
        let step = Int(min(size, Int64(max(array.count, 1))))
        return .array(
            stride(from: 0, to: array.count, by: step).map { .array(Array(array[$0..<min($0 + step, array.count)])) })
    }

    func range() throws(IntrinsicMistake) -> JSON {
        let (first, last, step) = (try integer(0), try integer(1), try integer(2))
        guard step != 0 else { throw IntrinsicMistake("The step must not be zero") }
        let distance = Double(last) - Double(first)
        let count = (distance / Double(step)).rounded(.down) + 1
        guard count > 0 else { return .array([]) }
        guard count <= Double(Self.maximumRange) else {
            throw IntrinsicMistake("The range must not have more than \(Self.maximumRange) elements")
        }
        return .array((0..<Int64(count)).map { .int(first &+ $0 &* step) })
    }

    func unique() throws(IntrinsicMistake) -> [JSON] {
        var seen = Set<JSON>()
        return try array(0).filter { seen.insert($0).inserted }
    }

    // MARK: Strings

    func split() throws(IntrinsicMistake) -> [JSON] {
        let delimiters = Set(try string(1).unicodeScalars)
        return try string(0).unicodeScalars.split { delimiters.contains($0) }.map { .string(String($0)) }
    }

    func parsed() throws(IntrinsicMistake) -> JSON {
        let text = try string(0)
        guard text.utf8.contains(where: { $0 > 0x20 }) else { return .null }
        do throws(JSONParseError) {
            return try JSON(parsing: Array(text.utf8))
        } catch {
            throw IntrinsicMistake("The argument is not valid JSON: \(error)")
        }
    }

    func base64Decoded() throws(IntrinsicMistake) -> String {
        guard let bytes = Base64.decode(try boundedString(0)) else {
            throw IntrinsicMistake("The argument is not valid Base64")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func hash() throws(IntrinsicMistake) -> String {
        let data = Array(try hashedText().utf8)
        let name = try string(1)
        guard let algorithm = DigestAlgorithm(rawValue: name) else {
            let names = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw IntrinsicMistake("Unknown hash algorithm '\(name)': it must be one of \(names)")
        }
        return hexadecimal(Digest.of(data, algorithm))
    }

    /// What is no string is hashed by its JSON text.
    private func hashedText() throws(IntrinsicMistake) -> String {
        if case .string = values[0] { return try boundedString(0) }
        let text = values[0].text()
        guard text.utf16.count <= Self.maximumStringLength else {
            throw IntrinsicMistake("The argument must not be longer than \(Self.maximumStringLength) characters")
        }
        return text
    }

    // MARK: Objects and numbers

    func merge() throws(IntrinsicMistake) -> JSON {
        guard case .object(let first) = values[0], case .object(let second) = values[1] else {
            throw IntrinsicMistake("The first two arguments must be objects")
        }
        guard case .bool(let deep) = values[2] else { throw IntrinsicMistake("The third argument must be a boolean") }
        guard !deep else { throw IntrinsicMistake("Deep merging is not supported: the third argument must be false") }
        return .object(first.merging(second))
    }

    func sum() throws(IntrinsicMistake) -> Int64 {
        let (sum, overflow) = try integer(0).addingReportingOverflow(try integer(1))
        guard !overflow else { throw IntrinsicMistake("The sum does not fit 64 bits") }
        return sum
    }

    /// At least the start and below the end; a seed makes it the same number every time.
    func randomNumber(_ random: inout SeededRandom) throws(IntrinsicMistake) -> Int64 {
        let (start, end) = (try integer(0), try integer(1))
        guard start < end else { throw IntrinsicMistake("The start must be less than the end") }
        guard values.count == 3 else { return Int64.random(in: start..<end, using: &random) }
        var seeded = SeededRandom(seed: UInt64(bitPattern: try integer(2)))
        return Int64.random(in: start..<end, using: &seeded)
    }

    // MARK: Format

    static func format(_ pieces: [String], _ values: ArraySlice<JSON>) throws(IntrinsicMistake) -> String {
        guard pieces.count - 1 == values.count else {
            throw IntrinsicMistake(
                "The template has \(pieces.count - 1) placeholders, but there are \(values.count) values")
        }
        var text = pieces[0]
        for (piece, value) in zip(pieces.dropFirst(), values) {
            appendPlain(value, to: &text, depth: 0)
            text += piece
        }
        return text
    }

    /// The pieces of a template that comes at run time; a backslash keeps braces from being a placeholder.
    static func pieces(of template: String) -> [String] {
        var pieces: [[UInt8]] = [[]]
        let bytes = Array(template.utf8)
        var position = 0
        while position < bytes.count {
            let next = position + 1 < bytes.count ? bytes[position + 1] : 0
            if bytes[position] == UInt8(ascii: "{"), next == UInt8(ascii: "}") {
                pieces.append([])
                position += 2
            } else if bytes[position] == UInt8(ascii: "\\"), "'{}\\".utf8.contains(next) {
                pieces[pieces.count - 1].append(next)
                position += 2
            } else {
                pieces[pieces.count - 1].append(bytes[position])
                position += 1
            }
        }
        return pieces.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes a value as AWS does: strings bare, objects as `{a=1, b=[]}`.
    private static func appendPlain(_ value: JSON, to text: inout String, depth: Int) {
        switch value {
        case .string(let string): text += string
        case .array(let elements) where depth < PayloadMeasure.maximumDepth:
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += ", " }
                appendPlain(element, to: &text, depth: depth + 1)
            }
            text += "]"
        case .object(let object) where depth < PayloadMeasure.maximumDepth:
            text += "{"
            for (index, member) in object.enumerated() {
                text += index > 0 ? ", \(member.key)=" : "\(member.key)="
                appendPlain(member.value, to: &text, depth: depth + 1)
            }
            text += "}"
        default: text += value.text()
        }
    }
}
