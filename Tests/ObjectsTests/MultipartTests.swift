import Core
import Foundation
import Objects
import Testing

@Suite struct MultipartTests {
    let part = [UInt8](repeating: 7, count: 5 << 20)

    func upload(_ fixture: Fixture, _ id: String, _ key: ObjectKey, _ number: Int, _ bytes: [UInt8]) async throws
        -> UploadedPart
    {
        let staged = try await fixture.store.beginPart(id, key, in: "data")
        try await fixture.store.append(bytes, to: staged)
        return try await fixture.store.putPart(number, staged: staged, upload: id, key: key)
    }

    @Test func `parts become one object`() async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("big/file")
        var attributes = ObjectAttributes()
        attributes.contentType = "x/y"
        let id = try await fixture.store.createUpload(key, in: "data", attributes: attributes).id
        let two = try await upload(fixture, id, key, 2, [1, 2, 3])
        _ = try await upload(fixture, id, key, 1, [0])
        let one = try await upload(fixture, id, key, 1, part)
        let listed = try await fixture.store.listParts(id, key, in: "data")
        #expect(listed.parts.map(\.number) == [1, 2] && listed.parts.map(\.etag) == [one.etag, two.etag])
        #expect(try await fixture.store.listUploads(in: "data").uploads.map(\.id) == [id])
        let request = PutRequest(bucket: "data", key: key)
        await expectCode("InvalidPart") { _ = try await fixture.store.completeUpload(id, [(1, "x")], to: request) }
        await expectCode("InvalidPartOrder") {
            _ = try await fixture.store.completeUpload(id, [(2, two.etag), (1, one.etag)], to: request)
        }
        let version = try await fixture.store.completeUpload(id, [(1, "\"\(one.etag)\""), (2, two.etag)], to: request)
        let sums = Digest.md5(part) + Digest.md5([1, 2, 3])
        #expect(version.etag == hexadecimal(Digest.md5(sums)) + "-2")
        #expect(version.size == Int64(part.count + 3) && version.attributes.contentType == "x/y")
        #expect(version.attributes.range(ofPart: 2) == Int64(part.count)..<version.size)
        #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path("big/file"))) == Data(part + [1, 2, 3]))
        #expect(fixture.recorder.changes.map(\.eventName) == ["s3:ObjectCreated:CompleteMultipartUpload"])
        await expectCode("NoSuchUpload") { _ = try await fixture.store.listParts(id, key, in: "data") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path(".millrace/parts")).isEmpty)
    }

    @Test func `uploads are listed in the order of their beginnings, page by page`() async throws {
        let fixture = try await Fixture()
        var ids: [String] = []
        for key in ["b", "a", "a", "a", "c"] {
            ids.append(try await fixture.store.createUpload(try ObjectKey(key), in: "data").id)
        }
        let wanted = [ids[1], ids[2], ids[3], ids[0], ids[4]]
        #expect(try await fixture.store.listUploads(in: "data").uploads.map(\.id) == wanted)
        for (position, id) in wanted.enumerated() {
            let key = ["a", "a", "a", "b", "c"][position]
            let page = try await fixture.store.listUploads(in: "data", afterKey: key, afterID: id, limit: 1)
            #expect(page.uploads.map(\.id) == Array(wanted.dropFirst(position + 1).prefix(1)))
        }
    }

    @Test func `a deletion overtakes the uploads of its key`() async throws {
        let fixture = try await Fixture()
        let (key, other) = (try ObjectKey("k"), try ObjectKey("other"))
        try await fixture.put("k", "x")
        let id = try await fixture.store.createUpload(key, in: "data").id
        let apart = try await fixture.store.createUpload(other, in: "data").id
        try await fixture.store.delete(key, in: "data")
        #expect(try await fixture.store.upload(id, key, in: "data").isOvertaken)
        #expect(!(try await fixture.store.upload(apart, other, in: "data").isOvertaken))
        let later = try await fixture.store.createUpload(key, in: "data").id
        #expect(!(try await fixture.store.upload(later, key, in: "data").isOvertaken))
    }

    @Test func `small parts, wrong numbers and ended uploads are refused`() async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("k")
        let id = try await fixture.store.createUpload(key, in: "data").id
        let one = try await upload(fixture, id, key, 1, [1])
        let two = try await upload(fixture, id, key, 2, [2])
        await expectCode("EntityTooSmall") {
            _ = try await fixture.store.completeUpload(
                id, [(1, one.etag), (2, two.etag)], to: PutRequest(bucket: "data", key: key))
        }
        await expectCode("InvalidArgument") { _ = try await upload(fixture, id, key, 10_001, [1]) }
        await expectCode("NoSuchUpload") { _ = try await upload(fixture, id, try ObjectKey("other"), 1, [1]) }
        try await fixture.store.abortUpload(id, key, in: "data")
        await expectCode("NoSuchUpload") { _ = try await upload(fixture, id, key, 1, [1]) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path(".millrace/uploads")).isEmpty)
        #expect(fixture.recorder.changes.isEmpty)
    }

    @Test func `a part can be a range of an object`() async throws {
        let fixture = try await Fixture()
        try await fixture.put("from", "0123456789")
        let key = try ObjectKey("k")
        let id = try await fixture.store.createUpload(key, in: "data").id
        let source = CopySource(bucket: "data", key: try ObjectKey("from"))
        let content = try await fixture.store.get(source.key, in: source.bucket)
        let part = try await fixture.store.copyPart(
            1, of: content, from: source, 2..<5, upload: id, key: key, in: "data")
        #expect(part.etag == hexadecimal(Digest.md5(Array("234".utf8))))
        await expectCode("InvalidArgument") {
            _ = try await fixture.store.copyPart(
                2, of: content, from: source, 2..<50, upload: id, key: key, in: "data")
        }
        _ = try await fixture.store.completeUpload(id, [(1, part.etag)], to: PutRequest(bucket: "data", key: key))
        #expect(try await fixture.text("k") == "234")
    }
}
