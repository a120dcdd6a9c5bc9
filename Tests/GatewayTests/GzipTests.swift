import Core
import Testing
import Wire

@testable import Gateway

@Suite struct GzipTests {
    @Test("what was compressed comes back", arguments: [0, 1, 1_000, 1_000_000])
    func roundTrip(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
        let packed = try #require(Gzip.compress(bytes))
        #expect(try Gzip.decompress(packed, limit: 1_000_000) == bytes)
    }

    @Test("what would grow too large, or is no gzip, is refused") func refused() throws {
        let bomb = try #require(Gzip.compress([UInt8](repeating: 0, count: 10_000_000)))
        #expect(bomb.count < 100_000)
        #expect(throws: AWSError.self) { try Gzip.decompress(bomb, limit: 1_000_000) }
        #expect(throws: AWSError.self) { try Gzip.decompress(Array(bomb.prefix(1_000)), limit: 100_000_000) }
        #expect(throws: AWSError.self) { try Gzip.decompress(Array("no gzip".utf8), limit: 1_000) }
        #expect(throws: AWSError.self) { try Gzip.decompress([], limit: 1_000) }
    }
}
