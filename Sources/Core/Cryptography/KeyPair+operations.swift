import CCrypto

extension KeyPair {
    /// How a digest is signed.
    public enum SignatureScheme: Sendable {
        /// RSASSA-PSS; the salt has the size of the digest.
        case pss
        case pkcs1
        /// ECDSA, the signature in DER.
        case ecdsa
    }

    /// The signature of a digest; nil when the key is not of the scheme's kind.
    public func sign(_ digest: [UInt8], _ algorithm: DigestAlgorithm, _ scheme: SignatureScheme) -> [UInt8]? {
        guard fits(scheme) else { return nil }
        let context = EVP_PKEY_CTX_new(key, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_sign_init(context) == 1, Self.set(scheme, algorithm, context) else { return nil }
        return Self.collect { EVP_PKEY_sign(context, $0, $1, digest, digest.count) }
    }

    /// Whether the signature is one of the digest by this key.
    public func isValid(
        _ signature: [UInt8], of digest: [UInt8], _ algorithm: DigestAlgorithm, _ scheme: SignatureScheme
    ) -> Bool {
        guard fits(scheme) else { return false }
        let context = EVP_PKEY_CTX_new(key, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_verify_init(context) == 1, Self.set(scheme, algorithm, context) else { return false }
        return EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
    }

    /// The bytes encrypted by RSAES-OAEP; nil when they are too many or the key is another.
    public func encrypt(_ bytes: [UInt8], oaep algorithm: DigestAlgorithm) -> [UInt8]? {
        crypt(bytes, .oaep(algorithm), EVP_PKEY_encrypt_init, EVP_PKEY_encrypt)
    }

    /// What was encrypted by RSAES-OAEP; nil when it was not, or for another key.
    public func decrypt(_ bytes: [UInt8], oaep algorithm: DigestAlgorithm) -> [UInt8]? {
        crypt(bytes, .oaep(algorithm), EVP_PKEY_decrypt_init, EVP_PKEY_decrypt)
    }

    /// What was encrypted by RSAES-PKCS1-v1_5.
    public func decryptPKCS1(_ bytes: [UInt8]) -> [UInt8]? {
        crypt(bytes, .pkcs1, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt)
    }

    // MARK: libcrypto

    private enum Padding {
        case oaep(DigestAlgorithm)
        case pkcs1
    }

    private typealias Operation = (
        OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
    ) -> Int32

    private func crypt(
        _ bytes: [UInt8], _ padding: Padding, _ begin: (OpaquePointer?) -> Int32, _ run: Operation
    ) -> [UInt8]? {
        guard case .rsa = kind else { return nil }
        let context = EVP_PKEY_CTX_new(key, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard begin(context) == 1 else { return nil }
        switch padding {
        case .oaep(let algorithm):
            guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_oaep_md(context, algorithm.function) == 1,
                EVP_PKEY_CTX_set_rsa_mgf1_md(context, algorithm.function) == 1
            else { return nil }
        case .pkcs1:
            guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 else { return nil }
        }
        return Self.collect { run(context, $0, $1, bytes, bytes.count) }
    }

    private func fits(_ scheme: SignatureScheme) -> Bool {
        switch (kind, scheme) {
        case (.rsa, .pss), (.rsa, .pkcs1), (.curve, .ecdsa): true
        default: false
        }
    }

    private static func set(
        _ scheme: SignatureScheme, _ algorithm: DigestAlgorithm, _ context: OpaquePointer?
    ) -> Bool {
        guard EVP_PKEY_CTX_set_signature_md(context, algorithm.function) == 1 else { return false }
        switch scheme {
        case .ecdsa: return true
        case .pkcs1: return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        case .pss:
            return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
        }
    }

    /// Asks for the size of the result first, and then for the result.
    private static func collect(
        _ run: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>) -> Int32
    ) -> [UInt8]? {
        var count = 0
        guard run(nil, &count) == 1 else { return nil }
        // One more, because a buffer of nothing has no address.
        var result = [UInt8](repeating: 0, count: count + 1)
        let isDone = result.withUnsafeMutableBufferPointer { run($0.baseAddress, &count) == 1 }
        return isDone ? Array(result[..<count]) : nil
    }
}
