import Core
import Foundation
import HostTesting
import Storage
import Testing

@testable import Objects

/// Stops between the steps of an operation, each staged by doing the steps by hand.
@Suite struct RecoveryTests {
    @Test func `an upload that was committed but not moved is moved at start`() async throws {
        let fixture = try await Fixture()
        let version = try await fixture.put("dir/k", "content")
        let staged = try #require(version.storage.staged)
        rename(fixture.path("dir/k"), fixture.path(StoredName.upload(staged)))
        rmdir(fixture.path("dir"))
        // Before the restart it can be read where it is.
        #expect(try await fixture.text("dir/k") == "content")
        let recorder = ChangeRecorder()
        let store = try await fixture.restarted(recorder)
        #expect(fixture.fileText("dir/k") == "content")
        try await fixture.watching(store) { await $0.settled() }
        #expect(recorder.words == [])
    }

    @Test func `an upload that was not committed leaves nothing`() async throws {
        let fixture = try await Fixture()
        try await fixture.put("k", "old")
        for name in ["1f.new", "2f.arc", "3f.old"] {
            try Data("half".utf8).write(to: URL(fileURLWithPath: fixture.path(".millrace/uploads/\(name)")))
        }
        try FileManager.default.createDirectory(
            atPath: fixture.path(".millrace/parts/none"), withIntermediateDirectories: true)
        let recorder = ChangeRecorder()
        let store = try await fixture.restarted(recorder)
        try await fixture.watching(store) { await $0.settled() }
        #expect(recorder.words == [])
        #expect(fixture.fileText("k") == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path(".millrace/uploads")).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path(".millrace/parts")).isEmpty)
    }

    @Test func `a deletion that was not committed is taken back`() async throws {
        let fixture = try await Fixture()
        let version = try await fixture.put("d/k", "content")
        rename(fixture.path("d/k"), fixture.path(StoredName.setAside(version.sequence)))
        rmdir(fixture.path("d"))
        let recorder = ChangeRecorder()
        let store = try await fixture.restarted(recorder)
        #expect(fixture.fileText("d/k") == "content")
        try await fixture.watching(store) { await $0.settled() }
        #expect(recorder.words == [])
    }

    @Test func `a drop that came after the stop wins over the upload`() async throws {
        let fixture = try await Fixture()
        let version = try await fixture.put("k", "upload")
        rename(fixture.path("k"), fixture.path(StoredName.upload(try #require(version.storage.staged))))
        var times = [timespec(), timespec(tv_sec: time(nil) + 10, tv_nsec: 0)]
        times[0] = times[1]
        try fixture.drop("k", "dropped")
        utimensat(AT_FDCWD, fixture.path("k"), &times, 0)
        let recorder = ChangeRecorder()
        let store = try await fixture.restarted(recorder)
        try await fixture.watching(store) { await $0.settled() }
        #expect(recorder.words == ["created k"])
        #expect(fixture.fileText("k") == "dropped")
    }

    @Test func `a commit that fails leaves files and rows as they were`() async throws {
        let faults = StorageFaults()
        let database = try Database.temporary(schema: ObjectStore.schema, faults: faults)
        let directory = try TemporaryDirectory("objects")
        let recorder = ChangeRecorder()
        var options = ObjectStore.Options(directory: directory.path)
        options.isDurable = false
        let store = ObjectStore(
            database: database.database, clock: VirtualClock(), options: options, onChange: recorder.hook)
        try await store.open()
        try await store.createBucket("data", scope: Scope())
        let request = PutRequest(bucket: "data", key: try ObjectKey("k"))
        _ = try await store.put(request, Array("old".utf8))
        faults.fillDisk()
        await #expect(throws: StorageError.self) { try await store.put(request, Array("new".utf8)) }
        await #expect(throws: StorageError.self) { try await store.delete(request.key, in: "data") }
        faults.clear()
        let content = try await store.get(request.key, in: "data")
        #expect(try await store.read(content, 0..<3) == Array("old".utf8))
        #expect(recorder.changes.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/data/.millrace/uploads").isEmpty)
    }
}
