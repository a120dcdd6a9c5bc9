import CCrypto

/// AES key wrap with padding (RFC 5649), of libcrypto.
public enum KeyWrap {
    /// What was wrapped; nil when the bytes or the key are others.
    ///
    /// - Parameter key: of 256 bits.
    public static func unwrap(_ wrapped: [UInt8], key: [UInt8]) -> [UInt8]? {
        guard key.count == 32, wrapped.count >= 16, wrapped.count % 8 == 0 else { return nil }
        let cipher = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(cipher) }
        EVP_CIPHER_CTX_set_flags(cipher, Int32(EVP_CIPHER_CTX_FLAG_WRAP_ALLOW))
        guard EVP_DecryptInit_ex(cipher, EVP_aes_256_wrap_pad(), nil, key, nil) == 1 else { return nil }
        var result = [UInt8](repeating: 0, count: wrapped.count)
        var count: Int32 = 0
        guard EVP_DecryptUpdate(cipher, &result, &count, wrapped, Int32(wrapped.count)) == 1, count > 0 else {
            return nil
        }
        return Array(result[..<Int(count)])
    }
}
