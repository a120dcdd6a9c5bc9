import Core
import Testing

/// What libcrypto does for keys, against the examples of the standards.
@Suite struct CryptographyTests {
    private static func bytes(_ digits: String) -> [UInt8] {
        stride(from: 0, to: digits.utf8.count, by: 2).compactMap { offset in
            UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
        }
    }

    // The Galois/Counter Mode of Operation (McGrew, Viega), test case 16.
    private static let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    private static let nonce = bytes("cafebabefacedbaddecaf888")
    private static let context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    private static let plain = bytes(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0d"
            + "e657ba637b39")
    private static let sealed = bytes(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba"
            + "7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b")

    @Test("the example of the authenticated cipher, both ways") func example() {
        let made = AuthenticatedCipher.seal(Self.plain, key: Self.key, nonce: Self.nonce, context: Self.context)
        #expect(made == Self.sealed)
        let opened = AuthenticatedCipher.open(made, key: Self.key, nonce: Self.nonce, context: Self.context)
        #expect(opened == Self.plain)
    }

    @Test("nothing is opened that was changed", arguments: [0, 30, 59, 60, 75])
    func changed(place: Int) {
        var sealed = Self.sealed
        sealed[place] ^= 1
        #expect(AuthenticatedCipher.open(sealed, key: Self.key, nonce: Self.nonce, context: Self.context) == nil)
        #expect(AuthenticatedCipher.open(Self.sealed, key: Self.key, nonce: Self.nonce, context: []) == nil)
    }

    @Test("nothing is sealed too") func nothing() {
        let sealed = AuthenticatedCipher.seal([], key: Self.key, nonce: Self.nonce, context: [])
        #expect(sealed.count == AuthenticatedCipher.tagSize)
        #expect(AuthenticatedCipher.open(sealed, key: Self.key, nonce: Self.nonce, context: []) == [])
    }

    // RFC 4231, test case 2.
    @Test(
        "keyed digests",
        arguments: [
            (KeyedDigest.sha224, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"),
            (.sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                .sha384,
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
            ),
            (
                .sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
                    + "caeab1a34d4a6b4b636e070a38bce737"
            ),
        ]) func keyedDigest(algorithm: KeyedDigest, expected: String)
    {
        let made = algorithm.of(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(hexadecimal(made) == expected)
        #expect(KeyedDigest.isEqual(made, Self.bytes(expected)))
        #expect(!KeyedDigest.isEqual(made, Array(made.dropLast())))
    }

    @Test("wrapped keys") func wrapped() {
        let key = Array(UInt8(0)..<32)
        let wrapped = Self.bytes("5cfe23bc53ea5a101dfb5252756eeaab596b34157e26480729db183c3ddd2cb6")
        #expect(KeyWrap.unwrap(wrapped, key: key) == Array("material of some size".utf8))
        #expect(KeyWrap.unwrap(wrapped, key: Array(key.reversed())) == nil)
        #expect(KeyWrap.unwrap(Array(wrapped.dropLast()), key: key) == nil)
    }

    struct Signing: Sendable {
        var kind: KeyPair.Kind
        var scheme: KeyPair.SignatureScheme
        var algorithm: DigestAlgorithm
    }

    @Test(
        "signatures are of one key and one digest",
        arguments: [
            Signing(kind: .rsa(bits: 2048), scheme: .pss, algorithm: .sha256),
            Signing(kind: .rsa(bits: 2048), scheme: .pkcs1, algorithm: .sha512),
            Signing(kind: .curve(.p256), scheme: .ecdsa, algorithm: .sha256),
            Signing(kind: .curve(.p384), scheme: .ecdsa, algorithm: .sha384),
            Signing(kind: .curve(.p521), scheme: .ecdsa, algorithm: .sha512),
            Signing(kind: .curve(.secp256k1), scheme: .ecdsa, algorithm: .sha256),
        ]) func signature(case signing: Signing) throws
    {
        let made = KeyPair(generating: signing.kind)
        let pair = try #require(KeyPair(pkcs8: made.pkcs8))
        #expect(pair.kind == signing.kind)
        let digest = Digest.of(Array("message".utf8), signing.algorithm)
        let signature = try #require(pair.sign(digest, signing.algorithm, signing.scheme))
        let reader = try #require(KeyPair(publicKey: pair.publicKey))
        #expect(reader.isValid(signature, of: digest, signing.algorithm, signing.scheme))
        let other = Digest.of(Array("massage".utf8), signing.algorithm)
        #expect(!reader.isValid(signature, of: other, signing.algorithm, signing.scheme))
        #expect(!KeyPair(generating: signing.kind).isValid(signature, of: digest, signing.algorithm, signing.scheme))
        let wrong: KeyPair.SignatureScheme = signing.scheme == .ecdsa ? .pss : .ecdsa
        #expect(pair.sign(digest, signing.algorithm, wrong) == nil)
    }

    @Test("what a public key encrypts", arguments: [DigestAlgorithm.sha1, .sha256])
    func encryption(algorithm: DigestAlgorithm) throws {
        let pair = KeyPair(generating: .rsa(bits: 2048))
        let limit = 256 - 2 * algorithm.size - 2
        let longest = [UInt8](repeating: 7, count: limit)
        let sealed = try #require(KeyPair(publicKey: pair.publicKey)?.encrypt(longest, oaep: algorithm))
        #expect(pair.decrypt(sealed, oaep: algorithm) == longest)
        #expect(pair.decrypt(sealed, oaep: algorithm == .sha1 ? .sha256 : .sha1) == nil)
        #expect(pair.encrypt(longest + [7], oaep: algorithm) == nil)
        #expect(KeyPair(generating: .curve(.p256)).encrypt([1], oaep: algorithm) == nil)
    }

    @Test("two keys of one curve have one secret") func secret() {
        let (one, other) = (KeyPair(generating: .curve(.p384)), KeyPair(generating: .curve(.p384)))
        #expect(one.sharedSecret(with: other)?.count == 48)
        #expect(one.sharedSecret(with: other) == other.sharedSecret(with: one))
        #expect(one.sharedSecret(with: KeyPair(generating: .curve(.p256))) == nil)
    }

    @Test("other bytes are no keys", arguments: [[], [1, 2, 3], Array("-----BEGIN".utf8)] as [[UInt8]])
    func noKeys(bytes: [UInt8]) {
        #expect(KeyPair(pkcs8: bytes) == nil)
        #expect(KeyPair(publicKey: bytes) == nil)
    }
}
