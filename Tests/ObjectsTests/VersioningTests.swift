import Core
import Foundation
import Objects
import Testing

@Suite struct VersioningTests {
    @Test func `versions are kept, hidden by markers and promoted`() async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("k")
        let null = try await fixture.put("k", "before")
        try await fixture.store.setVersioning(.enabled, of: "data")
        let one = try await fixture.put("k", "one")
        let two = try await fixture.put("k", "two")
        #expect(null.versionID == "null" && one.versionID.count == 32 && one.versionID != two.versionID)
        #expect(try await fixture.text("k") == "two")
        #expect(try await fixture.text("k", versionID: one.versionID) == "one")
        #expect(try await fixture.text("k", versionID: "null") == "before")
        let marker = try await fixture.store.delete(key, in: "data")
        #expect(marker.isDeleteMarker)
        #expect(fixture.fileText("k") == nil)
        await expectCode("NoSuchKey") { _ = try await fixture.text("k") }
        await expectCode("MethodNotAllowed") { _ = try await fixture.text("k", versionID: marker.versionID) }
        #expect(try await fixture.text("k", versionID: two.versionID) == "two")
        // Deleting the marker brings back what it hid, for other programs too.
        let undone = try await fixture.store.delete(key, in: "data", versionID: marker.versionID)
        #expect(undone.isDeleteMarker)
        #expect(fixture.fileText("k") == "two")
        try await fixture.store.delete(key, in: "data", versionID: two.versionID)
        #expect(try await fixture.text("k") == "one")
        #expect(fixture.fileText("k") == "one")
        try await fixture.store.delete(key, in: "data", versionID: one.versionID)
        try await fixture.store.delete(key, in: "data", versionID: "null")
        #expect(try await fixture.store.listVersions(ListRequest(bucket: "data")).versions.isEmpty)
        #expect(fixture.fileText("k") == nil)
        #expect(
            fixture.recorder.changes.map { "\($0.kind)" } == [
                "created", "created", "created", "deleteMarkerCreated", "removed", "removed", "removed", "removed",
            ])
        try await fixture.store.deleteBucket("data")
    }

    @Test func `listings go on behind a version that is no more`() async throws {
        let fixture = try await Fixture()
        try await fixture.store.setVersioning(.enabled, of: "data")
        var versions: [String] = []
        for number in 0..<5 { versions.insert(try await fixture.put("k", "\(number)").versionID, at: 0) }
        let request = ListRequest(bucket: "data", after: "k")
        try await fixture.store.delete(try ObjectKey("k"), in: "data", versionID: versions[2])
        let rest = try await fixture.store.listVersions(request, afterVersion: versions[2]).versions
        #expect(rest.map(\.versionID) == Array(versions[3...]))
        // What was never an identifier names no place.
        let unknown = String(versions[2].dropLast(2)) + "AA"
        #expect(try await fixture.store.listVersions(request, afterVersion: unknown).versions.isEmpty)
        #expect(VersionIdentifier.isValid(versions[0]) && VersionIdentifier.isValid("null"))
        #expect(
            !VersionIdentifier.isValid(unknown) && !VersionIdentifier.isValid("") && !VersionIdentifier.isValid("é"))
    }

    @Test func `deleting what is not there is told all the same`() async throws {
        let fixture = try await Fixture()
        try await fixture.store.delete(try ObjectKey("none"), in: "data")
        #expect(fixture.recorder.changes.map(\.eventName) == ["s3:ObjectRemoved:Delete"])
    }

    @Test func `suspended versioning replaces the null version`() async throws {
        let fixture = try await Fixture()
        try await fixture.store.setVersioning(.enabled, of: "data")
        let one = try await fixture.put("k", "one")
        try await fixture.store.setVersioning(.suspended, of: "data")
        try await fixture.put("k", "null one")
        let null = try await fixture.put("k", "null two")
        #expect(null.versionID == "null")
        #expect(fixture.recorder.changes.last?.versionID == nil)
        #expect(try await fixture.text("k") == "null two")
        #expect(try await fixture.text("k", versionID: one.versionID) == "one")
        #expect(try await fixture.store.listVersions(ListRequest(bucket: "data")).versions.count == 2)
        try await fixture.store.delete(try ObjectKey("k"), in: "data")
        #expect(
            try await fixture.store.listVersions(ListRequest(bucket: "data")).versions.map(\.isDeleteMarker) == [
                true, false,
            ])
        try await fixture.store.delete(try ObjectKey("k"), in: "data", versionID: "null")
        #expect(try await fixture.text("k") == "one")
    }

    @Test func `drops into a bucket with versions keep what they overwrite`() async throws {
        let fixture = try await Fixture()
        try await fixture.store.setVersioning(.enabled, of: "data")
        try await fixture.watching { _ in
            try fixture.drop("f", "first")
            await fixture.recorder.wait(1)
            try fixture.drop("f", "second")
            await fixture.recorder.wait(2)
            unlink(fixture.path("f"))
            await fixture.recorder.wait(3)
            let versions = try await fixture.store.listVersions(ListRequest(bucket: "data")).versions
            #expect(versions.map(\.isDeleteMarker) == [true, false, false])
            #expect(try await fixture.text("f", versionID: versions[1].versionID) == "second")
            #expect(try await fixture.text("f", versionID: versions[2].versionID) == "first")
        }
        #expect(fixture.recorder.words == ["created f", "created f", "deleteMarkerCreated f"])
    }
}
