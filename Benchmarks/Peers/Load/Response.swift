import Glibc

/// Reads one HTTP response as its bytes arrive. The body is counted and let go, unless it is wanted.
struct Response {
    private enum Step {
        case head, body(Int), chunkSize, chunk(Int), chunkEnd, trailer, untilClose, complete
    }

    /// The longest head, and the longest line of a chunk.
    static let longestHead = 64 << 10
    private static let longestKept = 4 << 20

    private(set) var status = 0
    /// The server closes the connection behind this response.
    private(set) var closes = false
    private(set) var kept: [UInt8] = []
    private var keepsBody: Bool
    private var step = Step.head

    init(keepsBody: Bool) {
        self.keepsBody = keepsBody
    }

    var isComplete: Bool {
        if case .complete = step { return true }
        return false
    }

    var isSuccess: Bool { (200..<300).contains(status) }

    /// Bytes of the body that come next and that nobody wants.
    var discardable: Int {
        if keepsBody { return 0 }
        switch step {
        case .body(let rest), .chunk(let rest): return rest
        default: return 0
        }
    }

    mutating func discard(_ count: Int) {
        switch step {
        case .body(let rest): step = rest == count ? .complete : .body(rest - count)
        case .chunk(let rest): step = rest == count ? .chunkEnd : .chunk(rest - count)
        default: break
        }
    }

    /// The server has closed the connection; true when that ends the response.
    mutating func close() -> Bool {
        guard case .untilClose = step else { return isComplete }
        step = .complete
        return true
    }

    /// Returns how many of the bytes it has read; the others are needed again, with those that follow them.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        var taken = 0
        while taken < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
            switch step {
            case .head:
                guard let end = rest.end(of: "\r\n\r\n") else { return taken }
                readHead(UnsafeRawBufferPointer(rebasing: rest[..<(end - 2)]))
                taken += end
            case .body(let wanted), .chunk(let wanted):
                let count = min(wanted, rest.count)
                keep(rest[..<count])
                discard(count)
                taken += count
            case .chunkSize:
                guard let end = rest.end(of: "\r\n") else { return taken }
                let size = rest[..<end].hexadecimal
                step = size == 0 ? .trailer : .chunk(size)
                taken += end
            case .chunkEnd:
                if rest.count < 2 { return taken }
                step = .chunkSize
                taken += 2
            case .trailer:
                guard let end = rest.end(of: "\r\n") else { return taken }
                if end == 2 { step = .complete }
                taken += end
            case .untilClose:
                keep(rest[...])
                taken = bytes.count
            case .complete:
                return taken
            }
        }
        return taken
    }

    private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
        if keepsBody, kept.count < Self.longestKept { kept += bytes }
    }

    /// `head`: lines that end with CR and LF.
    private mutating func readHead(_ head: UnsafeRawBufferPointer) {
        guard head.count > 12 else { return step = .complete }
        status = (9..<12).reduce(0) { $0 * 10 + Int(head[$1] & 15) }
        // Only 1.1 keeps connections when nothing is said of them.
        closes = head[7] == UInt8(ascii: "0")
        var length: Int?
        var chunked = false
        var line = head.end(of: "\r\n") ?? head.count
        while line < head.count {
            let rest = UnsafeRawBufferPointer(rebasing: head[line...])
            let end = rest.end(of: "\r\n") ?? rest.count
            if let value = rest.value(of: "content-length:") {
                length = rest[value..<end].decimal
            } else if let value = rest.value(of: "transfer-encoding:") {
                chunked = rest[value..<end].contains(word: "chunked")
            } else if let value = rest.value(of: "connection:") {
                closes =
                    closes ? !rest[value..<end].contains(word: "keep-alive") : rest[value..<end].contains(word: "close")
            }
            line += end
        }
        if status < 200 { return step = .head }
        keepsBody = keepsBody || !isSuccess
        if status == 204 || status == 304 || (length == 0 && !chunked) {
            step = .complete
        } else if chunked {
            step = .chunkSize
        } else if let length {
            step = .body(length)
        } else {
            step = .untilClose
            closes = true
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Where the first such mark ends.
    fileprivate func end(of mark: StaticString) -> Int? {
        guard let baseAddress else { return nil }
        let length = mark.utf8CodeUnitCount
        var index = 0
        while index + length <= count,
            let found = memchr(baseAddress + index, Int32(mark.utf8Start[0]), count - index - length + 1)
        {
            index = UnsafeRawPointer(found) - baseAddress
            if memcmp(found, mark.utf8Start, length) == 0 { return index + length }
            index += 1
        }
        return nil
    }

    /// Where the value begins of a header with this name, which is in small letters.
    fileprivate func value(of name: StaticString) -> Int? {
        let length = name.utf8CodeUnitCount
        guard count > length, self[0] | 32 == name.utf8Start[0], let baseAddress,
            strncasecmp(baseAddress.assumingMemoryBound(to: CChar.self), name.utf8Start.cString, length) == 0
        else { return nil }
        return length
    }
}

extension UnsafePointer<UInt8> {
    fileprivate var cString: UnsafePointer<CChar> {
        UnsafeRawPointer(self).assumingMemoryBound(to: CChar.self)
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var decimal: Int {
        reduce(0) { (48...57).contains($1) ? $0 &* 10 &+ Int($1 - 48) : $0 }
    }

    /// The number that the line begins with.
    fileprivate var hexadecimal: Int {
        var value = 0
        for byte in self {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { break }
            value = value &* 16 &+ digit
        }
        return value
    }

    fileprivate func contains(word: String) -> Bool {
        String(decoding: self, as: UTF8.self).lowercased().contains(word)
    }
}
