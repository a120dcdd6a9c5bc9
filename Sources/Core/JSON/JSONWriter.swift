/// How a value is written.
public struct JSONFormat: Sendable {
    /// Spaces of one level of indentation; zero writes everything on one line.
    public var indentation: Int
    /// Members in the order of their names instead of their own.
    public var sortedKeys: Bool

    public init(indentation: Int = 0, sortedKeys: Bool = false) {
        self.indentation = indentation
        self.sortedKeys = sortedKeys
    }

    public static let compact = JSONFormat()
    public static let pretty = JSONFormat(indentation: 2)
}

extension JSON {
    /// The JSON text in UTF-8.
    public func bytes(_ format: JSONFormat = .compact) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self, format, level: 0)
        return writer.finish()
    }

    /// The JSON text.
    public func text(_ format: JSONFormat = .compact) -> String {
        var writer = JSONWriter()
        writer.write(self, format, level: 0)
        return writer.finishText()
    }
}

extension JSON: CustomStringConvertible {
    public var description: String { text() }
}

/// A growing buffer of UTF-8 that JSON is written into.
public struct JSONWriter: ~Copyable {
    private var storage: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    public private(set) var count = 0

    public init(capacity: Int = 256) {
        self.capacity = capacity
        storage = .allocate(capacity: capacity)
    }

    deinit { storage.deallocate() }

    public consuming func finish() -> [UInt8] {
        [UInt8](UnsafeBufferPointer(start: storage, count: count))
    }

    public consuming func finishText() -> String {
        String(decoding: UnsafeBufferPointer(start: storage, count: count), as: UTF8.self)
    }

    @inline(__always) private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(to: count + more) }
    }

    private mutating func grow(to needed: Int) {
        let larger = max(needed, capacity * 2)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: storage, count: count)
        storage.deallocate()
        storage = moved
        capacity = larger
    }

    // MARK: Values

    /// Writes the value on one line.
    public mutating func write(_ value: JSON) { write(value, .compact, level: 0) }

    mutating func write(_ value: JSON, _ format: JSONFormat, level: Int) {
        switch value {
        case .null: writeRaw("null")
        case .bool(let value): writeRaw(value ? "true" : "false")
        case .int(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let elements): write(elements, format, level: level)
        case .object(let object): write(object, format, level: level)
        }
    }

    private mutating func write(_ elements: [JSON], _ format: JSONFormat, level: Int) {
        guard !elements.isEmpty else { return writeRaw("[]") }
        writeByte(UInt8(ascii: "["))
        for index in elements.indices {
            if index > 0 { writeByte(UInt8(ascii: ",")) }
            writeLineBreak(format, level: level + 1)
            write(elements[index], format, level: level + 1)
        }
        writeLineBreak(format, level: level)
        writeByte(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: JSONObject, _ format: JSONFormat, level: Int) {
        guard !object.isEmpty else { return writeRaw("{}") }
        writeByte(UInt8(ascii: "{"))
        let members = format.sortedKeys ? object.members.sorted { $0.key < $1.key } : object.members
        for index in members.indices {
            if index > 0 { writeByte(UInt8(ascii: ",")) }
            writeLineBreak(format, level: level + 1)
            write(members[index].key)
            writeByte(UInt8(ascii: ":"))
            if format.indentation > 0 { writeByte(UInt8(ascii: " ")) }
            write(members[index].value, format, level: level + 1)
        }
        writeLineBreak(format, level: level)
        writeByte(UInt8(ascii: "}"))
    }

    private mutating func writeLineBreak(_ format: JSONFormat, level: Int) {
        guard format.indentation > 0 else { return }
        let spaces = format.indentation * level
        reserve(spaces + 1)
        storage[count] = 0x0A
        (storage + count + 1).update(repeating: 0x20, count: spaces)
        count += spaces + 1
    }

    // MARK: Scalars

    public mutating func write(_ value: Int64) {
        reserve(20)
        var magnitude = value.magnitude
        if value < 0 {
            storage[count] = UInt8(ascii: "-")
            count += 1
        }
        var digits = 1
        var rest = magnitude
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        var position = count + digits
        count = position
        repeat {
            position -= 1
            storage[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10)
            magnitude /= 10
        } while magnitude > 0
    }

    /// JSON has no infinities; they are written as `null`, as JavaScript does.
    public mutating func write(_ value: Double) {
        guard value.isFinite else { return writeRaw("null") }
        var text = value.description
        text.withUTF8 { writeBytes(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a string with its quotes.
    public mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            reserve(bytes.count + 2)
            storage[count] = UInt8(ascii: "\"")
            count += 1
            writeEscaped(bytes)
            writeByte(UInt8(ascii: "\""))
        }
    }

    private mutating func writeEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var start = 0
        while start < bytes.count {
            let plainEnd = Self.endOfPlainRun(bytes, from: start)
            writeBytes(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<plainEnd])))
            guard plainEnd < bytes.count else { return }
            writeEscape(bytes[plainEnd])
            start = plainEnd + 1
        }
    }

    private static func endOfPlainRun(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return start }
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var position = start
        while position + 8 <= bytes.count {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & highs
            if found != 0 { return position + UInt64(littleEndian: found).trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < bytes.count, base[position] != 0x22, base[position] != 0x5C, base[position] >= 0x20 {
            position += 1
        }
        return position
    }

    private mutating func writeEscape(_ byte: UInt8) {
        switch byte {
        case 0x22: writeRaw("\\\"")
        case 0x5C: writeRaw("\\\\")
        case 0x0A: writeRaw("\\n")
        case 0x0D: writeRaw("\\r")
        case 0x09: writeRaw("\\t")
        case 0x08: writeRaw("\\b")
        case 0x0C: writeRaw("\\f")
        default:
            writeRaw("\\u00")
            writeByte(Self.hexDigits[Int(byte >> 4)])
            writeByte(Self.hexDigits[Int(byte & 15)])
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    // MARK: Pieces

    public mutating func writeByte(_ byte: UInt8) {
        reserve(1)
        storage[count] = byte
        count += 1
    }

    /// Writes bytes that are JSON already.
    public mutating func writeBytes(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(storage + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Writes text that is JSON already.
    public mutating func writeRaw(_ text: StaticString) {
        writeBytes(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
