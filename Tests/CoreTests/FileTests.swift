import Core
import Foundation
import Testing

@Suite struct FileTests {
    /// Each replaces the file as a whole, whoever is first, and none finds its draft taken away.
    @Test func `a file may be written by several at once`() throws {
        let directory = "\(NSTemporaryDirectory())/files-\(UUID().uuidString)"
        try Directory.create(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = "\(directory)/same"
        let content = [UInt8](repeating: 7, count: 10_000)
        DispatchQueue.concurrentPerform(iterations: 64) { _ in
            do {
                try File.write(content, to: path)
            } catch {
                Issue.record("\(error)")
            }
        }
        #expect(try File.read(path) == content)
        #expect(Directory.entries(directory) == ["same"])
    }
}
