import Core
import Testing

@testable import Objects

@Suite struct KeyPathTests {
    @Test(arguments: [
        "a", "a/b/c.txt", "2026/11/report 1.csv", "ünï/日本.json", ".hidden", "a.b/..c", "...", ".millracer/x",
        "x/.millrace",
    ])
    func `ordinary paths are their own files`(text: String) throws {
        let key = try ObjectKey(text)
        #expect(key.isOrdinaryPath)
        #expect(key.path(key.preferredLocation) == text)
    }

    @Test(arguments: [
        "/a", "a/", "a//b", "/", "//", ".", "..", "a/../b", "./a", "a/.", "../../etc/passwd", "a\u{0}b", "a\nb",
        "a\u{7F}",
        ".millrace", ".millrace/keys/x", String(repeating: "x", count: 256), "d/" + String(repeating: "y", count: 300),
        String(repeating: "/", count: 1024), String(repeating: "é", count: 512),
    ]) func `all other keys are escaped below the host's directory`(text: String) throws {
        let key = try ObjectKey(text)
        #expect(!key.isOrdinaryPath)
        let path = key.path(key.preferredLocation)
        #expect(path.hasPrefix(".millrace/keys/"))
        for segment in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2) {
            #expect(segment.utf8.count <= 255 && !segment.isEmpty && segment != "." && segment != "..")
            #expect(segment.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        }
        #expect(ObjectKey(escapedPath: key.escapedPath) == key)
    }

    @Test func `a key has 1 to 1024 bytes`() {
        #expect(throws: ObjectStoreError.self) { try ObjectKey("") }
        #expect(throws: ObjectStoreError.self) { try ObjectKey(String(repeating: "é", count: 513)) }
    }

    @Test func `keys are told apart by their bytes`() throws {
        let composed = try ObjectKey("caf\u{E9}")
        let decomposed = try ObjectKey("cafe\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test func `no two keys have the same path, and no file is another's directory`() throws {
        var random = SeededRandom(seed: 42)
        let pieces = [
            "a", "b", "/", "//", ".", "..", "%", "%2F", "+", "=", "\n", "é", ".millrace", "keys", "a=", "b+",
            String(repeating: "z", count: 199),
        ]
        var keyOfPath: [String: ObjectKey] = [:]
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...7, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined()
            guard let key = try? ObjectKey(text) else { continue }
            let path = key.path(key.preferredLocation)
            if let other = keyOfPath[path] { #expect(other == key) }
            keyOfPath[path] = key
            let escaped = key.path(.escaped)
            #expect(ObjectKey(escapedPath: key.escapedPath) == key)
            if escaped != path {
                #expect(keyOfPath[escaped].map { $0 == key } ?? true)
                keyOfPath[escaped] = key
            }
        }
        let escaped = Set(keyOfPath.keys.filter { $0.hasPrefix(".millrace/keys/") })
        for path in escaped {
            var rest = path[...]
            while let slash = rest.lastIndex(of: "/") {
                rest = rest[..<slash]
                #expect(!escaped.contains(String(rest)))
            }
        }
        #expect(keyOfPath.count > 10_000)
    }

    @Test(arguments: ["a", "+", "a+", "x+/", "%2f=", "%zz=", "=", "a=/b="]) func `what is no escape is refused`(
        text: String
    ) {
        #expect(ObjectKey(escapedPath: text) == nil)
    }
}
