import Core

/// The MD5 digests by which senders check what a queue took.
public enum MessageDigest {
    public static func body(_ body: String) -> String { hexadecimal(Digest.md5(Array(body.utf8))) }

    /// The digest over the attributes in the order of their names: every part is preceded by its length in four bytes,
    /// big-endian; strings and numbers are marked 1, binary values 2. (Amazon SQS Developer Guide, "Calculating the MD5
    /// message digest for message attributes".)
    public static func attributes(_ attributes: [MessageAttribute]) -> String? {
        guard !attributes.isEmpty else { return nil }
        var bytes: [UInt8] = []
        for attribute in attributes.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            append(Array(attribute.name.utf8), to: &bytes)
            append(Array(attribute.type.utf8), to: &bytes)
            switch attribute.value {
            case .string(let text):
                bytes.append(1)
                append(Array(text.utf8), to: &bytes)
            case .binary(let data):
                bytes.append(2)
                append(data, to: &bytes)
            }
        }
        return hexadecimal(Digest.md5(bytes))
    }

    private static func append(_ part: [UInt8], to bytes: inout [UInt8]) {
        let count = UInt32(truncatingIfNeeded: part.count)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
        bytes += part
    }
}
