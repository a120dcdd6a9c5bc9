import Core
import Glibc

/// What `/large` answers with.
struct LargeFile {
    let descriptor: Int32
    let size: Int

    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var about = stat()
        guard descriptor >= 0, fstat(descriptor, &about) == 0 else { return nil }
        size = about.st_size
    }
}

/// One connection, until its client closes it. It understands the requests of the load generator and no others.
struct BoundConnection {
    private static let small = [UInt8](repeating: 120, count: 1024)
    private static let answer = Array(#"{"MessageId":"m","MD5OfMessageBody":"49f68a5c8493ec2c0bf489821c21fc3b"}"#.utf8)

    let descriptor: Int32
    let log: CommitLog
    let file: LargeFile
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    private var filled = 0

    init(descriptor: Int32, log: CommitLog, file: LargeFile) {
        (self.descriptor, self.log, self.file) = (descriptor, log, file)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    mutating func serve() {
        while let head = readHead(), respond(to: head) {}
        close(descriptor)
        buffer.deallocate()
    }

    private struct Head {
        /// Bytes with the empty line, and of the body.
        var size: Int
        var body: Int
        var path: Substring
    }

    private mutating func readHead() -> Head? {
        while true {
            if let size = end(of: "\r\n\r\n", within: filled) {
                let text = String(decoding: buffer[..<size], as: UTF8.self)
                let path = text.prefix(200).split(separator: " ", maxSplits: 2).dropFirst().first ?? ""
                return Head(size: size, body: bodyLength(within: size), path: path)
            }
            guard receive() else { return nil }
        }
    }

    /// Where the first such mark ends.
    private func end(of mark: StaticString, within count: Int) -> Int? {
        guard let start = buffer.baseAddress else { return nil }
        let length = mark.utf8CodeUnitCount
        var index = 0
        while index + length <= count,
            let found = memchr(start + index, Int32(mark.utf8Start[0]), count - index - length + 1)
        {
            index = found - start + 1
            if memcmp(found, mark.utf8Start, length) == 0 { return index + length - 1 }
        }
        return nil
    }

    private func bodyLength(within head: Int) -> Int {
        guard let start = end(of: "Content-Length: ", within: head) else { return 0 }
        var value = 0
        for byte in buffer[start..<head] {
            guard (48...57).contains(byte) else { break }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    private mutating func receive() -> Bool {
        let count = recv(descriptor, buffer.baseAddress! + filled, buffer.count - filled, 0)
        if count > 0 { filled += count }
        return count > 0
    }

    private mutating func respond(to head: Head) -> Bool {
        if head.path.hasPrefix("/large") { return take(head.size) && sendFile() }
        if head.path.hasPrefix("/small") { return take(head.size) && send(Self.small) }
        if head.path.hasPrefix("/digest") { return take(head.size) && sendDigest(of: head.body) }
        while filled < head.size + head.body { guard receive() else { return false } }
        if head.path.hasPrefix("/durable") {
            log.append(UnsafeRawBufferPointer(rebasing: buffer[head.size..<(head.size + head.body)]))
        }
        return take(head.size + head.body) && send(Self.answer)
    }

    /// Forgets the first bytes of the buffer.
    private mutating func take(_ count: Int) -> Bool {
        memmove(buffer.baseAddress!, buffer.baseAddress! + count, filled - count)
        filled -= count
        return true
    }

    private mutating func sendDigest(of size: Int) -> Bool {
        var digest = IncrementalDigest(.md5)
        var rest = size
        while rest > 0 {
            guard filled > 0 || receive() else { return false }
            let count = min(rest, filled)
            digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            rest -= count
            _ = take(count)
        }
        return send(Array(hexadecimal(digest.finish()).utf8))
    }

    private func send(_ body: [UInt8]) -> Bool {
        let response = Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
        return Glibc.send(descriptor, response, response.count, Int32(MSG_NOSIGNAL)) == response.count
    }

    private func sendFile() -> Bool {
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: \(file.size)\r\n\r\n".utf8)
        guard Glibc.send(descriptor, head, head.count, Int32(MSG_NOSIGNAL | MSG_MORE)) == head.count else {
            return false
        }
        var offset = 0
        while offset < file.size {
            guard sendfile(descriptor, file.descriptor, &offset, file.size - offset) > 0 else { return false }
        }
        return true
    }
}
