/// Where the bytes of an object lie in its bucket's directory.
///
/// A key that is an ordinary relative path is that path: `2026/11/report.csv`. Any other key, and a key whose place is
/// taken (`a` beside `a/b`), lies under `.millrace/keys` with a reversible escape for its path.
enum ObjectLocation: Int64, Sendable {
    case plain = 0
    case escaped = 1
}

/// Names inside a bucket's directory that are not objects.
enum ReservedName {
    /// The host's own directory in every bucket; no object's path begins with it.
    static let directory = ".millrace"
    static let keys = ".millrace/keys"
    /// Files that are being written, set aside for deletion, or waiting for their place.
    static let uploads = ".millrace/uploads"
    static let parts = ".millrace/parts"
    static let versions = ".millrace/versions"
}

extension ObjectKey {
    /// Whether the key can be used as a path as it stands: no empty, `.` or `..` segment, none over 255 bytes, no
    /// control characters, and not the host's own directory.
    public var isOrdinaryPath: Bool {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return false }
        let segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let first = segments.first, !first.elementsEqual(ReservedName.directory.utf8) else { return false }
        return segments.allSatisfy { segment in
            (1...255).contains(segment.count) && !segment.elementsEqual(".".utf8) && !segment.elementsEqual("..".utf8)
        }
    }

    /// The location to try first.
    var preferredLocation: ObjectLocation { isOrdinaryPath ? .plain : .escaped }

    /// The path relative to the bucket's directory.
    func path(_ location: ObjectLocation) -> String {
        switch location {
        case .plain: text
        case .escaped: "\(ReservedName.keys)/\(escapedPath)"
        }
    }

    /// The key with all but letters, digits, `-` and `_` percent-encoded, cut into pieces of 200 characters: all but
    /// the last end in `+` and are directories, the last ends in `=` and is the file. So no escaped key is another's
    /// directory, and joining the pieces gives the key back.
    var escapedPath: String {
        let encoded = percentEncode(text.utf8) { byte in
            isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        var path = ""
        var rest = encoded[...]
        while rest.utf8.count > 200 {
            path += rest.prefix(200) + "+/"
            rest = rest.dropFirst(200)
        }
        return path + rest + "="
    }

    /// The key of an escaped path; nil when it is none.
    init?(escapedPath: String) {
        var encoded = ""
        let pieces = escapedPath.split(separator: "/", omittingEmptySubsequences: false)
        for (position, piece) in pieces.enumerated() {
            guard piece.last == (position == pieces.count - 1 ? "=" : "+") else { return nil }
            encoded += piece.dropLast()
        }
        guard let bytes = percentDecode(encoded), let key = ObjectKey(bytes: bytes), key.escapedPath == escapedPath
        else { return nil }
        self = key
    }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

/// Writes every byte that is not kept as `%` and two upper-case hexadecimal digits.
func percentEncode(_ bytes: some Sequence<UInt8>, keeping isKept: (UInt8) -> Bool) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in bytes {
        if isKept(byte) {
            encoded.append(byte)
        } else {
            encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

private func percentDecode(_ text: String) -> [UInt8]? {
    var decoded: [UInt8] = []
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
        guard byte == UInt8(ascii: "%") else {
            decoded.append(byte)
            continue
        }
        guard let high = bytes.next().flatMap(hexadecimalValue), let low = bytes.next().flatMap(hexadecimalValue) else {
            return nil
        }
        decoded.append(high << 4 | low)
    }
    return decoded
}

private func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
