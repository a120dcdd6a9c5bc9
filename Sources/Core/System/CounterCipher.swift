import CCrypto

/// AES with keys of 256 bits in counter mode, of libcrypto: any place of the bytes can be encrypted and decrypted on its
/// own, and both are the same operation. The same key and nonce must not be used for other bytes.
public enum CounterCipher {
    public static let keySize = 32
    public static let nonceSize = 16
    private static let blockSize: Int64 = 16

    /// - Parameters:
    ///   - offset: how many bytes come before these.
    public static func apply(_ bytes: [UInt8], key: [UInt8], nonce: [UInt8], offset: Int64) -> [UInt8] {
        precondition(key.count == keySize && nonce.count == nonceSize, "a key has 32 bytes and a nonce 16")
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        let begun = EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nil, key, counter(nonce, offset / blockSize))
        precondition(begun == 1, "libcrypto cannot encrypt")
        // The first block may have begun before these bytes.
        let skipped = Int(offset % blockSize)
        if skipped > 0 { _ = run(context, [UInt8](repeating: 0, count: skipped)[...]) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while !rest.isEmpty {
            result += run(context, rest.prefix(1 << 30))
            rest = rest.dropFirst(1 << 30)
        }
        return result
    }

    private static func run(_ context: OpaquePointer?, _ bytes: ArraySlice<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { result, count in
            var length: Int32 = 0
            let done = bytes.withUnsafeBufferPointer {
                EVP_EncryptUpdate(context, result.baseAddress, &length, $0.baseAddress, Int32($0.count))
            }
            precondition(done == 1, "libcrypto cannot encrypt")
            count = Int(length)
        }
    }

    /// The nonce, as a number of 128 bits, plus so many blocks.
    private static func counter(_ nonce: [UInt8], _ blocks: Int64) -> [UInt8] {
        var counter = nonce
        var carry = UInt64(blocks)
        for index in counter.indices.reversed() where carry > 0 {
            carry += UInt64(counter[index])
            counter[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        return counter
    }
}
