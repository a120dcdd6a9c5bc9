import Core

/// Writes the compact form of journal rows: variable-length integers, and texts after their length.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    mutating func write(byte: UInt8) { bytes.append(byte) }

    mutating func write(unsigned value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Small numbers of either sign take few bytes.
    mutating func write(_ value: Int64) {
        write(unsigned: UInt64(bitPattern: value &<< 1) ^ UInt64(bitPattern: value &>> 63))
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            write(unsigned: UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    mutating func write(_ value: JSON) { write(blob: value.bytes()) }

    mutating func write(blob: [UInt8]) {
        write(unsigned: UInt64(blob.count))
        bytes.append(contentsOf: blob)
    }

    /// A mark whether there is a value, then the value.
    mutating func write<Value>(_ value: Value?, _ body: (inout ByteWriter, Value) -> Void) {
        write(byte: value == nil ? 0 : 1)
        if let value { body(&self, value) }
    }

    mutating func write(_ text: String?) { write(text) { $0.write($1) } }

    mutating func write(_ value: Int64?) { write(value) { $0.write($1) } }
}
