import CCrypto

/// A private key of libcrypto with its public half, or a public key alone.
public final class KeyPair: @unchecked Sendable {
    // libcrypto's key is not typed as Sendable; it is never changed, and each operation makes a context of its own.
    let key: OpaquePointer

    /// What kinds of keys there are.
    public enum Kind: Hashable, Sendable {
        /// The size of the modulus in bits.
        case rsa(bits: Int)
        case curve(Curve)
    }

    /// Elliptic curves, by libcrypto's names.
    public enum Curve: String, Sendable {
        case p256 = "prime256v1"
        case p384 = "secp384r1"
        case p521 = "secp521r1"
        case secp256k1
    }

    private init(_ key: OpaquePointer) { self.key = key }

    deinit { EVP_PKEY_free(key) }

    /// A new key. Takes up to seconds for RSA: not to be called where others wait.
    public convenience init(generating kind: Kind) {
        let context: OpaquePointer?
        switch kind {
        case .rsa: context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil)
        case .curve: context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        }
        defer { EVP_PKEY_CTX_free(context) }
        var isReady = EVP_PKEY_keygen_init(context) == 1
        switch kind {
        case .rsa(let bits): isReady = isReady && EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1
        case .curve(let curve): isReady = isReady && EVP_PKEY_CTX_set_group_name(context, curve.rawValue) == 1
        }
        var made: OpaquePointer?
        guard isReady, EVP_PKEY_keygen(context, &made) == 1, let made else {
            preconditionFailure("libcrypto cannot make a key")
        }
        self.init(made)
    }

    /// The key of a PKCS #8 document in DER; nil when it is none.
    public convenience init?(pkcs8 bytes: [UInt8]) {
        let read = bytes.withUnsafeBufferPointer { buffer in
            var place = buffer.baseAddress
            let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &place, buffer.count)
            defer { PKCS8_PRIV_KEY_INFO_free(info) }
            return info.flatMap { EVP_PKCS82PKEY($0) }
        }
        guard let read else { return nil }
        self.init(read)
    }

    /// The public key of a SubjectPublicKeyInfo document in DER; nil when it is none.
    public convenience init?(publicKey bytes: [UInt8]) {
        let read = bytes.withUnsafeBufferPointer { buffer in
            var place = buffer.baseAddress
            return d2i_PUBKEY(nil, &place, buffer.count)
        }
        guard let read else { return nil }
        self.init(read)
    }

    /// Nil for a kind that is not one of ``Kind``.
    public var kind: Kind? {
        if EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA { return .rsa(bits: Int(EVP_PKEY_get_bits(key))) }
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_EC else { return nil }
        var name = [UInt8](repeating: 0, count: 80)
        var count = 0
        let isNamed = name.withUnsafeMutableBytes {
            EVP_PKEY_get_group_name(key, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, &count) == 1
        }
        guard isNamed else { return nil }
        return Curve(rawValue: String(decoding: name[..<count], as: UTF8.self)).map { .curve($0) }
    }

    /// The private key as a PKCS #8 document in DER.
    public var pkcs8: [UInt8] {
        let info = EVP_PKEY2PKCS8(key)
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        return Self.document { i2d_PKCS8_PRIV_KEY_INFO(info, $0) }
    }

    /// The public key as a SubjectPublicKeyInfo document in DER.
    public var publicKey: [UInt8] { Self.document { i2d_PUBKEY(key, $0) } }

    private static func document(
        _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
    ) -> [UInt8] {
        let size = Int(write(nil))
        precondition(size > 0, "libcrypto cannot write a key")
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var place = buffer.baseAddress
            count = Int(write(&place))
        }
    }

    /// The secret that two keys of one curve have in common (ECDH); nil when they are not of one curve.
    public func sharedSecret(with other: KeyPair) -> [UInt8]? {
        guard case .curve = kind, kind == other.kind else { return nil }
        let context = EVP_PKEY_CTX_new(key, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var count = 0
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, other.key) == 1,
            EVP_PKEY_derive(context, nil, &count) == 1
        else { return nil }
        var secret = [UInt8](repeating: 0, count: count)
        guard EVP_PKEY_derive(context, &secret, &count) == 1 else { return nil }
        return Array(secret[..<count])
    }
}
