import CCrypto

/// AES with keys of 256 bits in Galois/counter mode, of libcrypto: what was changed is not decrypted.
public enum AuthenticatedCipher {
    public static let keySize = 32
    public static let nonceSize = 12
    public static let tagSize = 16

    /// The encrypted bytes, followed by their tag.
    ///
    /// - Parameters:
    ///   - nonce: must not be used with the same key again.
    ///   - context: is not encrypted, and must be the same when the bytes are opened.
    public static func seal(_ bytes: [UInt8], key: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8] {
        precondition(key.count == keySize && nonce.count == nonceSize, "a key has 32 bytes and a nonce 12")
        let cipher = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(cipher) }
        var result = [UInt8](repeating: 0, count: bytes.count + tagSize)
        var (count, last): (Int32, Int32) = (0, 0)
        let isDone = result.withUnsafeMutableBufferPointer { buffer in
            EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
                && EVP_EncryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1
                && EVP_EncryptUpdate(cipher, buffer.baseAddress, &count, bytes, Int32(bytes.count)) == 1
                && EVP_EncryptFinal_ex(cipher, buffer.baseAddress! + Int(count), &last) == 1
                && EVP_CIPHER_CTX_ctrl(
                    cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), buffer.baseAddress! + bytes.count) == 1
        }
        precondition(isDone, "libcrypto cannot encrypt")
        return result
    }

    /// What was sealed; nil when the bytes, the key, the nonce or the context are others.
    public static func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8]? {
        guard key.count == keySize, nonce.count == nonceSize, sealed.count >= tagSize else { return nil }
        let cipher = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(cipher) }
        let size = sealed.count - tagSize
        var tag = Array(sealed[size...])
        // One more, because a buffer of nothing has no address.
        var result = [UInt8](repeating: 0, count: size + 1)
        var (count, last): (Int32, Int32) = (0, 0)
        let isDone = result.withUnsafeMutableBufferPointer { buffer in
            EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
                && EVP_DecryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1
                && EVP_DecryptUpdate(cipher, buffer.baseAddress, &count, sealed, Int32(size)) == 1
                && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &tag) == 1
                && EVP_DecryptFinal_ex(cipher, buffer.baseAddress! + Int(count), &last) == 1
        }
        return isDone ? Array(result[..<size]) : nil
    }
}
