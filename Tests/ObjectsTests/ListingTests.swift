import Core
import Objects
import Testing

@Suite struct ListingTests {
    @Test func `pages give what a naive listing gives`() async throws {
        let fixture = try await Fixture()
        var random = SeededRandom(seed: 3)
        let parts = ["a", "b", "é", "a/", "b/", "//", "c.txt", "-"]
        var keys: Set<String> = []
        while keys.count < 120 {
            keys.insert(
                (0..<Int.random(in: 1...4, using: &random)).map { _ in parts.randomElement(using: &random)! }.joined())
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in keys { group.addTask { try await fixture.put(key) } }
            try await group.waitForAll()
        }
        let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for (prefix, delimiter) in [
            ("", ""), ("", "/"), ("a", "/"), ("a/", "/"), ("b", ""), ("", "a"), ("a", "//"), ("zz", "/"), ("", "c.t"),
        ] {
            for limit in [1, 3, 1000] {
                let expected = Self.naive(sorted, prefix, delimiter)
                var found: [String] = []
                var request = ListRequest(bucket: "data", prefix: prefix, delimiter: delimiter, limit: limit)
                while true {
                    let page = try await fixture.store.list(request)
                    let names = (page.versions.map(\.key.text) + page.commonPrefixes).sorted {
                        $0.utf8.lexicographicallyPrecedes($1.utf8)
                    }
                    #expect(names.count <= limit)
                    found += names
                    guard page.isTruncated, let last = page.last else { break }
                    request.after = last
                }
                #expect(found == expected, "prefix '\(prefix)' delimiter '\(delimiter)' limit \(limit)")
            }
        }
        #expect(try await fixture.store.list(ListRequest(bucket: "data", limit: 0)).versions.isEmpty)
    }

    static func naive(_ keys: [String], _ prefix: String, _ delimiter: String) -> [String] {
        var names: [String] = []
        for key in keys where key.utf8.starts(with: prefix.utf8) {
            var name = key
            let rest = String(decoding: key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            if !delimiter.isEmpty, let range = rest.firstRange(of: delimiter) {
                name = prefix + rest[..<range.upperBound]
            }
            if names.last != name { names.append(name) }
        }
        return names
    }

    @Test func `versions are listed newest first, page by page`() async throws {
        let fixture = try await Fixture()
        try await fixture.store.setVersioning(.enabled, of: "data")
        for round in 0..<3 { for key in ["a", "b", "c/d"] { try await fixture.put(key, "\(round)") } }
        try await fixture.store.delete(try ObjectKey("b"), in: "data")
        let all = try await fixture.store.listVersions(ListRequest(bucket: "data"))
        #expect(all.versions.map(\.key.text) == ["a", "a", "a", "b", "b", "b", "b", "c/d", "c/d", "c/d"])
        #expect(all.versions.map(\.isLatest) == [true, false, false, true, false, false, false, true, false, false])
        #expect(all.versions[3].isDeleteMarker)
        for limit in 1...4 {
            var found: [String] = []
            var request = ListRequest(bucket: "data", limit: limit)
            var version: String?
            while true {
                let page = try await fixture.store.listVersions(request, afterVersion: version)
                found += page.versions.map(\.versionID)
                guard page.isTruncated, let last = page.last else { break }
                (request.after, version) = (last, page.lastVersionID)
            }
            #expect(found == all.versions.map(\.versionID), "limit \(limit)")
        }
        #expect(try await fixture.keys() == ["a", "c/d"])
    }
}
