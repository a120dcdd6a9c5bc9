import Core
import Testing

@Suite struct GzipTests {
    @Test("what was compressed comes back", arguments: [0, 1, 1_000, 1_000_000])
    func roundTrip(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
        let packed = try #require(Gzip.compress(bytes))
        #expect(Gzip.isCompressed(packed))
        #expect(try Gzip.decompress(packed, limit: 1_000_000) == bytes)
    }

    @Test("members one after another are one text; what is behind them is none of it") func members() throws {
        let first = try #require(Gzip.compress(Array("one ".utf8)))
        let second = try #require(Gzip.compress(Array("two".utf8)))
        #expect(try Gzip.decompress(first + second + [0, 0], limit: 7) == Array("one two".utf8))
        #expect(throws: Gzip.Failure.tooLarge(limit: 6)) { try Gzip.decompress(first + second, limit: 6) }
        #expect(throws: Gzip.Failure.invalid) { try Gzip.decompress(first + second.dropLast(4), limit: 7) }
    }

    @Test("what would grow too large, or is no gzip, is refused") func refused() throws {
        let bomb = try #require(Gzip.compress([UInt8](repeating: 0, count: 10_000_000)))
        #expect(bomb.count < 100_000)
        #expect(throws: Gzip.Failure.tooLarge(limit: 1_000_000)) { try Gzip.decompress(bomb, limit: 1_000_000) }
        #expect(throws: Gzip.Failure.invalid) { try Gzip.decompress(Array(bomb.prefix(1_000)), limit: 100_000_000) }
        #expect(throws: Gzip.Failure.invalid) { try Gzip.decompress(Array("no gzip".utf8), limit: 1_000) }
        #expect(throws: Gzip.Failure.invalid) { try Gzip.decompress([], limit: 1_000) }
        #expect(!Gzip.isCompressed([0x1F]))
    }
}
