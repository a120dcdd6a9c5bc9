/// Reads the body of a time zone file (RFC 8536): the 64-bit block of versions 2 and later, or the 32-bit block of
/// version 1.
struct TZifReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private struct Header {
        var version: UInt8
        var utcCount: Int
        var standardCount: Int
        var leapCount: Int
        var timeCount: Int
        var typeCount: Int
        var characterCount: Int

        func blockLength(timeSize: Int) -> Int {
            timeCount * timeSize + timeCount + typeCount * 6 + characterCount + leapCount * (timeSize + 4)
                + standardCount + utcCount
        }
    }

    /// Nil when the bytes are not such a file.
    mutating func read(name: String) -> TimeZoneRules? {
        guard var header = readHeader() else { return nil }
        var timeSize = 4
        if header.version >= UInt8(ascii: "2") {
            position += header.blockLength(timeSize: 4)
            guard let second = readHeader() else { return nil }
            header = second
            timeSize = 8
        }
        guard position + header.blockLength(timeSize: timeSize) <= bytes.count, header.typeCount > 0 else { return nil }
        let block = position
        position += header.blockLength(timeSize: timeSize)
        let footer = timeSize == 8 ? readFooter() : nil
        position = block
        return readBlock(header, timeSize: timeSize, name: name, footer: footer)
    }

    private mutating func readHeader() -> Header? {
        guard position + 44 <= bytes.count, bytes[position..<position + 4].elementsEqual("TZif".utf8) else {
            return nil
        }
        let version = bytes[position + 4]
        position += 20
        let counts = (0..<6).map { _ in Int(readInteger(4)) }
        // The counts of a real file are far below this; larger ones would only overflow the arithmetic.
        guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        return Header(
            version: version, utcCount: counts[0], standardCount: counts[1], leapCount: counts[2],
            timeCount: counts[3], typeCount: counts[4], characterCount: counts[5])
    }

    private mutating func readBlock(
        _ header: Header, timeSize: Int, name: String, footer: POSIXZoneRule?
    ) -> TimeZoneRules? {
        let transitions = (0..<header.timeCount).map { _ in readInteger(timeSize) }
        let types = (0..<header.timeCount).map { _ in Int(readInteger(1) & 0xFF) }
        let offsets = (0..<header.typeCount).map { _ -> Int32 in
            defer { position += 2 }
            return Int32(truncatingIfNeeded: readInteger(4))
        }
        let ascending = zip(transitions, transitions.dropFirst()).allSatisfy { $0 < $1 }
        guard ascending, types.allSatisfy({ $0 < offsets.count }), offsets.allSatisfy({ abs(Int($0)) < 93_600 }) else {
            return nil
        }
        return TimeZoneRules(
            name: name, transitions: transitions, offsets: types.map { offsets[$0] }, initialOffset: offsets[0],
            footer: footer)
    }

    /// The line after the 64-bit block; absent or unreadable, the last transition's offset stays in force.
    private func readFooter() -> POSIXZoneRule? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\n") else { return nil }
        let line = bytes[(position + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        return POSIXZoneRule(String(decoding: line, as: UTF8.self))
    }

    /// A signed big-endian integer; the caller has checked that the bytes are there.
    private mutating func readInteger(_ size: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in bytes[position..<position + size] { value = value << 8 | UInt64(byte) }
        position += size
        let shift = UInt64(64 - size * 8)
        return Int64(bitPattern: value << shift) >> Int64(shift)
    }
}
