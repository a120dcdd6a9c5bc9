import AWSModels
import Core

/// The kinds of keys that KMS makes, and what each of them is good for.
enum KMSKeySpec: String, CaseIterable, Sendable {
    case symmetric = "SYMMETRIC_DEFAULT"
    case rsa2048 = "RSA_2048"
    case rsa3072 = "RSA_3072"
    case rsa4096 = "RSA_4096"
    case p256 = "ECC_NIST_P256"
    case p384 = "ECC_NIST_P384"
    case p521 = "ECC_NIST_P521"
    case secp256k1 = "ECC_SECG_P256K1"
    case hmac224 = "HMAC_224"
    case hmac256 = "HMAC_256"
    case hmac384 = "HMAC_384"
    case hmac512 = "HMAC_512"

    /// What a key of this kind can be made for.
    var usages: [KMS.KeyUsageType] {
        switch self {
        case .symmetric: [.encryptDecrypt]
        case .rsa2048, .rsa3072, .rsa4096: [.encryptDecrypt, .signVerify]
        case .p256, .p384, .p521: [.signVerify, .keyAgreement]
        case .secp256k1: [.signVerify]
        case .hmac224, .hmac256, .hmac384, .hmac512: [.generateVerifyMac]
        }
    }

    /// The pair of keys that it is; nil for secrets.
    var pair: KeyPair.Kind? {
        switch self {
        case .rsa2048: .rsa(bits: 2048)
        case .rsa3072: .rsa(bits: 3072)
        case .rsa4096: .rsa(bits: 4096)
        case .p256: .curve(.p256)
        case .p384: .curve(.p384)
        case .p521: .curve(.p521)
        case .secp256k1: .curve(.secp256k1)
        default: nil
        }
    }

    /// The digest by which it makes message authentication codes.
    var digest: KeyedDigest? {
        switch self {
        case .hmac224: .sha224
        case .hmac256: .sha256
        case .hmac384: .sha384
        case .hmac512: .sha512
        default: nil
        }
    }

    var macAlgorithm: KMS.MacAlgorithmSpec? {
        switch self {
        case .hmac224: .hmacSha224
        case .hmac256: .hmacSha256
        case .hmac384: .hmacSha384
        case .hmac512: .hmacSha512
        default: nil
        }
    }

    /// Bytes of a secret; nil for pairs of keys.
    var secretSize: Int? { self == .symmetric ? AuthenticatedCipher.keySize : digest?.size }

    var encryptionAlgorithms: [KMS.EncryptionAlgorithmSpec] {
        switch self {
        case .symmetric: [.symmetricDefault]
        case .rsa2048, .rsa3072, .rsa4096: [.rsaesOaepSha1, .rsaesOaepSha256]
        default: []
        }
    }

    var signingAlgorithms: [KMS.SigningAlgorithmSpec] {
        switch self {
        case .rsa2048, .rsa3072, .rsa4096:
            [
                .rsassaPkcs1V15Sha256, .rsassaPkcs1V15Sha384, .rsassaPkcs1V15Sha512, .rsassaPssSha256,
                .rsassaPssSha384, .rsassaPssSha512,
            ]
        case .p256, .secp256k1: [.ecdsaSha256]
        case .p384: [.ecdsaSha384]
        case .p521: [.ecdsaSha512]
        default: []
        }
    }

    /// The most bytes that the algorithm encrypts under this key.
    func limit(_ algorithm: KMS.EncryptionAlgorithmSpec) -> Int? {
        guard case .rsa(let bits) = pair else { return nil }
        return bits / 8 - 2 * algorithm.digest.size - 2
    }

    /// New key material of this kind: a secret, or a private key as a PKCS #8 document. Takes up to seconds for RSA.
    func makeMaterial(_ random: any RandomSource) -> [UInt8] {
        if let pair { return KeyPair(generating: pair).pkcs8 }
        return random.bytes(secretSize ?? 0)
    }

    /// Whether the bytes can be key material of this kind.
    func isMaterial(_ bytes: [UInt8]) -> Bool {
        if let pair { return KeyPair(pkcs8: bytes)?.kind == pair }
        return bytes.count == secretSize
    }
}

extension KMS.EncryptionAlgorithmSpec {
    /// The digest of RSAES-OAEP.
    var digest: DigestAlgorithm { self == .rsaesOaepSha1 ? .sha1 : .sha256 }
}

extension KMS.SigningAlgorithmSpec {
    var digest: DigestAlgorithm {
        rawValue.hasSuffix("512") ? .sha512 : rawValue.hasSuffix("384") ? .sha384 : .sha256
    }

    var scheme: KeyPair.SignatureScheme {
        rawValue.hasPrefix("ECDSA") ? .ecdsa : rawValue.hasPrefix("RSASSA_PSS") ? .pss : .pkcs1
    }
}

extension RandomSource {
    /// So many random bytes.
    func bytes(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count + 8)
        while result.count < count { withUnsafeBytes(of: nextUInt64()) { result += $0 } }
        return Array(result.prefix(count))
    }
}
