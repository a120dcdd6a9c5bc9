import Core

/// What a symmetric key encrypted: a header, the identifier of the key material, a nonce, and the encrypted bytes with
/// their tag. The identifier names the key too.
struct KMSCiphertext {
    private static let header: [UInt8] = [1, 2, 2, 0]
    private static let materialSize = 32

    /// 64 hexadecimal digits.
    var materialID: String
    private var nonce: [UInt8]
    private var sealed: [UInt8]

    /// Nil when the bytes are none of this form.
    init?(_ bytes: [UInt8]) {
        let start = Self.header.count + Self.materialSize
        let body = start + AuthenticatedCipher.nonceSize
        guard bytes.count >= body + AuthenticatedCipher.tagSize, bytes.starts(with: Self.header) else { return nil }
        materialID = hexadecimal(bytes[Self.header.count..<start])
        nonce = Array(bytes[start..<body])
        sealed = Array(bytes[body...])
    }

    /// What was encrypted; nil when the context is another or the bytes were changed.
    func open(_ key: [UInt8], context: [String: String]) -> [UInt8]? {
        AuthenticatedCipher.open(
            sealed, key: key, nonce: nonce, context: Self.authenticated(context, materialID))
    }

    static func seal(
        _ bytes: [UInt8], _ key: [UInt8], materialID: String, context: [String: String], _ random: any RandomSource
    ) -> [UInt8] {
        let nonce = random.bytes(AuthenticatedCipher.nonceSize)
        return header + digits(materialID) + nonce
            + AuthenticatedCipher.seal(
                bytes, key: key, nonce: nonce, context: authenticated(context, materialID))
    }

    /// The encryption context in one order, each text after its size, and what stands before the encrypted bytes.
    private static func authenticated(_ context: [String: String], _ materialID: String) -> [UInt8] {
        var bytes = header + digits(materialID)
        for (name, value) in context.sorted(by: { $0.key < $1.key }) {
            for text in [name, value] {
                withUnsafeBytes(of: UInt32(text.utf8.count).bigEndian) { bytes += $0 }
                bytes += text.utf8
            }
        }
        return bytes
    }

    private static func digits(_ text: String) -> [UInt8] {
        let values = text.utf8.map { $0 < 0x3A ? $0 - 0x30 : ($0 | 0x20) - 0x57 }
        return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
