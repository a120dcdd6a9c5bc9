import CCrypto

/// The keyed digests HMAC (RFC 2104) of the SHA-2 family, of libcrypto.
public enum KeyedDigest: Sendable {
    case sha224, sha256, sha384, sha512

    /// Bytes of the result.
    public var size: Int {
        switch self {
        case .sha224: 28
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    public func of(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { result, count in
            var length: UInt32 = 0
            let done = HMAC(function, key, Int32(key.count), bytes, bytes.count, result.baseAddress, &length)
            precondition(done != nil, "libcrypto cannot compute a keyed digest")
            count = Int(length)
        }
    }

    /// Whether two digests are the same, in a time that does not tell where they differ.
    public static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
    }

    private var function: OpaquePointer? {
        switch self {
        case .sha224: EVP_sha224()
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }
}
