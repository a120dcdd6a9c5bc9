import Core
import Testing

@Suite struct CounterCipherTests {
    private static func bytes(_ digits: String) -> [UInt8] {
        stride(from: 0, to: digits.utf8.count, by: 2).compactMap { offset in
            UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
        }
    }

    // NIST SP 800-38A, F.5.5
    private static let key = bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    private static let nonce = bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    private static let plain = bytes(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
            + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
    private static let cipher = bytes(
        "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
            + "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6")

    @Test("the standard's example, both ways") func example() {
        #expect(CounterCipher.apply(Self.plain, key: Self.key, nonce: Self.nonce, offset: 0) == Self.cipher)
        #expect(CounterCipher.apply(Self.cipher, key: Self.key, nonce: Self.nonce, offset: 0) == Self.plain)
    }

    @Test("any piece on its own", arguments: [0..<64, 0..<1, 1..<16, 15..<17, 16..<32, 33..<64, 63..<64, 5..<5])
    func piece(range: Range<Int>) {
        let piece = CounterCipher.apply(
            Array(Self.plain[range]), key: Self.key, nonce: Self.nonce, offset: Int64(range.lowerBound))
        #expect(piece == Array(Self.cipher[range]))
    }

    @Test("the counter is carried over all bytes of the nonce") func carry() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let full = [UInt8](repeating: 0xFF, count: 16)
        let whole = CounterCipher.apply(zeros, key: Self.key, nonce: full, offset: 0)
        let second = CounterCipher.apply(Array(zeros.prefix(16)), key: Self.key, nonce: full, offset: 16)
        let none = CounterCipher.apply(
            Array(zeros.prefix(16)), key: Self.key, nonce: [UInt8](repeating: 0, count: 16), offset: 0)
        #expect(Array(whole.suffix(16)) == second && second == none)
    }
}
