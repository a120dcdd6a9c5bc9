import NIOCore

/// Cuts a byte stream into HTTP/1.1 requests.
///
/// Written for the Runtime API alone: few fields matter, a request costs one pass over its head and at most a few small
/// allocations, and everything is bounded. It is the hot path of every invocation.
struct HTTPRequestReader {
    enum Event {
        case head(HTTPRequestHead)
        case body(ByteBuffer)
        /// The end of a request, with the trailer fields of a chunked body.
        case end(trailers: [(name: String, value: String)])
    }

    private enum Phase {
        case head
        case counted(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailers
        case ended
    }

    static let headLimit = 64 << 10
    static let fieldLimit = 128

    private var phase = Phase.head
    private var buffer = ByteBuffer()
    private var trailers: [(name: String, value: String)] = []

    /// Bytes received and not yet consumed.
    var bufferedBytes: Int { buffer.readableBytes }

    mutating func append(_ bytes: inout ByteBuffer) {
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
    }

    /// The next event, or nil until more bytes arrive.
    mutating func next() throws(HTTPRequestError) -> Event? {
        while true {
            switch phase {
            case .head: return try readHead().map(Event.head)
            case .counted(let remaining):
                guard remaining > 0 else { return end() }
                guard let part = takeBody(upTo: remaining) else { return nil }
                phase = .counted(remaining: remaining - part.readableBytes)
                return .body(part)
            case .chunkSize:
                guard let line = try takeLine() else { return nil }
                let size = try Self.chunkSize(line)
                phase = size == 0 ? .trailers : .chunk(remaining: size)
            case .chunk(let remaining):
                guard remaining > 0 else {
                    phase = .chunkEnd
                    continue
                }
                guard let part = takeBody(upTo: remaining) else { return nil }
                phase = .chunk(remaining: remaining - part.readableBytes)
                return .body(part)
            case .chunkEnd:
                guard let line = try takeLine() else { return nil }
                guard line.readableBytes == 0 else { throw Self.malformed("a chunk is longer than it says") }
                phase = .chunkSize
            case .trailers:
                guard let line = try takeLine() else { return nil }
                guard line.readableBytes > 0 else { return end() }
                guard trailers.count < Self.fieldLimit else { throw Self.malformed("too many trailer fields") }
                if let field = try Self.field(line.readableBytesView) { trailers.append(field) }
            case .ended:
                phase = .head
            }
        }
    }

    private mutating func end() -> Event {
        defer { trailers = [] }
        phase = .ended
        return .end(trailers: trailers)
    }

    private mutating func takeBody(upTo count: Int) -> ByteBuffer? {
        let available = min(count, buffer.readableBytes)
        return available > 0 ? buffer.readSlice(length: available) : nil
    }

    /// A line of a chunked body without its end; bounded like a head.
    private mutating func takeLine() throws(HTTPRequestError) -> ByteBuffer? {
        let view = buffer.readableBytesView
        guard let newline = view.prefix(Self.headLimit).firstIndex(of: UInt8(ascii: "\n")) else {
            if view.count >= Self.headLimit { throw Self.malformed("a chunk's head is too long") }
            return nil
        }
        var length = newline - view.startIndex
        guard var line = buffer.readSlice(length: length + 1) else { return nil }
        if length > 0, line.getInteger(at: line.readerIndex + length - 1, as: UInt8.self) == UInt8(ascii: "\r") {
            length -= 1
        }
        return line.readSlice(length: length)
    }

    private static func chunkSize(_ line: ByteBuffer) throws(HTTPRequestError) -> Int {
        var size = 0
        var digits = 0
        for byte in line.readableBytesView {
            guard let value = hexadecimal(byte) else {
                // Extensions follow a semicolon.
                if digits > 0, byte == UInt8(ascii: ";") || byte == UInt8(ascii: " ") { break }
                throw malformed("a chunk's size is not a hexadecimal number")
            }
            digits += 1
            guard digits <= 8 else { throw malformed("a chunk is too large") }
            size = size << 4 | value
        }
        guard digits > 0 else { throw malformed("a chunk has no size") }
        return size
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    static func malformed(_ message: String) -> HTTPRequestError { HTTPRequestError(status: 400, message: message) }
}

// MARK: The head

extension HTTPRequestReader {
    private mutating func readHead() throws(HTTPRequestError) -> HTTPRequestHead? {
        guard let length = try headLength() else { return nil }
        guard let slice = buffer.readSlice(length: length) else { return nil }
        let parsed = slice.withUnsafeReadableBytes { bytes in
            Result { () throws(HTTPRequestError) in try Self.parse(bytes) }
        }
        let head = try parsed.get()
        switch head.body {
        case .chunked: phase = .chunkSize
        case .known(let count): phase = .counted(remaining: count)
        }
        return head
    }

    /// The head's length including the empty line, nil while that is missing.
    private func headLength() throws(HTTPRequestError) -> Int? {
        let length = buffer.withUnsafeReadableBytes { bytes -> Int? in
            var index = 0
            let limit = min(bytes.count, Self.headLimit)
            while index < limit {
                guard bytes[index] == UInt8(ascii: "\n") else {
                    index += 1
                    continue
                }
                if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") { return index + 2 }
                if index + 2 < bytes.count, bytes[index + 1] == UInt8(ascii: "\r"), bytes[index + 2] == 10 {
                    return index + 3
                }
                index += 1
            }
            return nil
        }
        if length == nil, buffer.readableBytes >= Self.headLimit {
            throw HTTPRequestError(status: 431, message: "the head of the request is too large")
        }
        return length
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) throws(HTTPRequestError) -> HTTPRequestHead {
        var lines = LineCursor(bytes: bytes)
        guard let first = lines.next() else { throw malformed("the request is empty") }
        var head = try requestLine(first)
        var count = 0
        while let line = lines.next(), !line.isEmpty {
            count += 1
            guard count <= fieldLimit else {
                throw HTTPRequestError(status: 431, message: "the request has too many header fields")
            }
            try take(line, into: &head)
        }
        return head
    }

    private static func requestLine(_ line: UnsafeRawBufferPointer.SubSequence) throws(HTTPRequestError)
        -> HTTPRequestHead
    {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].elementsEqual("HTTP/1.1".utf8) || parts[2].elementsEqual("HTTP/1.0".utf8)
        else { throw malformed("this is not an HTTP/1.1 request") }
        let method: HTTPRequestHead.Method =
            if parts[0].elementsEqual("GET".utf8) { .get } else if parts[0].elementsEqual("POST".utf8) {
                .post
            } else if parts[0].elementsEqual("PUT".utf8) { .put } else { .other }
        let path = parts[1].prefix { $0 != UInt8(ascii: "?") }
        return HTTPRequestHead(
            method: method, path: String(decoding: path, as: UTF8.self), body: .known(0),
            keepsAlive: parts[2].last == UInt8(ascii: "1"), expectsContinue: false, fields: [])
    }

    private static func take(
        _ line: UnsafeRawBufferPointer.SubSequence, into head: inout HTTPRequestHead
    ) throws(HTTPRequestError) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
            throw malformed("a header field has no name")
        }
        let name = line[..<colon]
        // Most fields (Host, User-Agent, Accept) are nothing to this server: the first letter tells.
        switch name[name.startIndex] | 0x20 {
        case UInt8(ascii: "c"), UInt8(ascii: "t"), UInt8(ascii: "e"), UInt8(ascii: "l"): break
        default: return
        }
        let value = trim(line[(colon + 1)...])
        if equals(name, "content-length") {
            try takeLength(value, into: &head)
        } else if equals(name, "transfer-encoding") {
            guard equals(value, "chunked") else { throw malformed("only the chunked transfer encoding is understood") }
            head.body = .chunked
        } else if equals(name, "connection") {
            if equals(value, "close") { head.keepsAlive = false }
            if equals(value, "keep-alive") { head.keepsAlive = true }
        } else if equals(name, "expect") {
            head.expectsContinue = equals(value, "100-continue")
        } else if let field = try field(line) {
            head.fields.append(field)
        }
    }

    private static func takeLength(
        _ value: UnsafeRawBufferPointer.SubSequence, into head: inout HTTPRequestHead
    ) throws(HTTPRequestError) {
        guard !value.isEmpty, value.count <= 12, value.allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
            throw malformed("Content-Length is not a number")
        }
        // A chunked body says its own length.
        guard head.body != .chunked else { return }
        head.body = .known(value.reduce(0) { $0 * 10 + Int($1 - 48) })
    }

    /// A field that the API reads: `Lambda-*`, `Content-Type`.
    private static func field(_ line: some BidirectionalCollection<UInt8>) throws(HTTPRequestError) -> (
        name: String, value: String
    )? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw malformed("a field has no name") }
        let name = line[..<colon]
        guard name.count >= 7, equals(name.prefix(7), "lambda-") || equals(name, "content-type") else { return nil }
        let value = trim(line[line.index(after: colon)...])
        let lowercase = name.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        return (String(decoding: lowercase, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    private static func equals(_ bytes: some Collection<UInt8>, _ lowercase: StaticString) -> Bool {
        guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
        var expected = lowercase.utf8Start
        for byte in bytes {
            let folded = (65...90).contains(byte) ? byte | 0x20 : byte
            if folded != expected.pointee { return false }
            expected += 1
        }
        return true
    }

    private static func trim<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
        var trimmed = bytes[...]
        while let first = trimmed.first, first == 32 || first == 9 { trimmed.removeFirst() }
        while let last = trimmed.last, last == 32 || last == 9 { trimmed.removeLast() }
        return trimmed
    }
}

/// Goes through the lines of a head, whichever way they end.
private struct LineCursor {
    var bytes: UnsafeRawBufferPointer
    var position = 0

    mutating func next() -> UnsafeRawBufferPointer.SubSequence? {
        guard position < bytes.count else { return nil }
        let start = position
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        position = end + 1
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return bytes[start..<end]
    }
}
