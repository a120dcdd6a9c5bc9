import Core
import Foundation
import Testing
@testable import millrace

@Suite struct CodeDirectoryTests {
    @Test func `files and empty directories change the fingerprint`() throws {
        let path = NSTemporaryDirectory() + "millrace-code-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Directory.create("\(path)/a")
        var seen = [CodeDirectory.fingerprint(path)]
        try Directory.create("\(path)/a/b")
        seen.append(CodeDirectory.fingerprint(path))
        try File.write(Array("x".utf8), to: "\(path)/a/b/x")
        seen.append(CodeDirectory.fingerprint(path))
        #expect(Set(seen).count == 3)
        try FileManager.default.removeItem(atPath: "\(path)/a/b")
        #expect(CodeDirectory.fingerprint(path) == seen[0])
    }
}
