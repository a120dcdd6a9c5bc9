import Testing

@testable import Wire

@Suite struct CRCTests {
    /// The check values of the catalogue of parametrised CRC algorithms: of the text `123456789`.
    @Test func checkValues() {
        let text = Array("123456789".utf8)
        #expect(CRC32.checksum(text) == 0xCBF4_3926)
        var castagnoli = CRC32.c
        castagnoli.update(text)
        #expect(castagnoli.value == 0xE306_9283)
        var nvme = CRC64NVME()
        text.withUnsafeBytes { nvme.update($0) }
        #expect(nvme.value == 0xAE8B_1486_0A79_9888)
    }

    @Test(arguments: [UInt32(0xEDB8_8320), 0x82F6_3B78])
    func longMessagesOf32Bits(_ polynomial: UInt32) {
        compare(CRCTables(polynomial: polynomial), CRCTables(polynomial: polynomial, folds: false))
    }

    @Test func longMessagesOf64Bits() {
        let polynomial: UInt64 = 0x9A6C_9329_AC4B_C9B5
        compare(CRCTables(polynomial: polynomial), CRCTables(polynomial: polynomial, folds: false))
    }

    /// Every length up to a few blocks, at every alignment of the memory, begun with any register and in several pieces.
    private func compare<Word>(_ folding: CRCTables<Word>, _ tables: CRCTables<Word>) {
        var random = SystemRandomNumberGenerator()
        let message = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
        message.withUnsafeBytes { message in
            for length in Array(0..<420) + [1000, 2047, 2048, 4000] {
                let piece = UnsafeRawBufferPointer(rebasing: message[(length % 17)...].prefix(length))
                let start = Word.random(in: 0...Word.max, using: &random)
                var (folded, looked, pieced) = (start, start, start)
                folding.update(&folded, piece)
                tables.update(&looked, piece)
                let cut = piece.isEmpty ? 0 : Int.random(in: 0..<piece.count, using: &random)
                folding.update(&pieced, UnsafeRawBufferPointer(rebasing: piece[..<cut]))
                folding.update(&pieced, UnsafeRawBufferPointer(rebasing: piece[cut...]))
                #expect(folded == looked && pieced == looked, "\(length) bytes, cut at \(cut)")
            }
        }
    }
}
