import NIOCore
import NIOHTTP1
import Wire

/// The head of a response as it goes over the connection (RFC 9112), and the frames of a body without a known length.
///
/// Written by hand into one buffer together with the body: one write and one system call a response.
struct ResponseHead {
    /// Bytes around each chunk, at most.
    static let chunkOverhead = 20

    private let response: WireResponse
    private let date: String
    private let keepsAlive: Bool
    /// The length to be told; nil when the response says it itself, has none or has no body.
    private let length: Int64?
    /// Whether the response's own length stands.
    private let keepsLength: Bool
    /// Whether the body comes in chunks.
    let isChunked: Bool

    /// - Parameters:
    ///   - hasBody: whether a response of that status may have a body.
    ///   - isHead: the request asked for the head alone.
    ///   - chunks: the caller understands chunks.
    init(_ response: WireResponse, date: String, hasBody: Bool, isHead: Bool, chunks: Bool, keepsAlive: Bool) {
        self.response = response
        self.date = date
        self.keepsAlive = keepsAlive
        let known = hasBody ? response.body.length : nil
        keepsLength = known != nil && isHead && response.headers["Content-Length"] != nil
        length = keepsLength ? nil : known
        isChunked = hasBody && known == nil && !isHead && chunks
    }

    /// About as many bytes as the head takes.
    var capacity: Int {
        response.headers.all.reduce(160) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }

    func write(to buffer: inout ByteBuffer) {
        let status = HTTPResponseStatus(statusCode: response.status)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status.code))
        buffer.writeStaticString(" ")
        buffer.writeString(status.reasonPhrase)
        buffer.writeStaticString("\r\n")
        for (name, value) in response.headers.all where !isReplaced(name) && Self.isSound(name, value) {
            Self.write(name, value, to: &buffer)
        }
        Self.write("Date", date, to: &buffer)
        if let length { Self.write("Content-Length", String(length), to: &buffer) }
        if isChunked { buffer.writeStaticString("Transfer-Encoding: chunked\r\n") }
        if !keepsAlive { buffer.writeStaticString("Connection: close\r\n") }
        buffer.writeStaticString("\r\n")
    }

    private static func write(_ name: String, _ value: String, to buffer: inout ByteBuffer) {
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        if value.utf8.allSatisfy({ $0 < 0x80 }) || !isLatin(value) {
            buffer.writeString(value)
        } else {
            buffer.writeBytes(value.unicodeScalars.lazy.map { UInt8($0.value) })
        }
        buffer.writeStaticString("\r\n")
    }

    /// Whether ISO-8859-1, in which clients read what is not ASCII in a field, has all of the characters.
    private static func isLatin(_ value: String) -> Bool { value.unicodeScalars.allSatisfy { $0.value <= 0xFF } }

    /// Fields about which the connection decides.
    private func isReplaced(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: Self.equal(name, "date")
        case 10: !keepsAlive && Self.equal(name, "connection")
        case 14: !keepsLength && Self.equal(name, "content-length")
        case 17: isChunked && Self.equal(name, "transfer-encoding")
        default: false
        }
    }

    /// - Parameter lowercase: of the same length, in small letters.
    private static func equal(_ name: String, _ lowercase: StaticString) -> Bool {
        var place = lowercase.utf8Start
        for byte in name.utf8 {
            guard byte | 0x20 == place.pointee | 0x20 else { return false }
            place += 1
        }
        return true
    }

    /// Fields that would end the header early are left out.
    private static func isSound(_ name: String, _ value: String) -> Bool {
        func isSound(name: UnsafeBufferPointer<UInt8>) -> Bool {
            !name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: ":") && $0 < 0x7F }
        }
        func isSound(value: UnsafeBufferPointer<UInt8>) -> Bool {
            value.allSatisfy { $0 != 0x0D && $0 != 0x0A && $0 != 0 }
        }
        return name.utf8.withContiguousStorageIfAvailable(isSound(name:)) ?? false
            && value.utf8.withContiguousStorageIfAvailable(isSound(value:)) ?? false
    }

    // MARK: Chunks

    static func write(chunk: [UInt8], to buffer: inout ByteBuffer) {
        // An empty one would end the body.
        guard !chunk.isEmpty else { return }
        buffer.writeString(String(chunk.count, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeBytes(chunk)
        buffer.writeStaticString("\r\n")
    }

    static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
}
