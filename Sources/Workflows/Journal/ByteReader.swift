import Core

/// Reads what ``ByteWriter`` wrote. Whatever the bytes are, it reads no further than they reach.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() throws(JournalError) -> UInt8 {
        guard position < bytes.count else { throw JournalError("the row ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func unsigned() throws(JournalError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw JournalError("a number is longer than 64 bits")
    }

    mutating func integer() throws(JournalError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func blob() throws(JournalError) -> ArraySlice<UInt8> {
        let count = try unsigned()
        guard count <= UInt64(bytes.count - position) else { throw JournalError("a text is longer than its row") }
        let start = position
        position += Int(count)
        return bytes[start..<position]
    }

    mutating func text() throws(JournalError) -> String { String(decoding: try blob(), as: UTF8.self) }

    mutating func json() throws(JournalError) -> JSON {
        let blob = try blob()
        do throws(JSONParseError) {
            return try JSON(parsing: blob)
        } catch {
            throw JournalError("a payload is not JSON: \(error)")
        }
    }

    mutating func optional<Value>(
        _ body: (inout ByteReader) throws(JournalError) -> Value
    ) throws(JournalError) -> Value? {
        try byte() == 0 ? nil : try body(&self)
    }

    mutating func optionalText() throws(JournalError) -> String? {
        try optional { reader throws(JournalError) in try reader.text() }
    }

    mutating func optionalInteger() throws(JournalError) -> Int64? {
        try optional { reader throws(JournalError) in try reader.integer() }
    }
}

/// A journal row that cannot be read back, or whose signals no longer give the events that were recorded.
public struct JournalError: Error, Sendable, CustomStringConvertible {
    public var reason: String

    init(_ reason: String) { self.reason = reason }

    public var description: String { "the journal is damaged: \(reason)" }
}
