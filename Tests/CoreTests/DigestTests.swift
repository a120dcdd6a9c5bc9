import Core
import Testing

@Suite struct DigestTests {
    @Test(arguments: [
        (DigestAlgorithm.md5, "900150983cd24fb0d6963f7d28e17f72"),
        (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func digestsOfABC(algorithm: DigestAlgorithm, expected: String) {
        #expect(hexadecimal(Digest.of(Array("abc".utf8), algorithm)) == expected)
        var parts = IncrementalDigest(algorithm)
        parts.update(Array("a".utf8))
        parts.update([])
        parts.update(Array("bc".utf8))
        #expect(hexadecimal(parts.finish()) == expected)
    }

    @Test func keyedDigest() {
        // RFC 4231, test case 2.
        let digest = Digest.hmac(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8), .sha256)
        #expect(hexadecimal(digest) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["Zg", "Z===", "Zg=a", "Z*==", "====", "Zm9v="])
    func refusesWhatIsNotBase64(text: String) { #expect(Base64.decode(text) == nil) }
}
