import Foundation
import HostTesting
import Storage
import Synchronization
import Testing

@testable import Objects

/// Small objects are acknowledged before their files are on disk.
@Suite(.timeLimit(.minutes(1))) struct ContentJournalTests {
    private func rows(_ fixture: Fixture) async throws -> Int64 {
        try await fixture.database.database.read {
            try $0.query("SELECT COUNT(*) FROM objects_contents")[0].int64(0)
        }
    }

    private func durable() async throws -> Fixture {
        let fixture = try await Fixture {
            $0.isDurable = true
            $0.boot = "first"
        }
        fixture.store.contents.isRunning.store(true, ordering: .relaxed)
        return fixture
    }

    @Test func `bytes are kept until their file is on disk`() async throws {
        let fixture = try await durable()
        try await fixture.put("a.txt", "one")
        try await fixture.put("dir/b.txt", "two")
        #expect(try await rows(fixture) == 2)
        await fixture.store.contents.settle(fixture.store)
        #expect(try await rows(fixture) == 0)
        #expect(fixture.fileText("dir/b.txt") == "two")
    }

    @Test func `a running store settles by itself, and at its end`() async throws {
        let fixture = try await durable()
        let running = Task { await fixture.store.run() }
        try await fixture.put("a.txt", "one")
        running.cancel()
        await running.value
        #expect(try await rows(fixture) == 0)
    }

    @Test func `what cannot be settled stays known, and takes up room, until it can`() async throws {
        let fixture = try await durable()
        try await fixture.put("a.txt", "one")
        let bucket = try fixture.store.find("data")
        let directory = try bucket.directory()
        bucket.setUnavailable("its volume is gone")
        await fixture.store.contents.settle(fixture.store)
        #expect(fixture.store.contents.reserved == 3)
        #expect(try await rows(fixture) == 1)
        bucket.setDirectory(directory)
        await fixture.store.contents.settle(fixture.store)
        #expect(fixture.store.contents.reserved == 0)
        #expect(try await rows(fixture) == 0)
    }

    @Test func `large objects, and what finds no room, are not kept`() async throws {
        let fixture = try await durable()
        try await fixture.put("large", String(repeating: "x", count: ContentJournal.largestContent + 1))
        #expect(try await rows(fixture) == 0)
        #expect(fixture.store.contents.reserve(1))
        var taken = 1
        while fixture.store.contents.reserve(ContentJournal.largestContent) { taken += ContentJournal.largestContent }
        #expect(taken <= ContentJournal.capacity)
        try await fixture.put("small", String(repeating: "x", count: ContentJournal.largestContent))
        #expect(try await rows(fixture) == 0)
        #expect(try await fixture.text("small").count == ContentJournal.largestContent)
        fixture.store.contents.release(taken)
    }

    @Test func `a refused write gives its room back`() async throws {
        let fixture = try await durable()
        try await fixture.put("a")
        await #expect(throws: ObjectStoreError.self) {
            try await fixture.put("a", String(repeating: "x", count: 10_000)) { $0.conditions.ifNoneMatch = "*" }
        }
        await fixture.store.contents.settle(fixture.store)
        #expect(fixture.store.contents.reserved == 0)
    }

    /// What a power cut may do to a file that was not on disk.
    enum Damage: String, CaseIterable, Sendable { case lost, emptied, zeroed, olderFile, stillStaged, none }

    @Test(arguments: Damage.allCases) func `files that the machine lost are written anew`(_ damage: Damage) async throws
    {
        let fixture = try await durable()
        try await fixture.put("dir/a.txt", "before")
        await fixture.store.contents.settle(fixture.store)
        let version = try await fixture.put("dir/a.txt", "content")
        let path = fixture.path("dir/a.txt")
        switch damage {
        case .lost: try FileManager.default.removeItem(atPath: path)
        case .emptied: try overwrite(path, "", keeping: version)
        case .zeroed: try overwrite(path, "\0\0\0\0\0\0\0", keeping: version)
        case .olderFile:
            try FileManager.default.removeItem(atPath: path)
            try fixture.drop("dir/a.txt", "before")
            try setModified(path, version.storage.identity.modified - 1_000_000_000)
        case .stillStaged:
            let upload = fixture.path(StoredName.upload(try #require(version.storage.staged)))
            try FileManager.default.moveItem(atPath: path, toPath: upload)
        case .none: break
        }
        let recorder = ChangeRecorder()
        let restarted = try await fixture.restarted(recorder) { $0.boot = "second" }
        #expect(fixture.fileText("dir/a.txt") == "content")
        try await fixture.watching(restarted) { _ in }
        #expect(recorder.words == [])
        await restarted.contents.settle(restarted)
        #expect(try await rows(fixture) == 0)
    }

    @Test func `a newer file of another program is let be, and so is what the same life of the machine has`()
        async throws
    {
        let fixture = try await durable()
        let version = try await fixture.put("a.txt", "content")
        try await fixture.put("b.txt", "content")
        try fixture.drop("a.txt", "dropped")
        try setModified(fixture.path("a.txt"), version.storage.identity.modified + 1_000_000_000)
        _ = try await fixture.restarted(ChangeRecorder()) { $0.boot = "second" }
        #expect(fixture.fileText("a.txt") == "dropped")
        #expect(fixture.fileText("b.txt") == "content")

        let other = try await durable()
        try await other.put("a.txt", "content")
        try FileManager.default.removeItem(atPath: other.path("a.txt"))
        _ = try await other.restarted(ChangeRecorder()) { $0.boot = "first" }
        #expect(other.fileText("a.txt") == nil)
    }

    @Test func `a deleted bucket leaves nothing behind`() async throws {
        let fixture = try await durable()
        try await fixture.put("a.txt", "content")
        _ = try await fixture.store.delete([ObjectDeletion(key: try ObjectKey("a.txt"))], in: "data")
        try await fixture.store.deleteBucket("data")
        #expect(try await rows(fixture) == 0)
        await fixture.store.contents.settle(fixture.store)
        #expect(fixture.store.contents.reserved == 0)
    }

    @Test func `objects deleted or replaced since are not brought back`() async throws {
        let fixture = try await durable()
        try await fixture.put("gone.txt", "content")
        _ = try await fixture.store.delete([ObjectDeletion(key: try ObjectKey("gone.txt"))], in: "data")
        try await fixture.put("new.txt", "old")
        try await fixture.put("new.txt", "new")
        let restarted = try await fixture.restarted(ChangeRecorder()) { $0.boot = "second" }
        #expect(fixture.fileText("gone.txt") == nil)
        #expect(fixture.fileText("new.txt") == "new")
        await restarted.contents.settle(restarted)
        #expect(try await rows(fixture) == 0)
    }

    /// Changes the bytes of a file in place, with its time as it was.
    private func overwrite(_ path: String, _ text: String, keeping version: ObjectVersion) throws {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
        try setModified(path, version.storage.identity.modified)
    }

    private func setModified(_ path: String, _ nanoseconds: Int64) throws {
        let time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        try #require(utimensat(AT_FDCWD, path, [time, time], 0) == 0)
    }
}
