import Glibc
import Core
import Testing

@testable import millrace

@Suite struct SpareMemoryTests {
    private func residentBytes() throws -> Int {
        let text = try String(decoding: File.read("/proc/self/statm"), as: UTF8.self)
        return try #require(Int(text.split(separator: " ")[1])) * 4096
    }

    @Test func whatAPeakLeftIsGivenBack() throws {
        let pieces = (0..<400_000).map { _ in malloc(256) }
        for piece in pieces { memset(piece!, 1, 256) }
        // A few that are still in use keep the allocator from giving the rest back by itself.
        for index in pieces.indices where index % 1000 != 999 { free(pieces[index]) }
        let before = try residentBytes()
        #expect(SpareMemory.giveBack())
        #expect(try residentBytes() < before - SpareMemory.worthwhile)
        for index in pieces.indices where index % 1000 == 999 { free(pieces[index]) }
    }
}
