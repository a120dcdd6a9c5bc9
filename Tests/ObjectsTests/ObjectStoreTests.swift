import Core
import Foundation
import HostTesting
import Objects
import Storage
import Testing

@Suite struct ObjectStoreTests {
    @Test func `an object is a file with what belongs to it`() async throws {
        let fixture = try await Fixture()
        let version = try await fixture.put("reports/2026/a.csv", "hello") {
            $0.attributes.contentType = "text/csv"
            $0.attributes.metadata = [.init("Author", "me")]
            $0.attributes.tags = [.init("k", "v")]
        }
        #expect(version.etag == "5d41402abc4b2a76b9719d911017c592")
        #expect(fixture.fileText("reports/2026/a.csv") == "hello")
        let head = try await fixture.store.head(try ObjectKey("reports/2026/a.csv"), in: "data")
        #expect(head.attributes == version.attributes)
        #expect(head.size == 5)
        #expect(head.lastModified == fixture.clock.now)
        #expect(fixture.recorder.words == ["created reports/2026/a.csv"])
        #expect(fixture.recorder.changes.first?.versionID == nil)
        try await fixture.store.delete(try ObjectKey("reports/2026/a.csv"), in: "data")
        #expect(fixture.recorder.words.last == "removed reports/2026/a.csv")
        #expect(!FileManager.default.fileExists(atPath: fixture.path("reports")))
        await expectCode("NoSuchKey") { _ = try await fixture.text("reports/2026/a.csv") }
        try await fixture.store.delete(try ObjectKey("reports/2026/a.csv"), in: "data")
        // S3 tells of a deletion without looking whether there was anything.
        #expect(fixture.recorder.changes.count == 3)
    }

    @Test(arguments: [
        "/a", "a/", "a//b", ".", "..", "../../outside", "/etc/passwd", "a\nb", "a\u{0}b", ".millrace/uploads/x",
        String(repeating: "n", count: 1024), "folder/",
    ]) func `any key can be stored and stays inside`(text: String) async throws {
        let fixture = try await Fixture()
        try await fixture.put(text, "content of \(text.count)")
        #expect(try await fixture.text(text) == "content of \(text.count)")
        #expect(try await fixture.keys() == [text])
        try await fixture.put(text, "again")
        #expect(try await fixture.text(text) == "again")
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.directory.path) == ["data"])
        try await fixture.store.delete(try ObjectKey(text), in: "data")
        #expect(try await fixture.keys() == [])
    }

    @Test func `a key may be the prefix of another, in either order`() async throws {
        let fixture = try await Fixture()
        for keys in [["a", "a/b", "a/b/c"], ["x/y/z", "x/y", "x"]] {
            for key in keys { try await fixture.put(key, key) }
            for key in keys { #expect(try await fixture.text(key) == key) }
            for key in keys { try await fixture.put(key, key + "2") }
            for key in keys { #expect(try await fixture.text(key) == key + "2") }
        }
        #expect(try await fixture.keys() == ["a", "a/b", "a/b/c", "x", "x/y", "x/y/z"])
        for key in try await fixture.keys() { try await fixture.store.delete(try ObjectKey(key), in: "data") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.bucketPath) == [".millrace"])
    }

    @Test func `links lead nowhere`() async throws {
        let fixture = try await Fixture()
        let outside = try TemporaryDirectory("outside")
        try Data("secret".utf8).write(to: URL(fileURLWithPath: "\(outside.path)/secret"))
        symlink(outside.path, fixture.path("link"))
        symlink("\(outside.path)/secret", fixture.path("file"))
        await expectCode("NoSuchKey") { _ = try await fixture.text("link/secret") }
        await expectCode("NoSuchKey") { _ = try await fixture.text("file") }
        try await fixture.put("link/new", "mine")
        try await fixture.put("file", "mine")
        #expect(try await fixture.text("link/new") == "mine")
        #expect(try await fixture.text("file") == "mine")
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path) == ["secret"])
        #expect(try String(contentsOfFile: "\(outside.path)/secret", encoding: .utf8) == "secret")
    }

    @Test func `conditions guard reads and writes`() async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("k")
        let first = try await fixture.put("k", "one") { $0.conditions.ifNoneMatch = "*" }
        await expectCode("PreconditionFailed") { try await fixture.put("k", "two") { $0.conditions.ifNoneMatch = "*" } }
        await expectCode("PreconditionFailed") { try await fixture.put("k", "two") { $0.conditions.ifMatch = "\"0\"" } }
        await expectCode("NoSuchKey") { try await fixture.put("other", "two") { $0.conditions.ifMatch = "\"0\"" } }
        try await fixture.put("k", "two") { $0.conditions.ifMatch = "\"\(first.etag)\"" }
        #expect(fixture.recorder.changes.count == 2)
        let now = fixture.clock.now
        let read: (ReadConditions) async throws -> Void = {
            _ = try await fixture.store.get(key, in: "data", conditions: $0)
        }
        let etag = try await fixture.store.head(key, in: "data").etag
        try await read(ReadConditions(ifMatch: etag))
        await expectCode("PreconditionFailed") { try await read(ReadConditions(ifMatch: first.etag)) }
        await expectCode("NotModified") { try await read(ReadConditions(ifNoneMatch: "W/\"\(etag)\"")) }
        await expectCode("NotModified") { try await read(ReadConditions(ifModifiedSince: now)) }
        await expectCode("PreconditionFailed") {
            try await read(ReadConditions(ifUnmodifiedSince: now.adding(milliseconds: -2000)))
        }
        // The stronger condition of each pair decides.
        try await read(ReadConditions(ifMatch: etag, ifUnmodifiedSince: now.adding(milliseconds: -2000)))
        try await read(ReadConditions(ifNoneMatch: "\"x\"", ifModifiedSince: now))
        await expectCode("BadDigest") { try await fixture.put("k", "x") { $0.expectedMD5 = "0" } }
    }

    @Test(
        arguments: [
            ("bytes=0-4", 0..<5), ("bytes=5-", 5..<10), ("bytes=-3", 7..<10), ("bytes=2-99", 2..<10),
            ("bytes=-99", 0..<10),
            ("bytes=9-9", 9..<10), ("lines=0-4", nil), ("bytes=4-2", nil), ("bytes=0-1,3-4", nil), ("bytes=x-2", nil),
            ("bytes=0-99999999999999999999", 0..<10),
        ] as [(String, Range<Int64>?)]) func `ranges`(header: String, expected: Range<Int64>?) throws
    {
        #expect(try ByteRange.resolve(header, size: 10) == expected)
    }

    @Test(arguments: ["bytes=10-", "bytes=10-12", "bytes=-0"]) func `ranges outside are refused`(header: String) {
        let error = #expect(throws: ObjectStoreError.self) { try ByteRange.resolve(header, size: 10) }
        #expect(error?.status == 416)
    }

    @Test func `copies keep or replace what belongs to the source`() async throws {
        let fixture = try await Fixture()
        try await fixture.put("from", "data") {
            $0.attributes.contentType = "text/plain"
            $0.attributes.tags = [.init("a", "b")]
        }
        let source = CopySource(bucket: "data", key: try ObjectKey("from"))
        let content = try await fixture.store.get(source.key, in: source.bucket)
        let kept = try await fixture.store.copy(
            content, from: source, to: PutRequest(bucket: "data", key: try ObjectKey("to/kept")))
        #expect(kept.attributes.contentType == "text/plain" && kept.attributes.tags == [.init("a", "b")])
        #expect(fixture.fileText("to/kept") == "data")
        var request = PutRequest(bucket: "data", key: try ObjectKey("from"))
        await expectCode("InvalidRequest") { _ = try await fixture.store.copy(content, from: source, to: request) }
        request.attributes.contentType = "text/csv"
        let replaced = try await fixture.store.copy(
            content, from: source, to: request, replacesAttributes: true)
        // What is made of the bytes is in the copy, with an entity tag of its own.
        let shouted = try await fixture.store.copy(
            content, from: source, to: PutRequest(bucket: "data", key: try ObjectKey("shouted"))
        ) { bytes, source, target in
            source == target ? bytes.map { $0 & 0xDF } : bytes
        }
        #expect(fixture.fileText("shouted") == "DATA")
        #expect(shouted.etag == hexadecimal(Digest.md5(Array("DATA".utf8))))
        #expect(replaced.attributes.contentType == "text/csv" && replaced.attributes.tags == [.init("a", "b")])
        #expect(
            fixture.recorder.changes.map(\.eventName).suffix(3) == Array(repeating: "s3:ObjectCreated:Copy", count: 3))
    }

    @Test func `writers of one key come one after the other`() async throws {
        let fixture = try await Fixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 { group.addTask { try await fixture.put("same", "content \(number % 7)") } }
            try await group.waitForAll()
        }
        #expect(fixture.recorder.changes.count == 60)
        let text = try await fixture.text("same")
        let head = try await fixture.store.head(try ObjectKey("same"), in: "data")
        #expect(head.etag == hexadecimal(Digest.md5(Array(text.utf8))))
        #expect(head.sequencer == fixture.recorder.changes.map(\.sequencer).max())
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.path(".millrace/uploads"))
        #expect(left.isEmpty)
    }

    @Test func `only one of many conditional creations wins`() async throws {
        let fixture = try await Fixture()
        let wins = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    (try? await fixture.put("once", "\(number)") { $0.conditions.ifNoneMatch = "*" }) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wins == 1)
    }

    @Test func `streams of chunks become objects, and are given up when they are let go`() async throws {
        let fixture = try await Fixture()
        let staged = try await fixture.store.beginUpload(to: "data")
        for number in 0..<50 { try await fixture.store.append(Array("chunk \(number);".utf8), to: staged) }
        let version = try await fixture.store.put(PutRequest(bucket: "data", key: try ObjectKey("s")), staged: staged)
        #expect(version.size == staged.size)
        #expect(version.etag == hexadecimal(Digest.md5(Array(try await fixture.text("s").utf8))))
        do {
            let lost = try await fixture.store.beginUpload(to: "data")
            try await fixture.store.append([1, 2, 3], to: lost)
        }
        // The worker that wrote the last chunk may hold the file a moment longer than its caller.
        let uploads = fixture.path(".millrace/uploads")
        for _ in 0..<1000 where try !FileManager.default.contentsOfDirectory(atPath: uploads).isEmpty {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: uploads).isEmpty)
    }

    @Test func `buckets follow S3's rules`() async throws {
        let fixture = try await Fixture()
        for name in ["ab", "Upper", "a..b", "-a-", "192.168.1.1", "a_b", "../x", "xn--abc"] {
            await expectCode("InvalidBucketName") { try await fixture.store.createBucket(name, scope: Scope()) }
        }
        await expectCode("BucketAlreadyOwnedByYou") { try await fixture.store.createBucket("data", scope: Scope()) }
        await expectCode("BucketAlreadyExists") {
            try await fixture.store.createBucket("data", scope: Scope(account: "111111111111"))
        }
        let outside = try TemporaryDirectory("bucket")
        try await fixture.store.createBucket("mine", scope: Scope(), directory: outside.path)
        await expectCode("InvalidRequest") {
            try await fixture.store.createBucket("yours", scope: Scope(), directory: outside.path)
        }
        await expectCode("InvalidRequest") {
            try await fixture.store.createBucket("inner", scope: Scope(), directory: outside.path + "/in")
        }
        #expect(fixture.store.listBuckets(account: Scope().account).map(\.name) == ["data", "mine"])
        try await fixture.store.setDocument(.policy, "{}", of: "mine")
        #expect(try await fixture.store.document(.policy, of: "mine") == "{}")
        try await fixture.put("k")
        await expectCode("BucketNotEmpty") { try await fixture.store.deleteBucket("data") }
        try await fixture.store.delete(try ObjectKey("k"), in: "data")
        try await fixture.store.deleteBucket("data")
        try await fixture.store.deleteBucket("mine")
        #expect(!FileManager.default.fileExists(atPath: fixture.bucketPath))
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).isEmpty)
        await expectCode("NoSuchBucket") { try await fixture.put("k") }
    }

    @Test func `a hook that throws undoes the write`() async throws {
        struct Refusal: Error {}
        let database = try Database.temporary(schema: ObjectStore.schema)
        let directory = try TemporaryDirectory("objects")
        let store = ObjectStore(
            database: database.database, clock: VirtualClock(), options: .init(directory: directory.path)
        ) { change, _ in if change.key.text == "bad" || change.kind == .removed { throw Refusal() } }
        try await store.open()
        try await store.createBucket("data", scope: Scope())
        await #expect(throws: Refusal.self) {
            try await store.put(PutRequest(bucket: "data", key: try ObjectKey("bad")), [1])
        }
        _ = try await store.put(PutRequest(bucket: "data", key: try ObjectKey("good")), [1])
        await #expect(throws: Refusal.self) { try await store.delete(try ObjectKey("good"), in: "data") }
        let page = try await store.list(ListRequest(bucket: "data"))
        #expect(page.versions.map(\.key.text) == ["good"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/data").sorted() == [
                ".millrace", "good",
            ])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/data/.millrace/uploads").isEmpty)
    }

    @Test func `tags and documents are kept with an object`() async throws {
        let fixture = try await Fixture()
        try await fixture.put("k")
        let key = try ObjectKey("k")
        try await fixture.store.setTags([.init("a", "1")], of: key, in: "data")
        try await fixture.store.setDocument("acl", "{}", of: key, in: "data")
        try await fixture.store.setTags([], of: key, in: "data")
        let head = try await fixture.store.head(key, in: "data")
        #expect(head.attributes.tags.isEmpty && head.attributes.document("acl") == "{}")
        #expect(
            fixture.recorder.changes.map(\.eventName) == [
                "s3:ObjectCreated:Put", "s3:ObjectTagging:Put", "s3:ObjectAcl:Put", "s3:ObjectTagging:Delete",
            ])
        await expectCode("NoSuchKey") { try await fixture.store.setTags([], of: try ObjectKey("no"), in: "data") }
    }
}
