/// A message of the `application/vnd.amazon.eventstream` encoding: typed headers and a payload between two checksums.
public struct EventFrame: Sendable {
    /// Only strings are used by AWS's services here; other types are read over.
    public var headers: [(name: String, value: String)]
    public var payload: [UInt8]

    public init(headers: [(name: String, value: String)], payload: [UInt8]) {
        self.headers = headers
        self.payload = payload
    }

    public subscript(header name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The encoding's own bounds.
    public static let headerLimit = 128 * 1024
    public static let payloadLimit = 24 * 1024 * 1024
    private static let overhead = 16

    // MARK: Writing

    public func encoded() -> [UInt8] {
        var head: [UInt8] = []
        for (name, value) in headers {
            let name = Array(name.utf8.prefix(255))
            let value = Array(value.utf8.prefix(32_767))
            head.append(UInt8(name.count))
            head += name
            head.append(7)
            head.append(UInt8(value.count >> 8))
            head.append(UInt8(value.count & 0xFF))
            head += value
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(head.count + payload.count + Self.overhead)
        Self.append(UInt32(head.count + payload.count + Self.overhead), to: &bytes)
        Self.append(UInt32(head.count), to: &bytes)
        Self.append(CRC32.checksum(bytes), to: &bytes)
        bytes += head
        bytes += payload
        Self.append(CRC32.checksum(bytes), to: &bytes)
        return bytes
    }

    private static func append(_ word: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }

    // MARK: Reading

    /// Takes the first frame off the front; nil while it is not complete.
    public static func take(from bytes: inout [UInt8]) throws(AWSError) -> EventFrame? {
        guard bytes.count >= 12 else { return nil }
        let total = Int(word(bytes, 0))
        let headLength = Int(word(bytes, 4))
        guard CRC32.checksum(bytes[0..<8]) == word(bytes, 8) else { throw broken("the checksum of a prelude is wrong") }
        guard headLength <= headerLimit, total >= headLength + overhead, total - headLength - overhead <= payloadLimit
        else { throw broken("a frame's lengths are out of bounds") }
        guard bytes.count >= total else { return nil }
        guard CRC32.checksum(bytes[0..<total - 4]) == word(bytes, total - 4) else {
            throw broken("the checksum of a frame is wrong")
        }
        let headers = try headers(bytes[12..<12 + headLength])
        let frame = EventFrame(headers: headers, payload: Array(bytes[12 + headLength..<total - 4]))
        bytes.removeFirst(total)
        return frame
    }

    private static func headers(_ bytes: ArraySlice<UInt8>) throws(AWSError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        var rest = bytes
        while let nameLength = rest.popFirst() {
            guard rest.count > Int(nameLength) else { throw broken("a header is cut off") }
            let name = String(decoding: rest.prefix(Int(nameLength)), as: UTF8.self)
            rest = rest.dropFirst(Int(nameLength))
            let type = rest.removeFirst()
            var length = 0
            switch type {
            case 0, 1: length = 0
            case 2: length = 1
            case 3: length = 2
            case 4: length = 4
            case 5, 8: length = 8
            case 9: length = 16
            case 6, 7:
                guard let high = rest.popFirst(), let low = rest.popFirst() else { throw broken("a header is cut off") }
                length = Int(high) << 8 | Int(low)
            default: throw broken("a header has the unknown type \(type)")
            }
            guard rest.count >= length else { throw broken("a header is cut off") }
            if type == 7 { headers.append((name, String(decoding: rest.prefix(length), as: UTF8.self))) }
            rest = rest.dropFirst(length)
        }
        return headers
    }

    private static func word(_ bytes: [UInt8], _ position: Int) -> UInt32 {
        UInt32(bytes[position]) << 24 | UInt32(bytes[position + 1]) << 16 | UInt32(bytes[position + 2]) << 8
            | UInt32(bytes[position + 3])
    }

    private static func broken(_ reason: String) -> AWSError {
        .serialization("The event stream is broken: \(reason).")
    }
}
