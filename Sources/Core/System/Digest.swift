import CCrypto

/// Message digests of libcrypto.
public enum DigestAlgorithm: String, CaseIterable, Sendable {
    case md5 = "MD5"
    case sha1 = "SHA-1"
    case sha256 = "SHA-256"
    case sha384 = "SHA-384"
    case sha512 = "SHA-512"

    /// Bytes of the result.
    public var size: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    var function: OpaquePointer? {
        switch self {
        case .md5: EVP_md5()
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }
}

/// The digest of bytes that are all at hand.
public enum Digest {
    public static func of(_ bytes: UnsafeRawBufferPointer, _ algorithm: DigestAlgorithm) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.size) { result, count in
            var length: UInt32 = 0
            let done = EVP_Digest(
                bytes.baseAddress, bytes.count, result.baseAddress, &length, algorithm.function, nil)
            precondition(done == 1, "libcrypto cannot compute \(algorithm.rawValue)")
            count = Int(length)
        }
    }

    public static func of(_ bytes: [UInt8], _ algorithm: DigestAlgorithm) -> [UInt8] {
        bytes.withUnsafeBytes { of($0, algorithm) }
    }

    public static func md5(_ bytes: [UInt8]) -> [UInt8] { of(bytes, .md5) }
    public static func sha1(_ bytes: [UInt8]) -> [UInt8] { of(bytes, .sha1) }
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] { of(bytes, .sha256) }

    /// The keyed digest HMAC (RFC 2104).
    public static func hmac(_ bytes: [UInt8], key: [UInt8], _ algorithm: DigestAlgorithm) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.size) { result, count in
            var length: UInt32 = 0
            let done = HMAC(
                algorithm.function, key, Int32(key.count), bytes, bytes.count, result.baseAddress, &length)
            precondition(done != nil, "libcrypto cannot compute HMAC-\(algorithm.rawValue)")
            count = Int(length)
        }
    }
}

/// A digest that takes its bytes in parts.
public struct IncrementalDigest: ~Copyable {
    private let context: OpaquePointer
    private let size: Int

    public init(_ algorithm: DigestAlgorithm) {
        context = EVP_MD_CTX_new()
        size = algorithm.size
        let started = EVP_DigestInit_ex(context, algorithm.function, nil)
        precondition(started == 1, "libcrypto cannot compute \(algorithm.rawValue)")
    }

    deinit { EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    public consuming func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { result, count in
            var length: UInt32 = 0
            EVP_DigestFinal_ex(context, result.baseAddress, &length)
            count = Int(length)
        }
    }
}

/// Lower-case hexadecimal digits, two a byte.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.underestimatedCount * 2)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
