import Core
import Foundation
import HostTesting
import Objects
import Testing

@Suite(.timeLimit(.minutes(3))) struct ChangeFeedTests {
    @Test func `files that programs write, move, copy, link and remove are recorded once`() async throws {
        let fixture = try await Fixture()
        try await fixture.watching { feed in
            let recorder = fixture.recorder
            try fixture.drop("a.txt", "hello")
            await recorder.wait(1)
            #expect(recorder.changes[0].etag == "5d41402abc4b2a76b9719d911017c592")
            #expect(recorder.changes[0].cause == .drop && recorder.changes[0].size == 5)
            rename(fixture.path("a.txt"), fixture.path("b.txt"))
            await recorder.wait(3)
            #expect(Set(recorder.words[1...2]) == ["removed a.txt", "created b.txt"])
            link(fixture.path("b.txt"), fixture.path("c.txt"))
            await recorder.wait(4)
            unlink(fixture.path("b.txt"))
            await recorder.wait(5)
            #expect(recorder.words[3...] == ["created c.txt", "removed b.txt"])
            try await fixture.put("api", "by the api")
            try await fixture.store.delete(try ObjectKey("api"), in: "data")
            try fixture.drop("last")
            await recorder.wait(8)
            await feed.settled()
            #expect(recorder.words[5...] == ["created api", "removed api", "created last"])
            #expect(try await fixture.keys() == ["c.txt", "last"])
        }
    }

    @Test func `a file is recorded when its writer is done, not before`() async throws {
        let fixture = try await Fixture()
        try await fixture.watching { feed in
            let descriptor = open(fixture.path("slow"), O_WRONLY | O_CREAT, 0o644)
            write(descriptor, "part", 4)
            try fixture.drop("other")
            await fixture.recorder.wait(1)
            await expectCode("NoSuchKey") { _ = try await fixture.text("slow") }
            // A comparison finds the file, and that it is being written.
            mkdir(fixture.path("slow-2"), 0o755)
            rename(fixture.path("slow"), fixture.path("slow-2/slow"))
            rename(fixture.path("slow-2"), fixture.path("slow-3"))
            try fixture.drop("another")
            await fixture.recorder.wait(2)
            await feed.settled()
            #expect(fixture.recorder.words == ["created other", "created another"])
            write(descriptor, " whole", 6)
            close(descriptor)
            await fixture.recorder.wait(3)
            #expect(fixture.recorder.words[2] == "created slow-3/slow")
            #expect(fixture.recorder.changes[2].size == 10)
            await feed.settled()
            #expect(fixture.recorder.changes.count == 3)
        }
    }

    @Test func `an object that a program is overwriting in place cannot be read meanwhile`() async throws {
        let fixture = try await Fixture()
        try await fixture.put("k", "whole")
        let descriptor = open(fixture.path("k"), O_WRONLY | O_TRUNC)
        write(descriptor, "par", 3)
        await expectCode("SlowDown") { _ = try await fixture.text("k") }
        close(descriptor)
        #expect(try await fixture.text("k") == "par")
        #expect(fixture.recorder.words == ["created k", "created k"])
    }

    @Test func `hidden and unfinished names wait for their real name`() async throws {
        let fixture = try await Fixture()
        try await fixture.watching { feed in
            for name in [".x.swp", "y.part", "z.tmp", "w~", ".git/config", "v.crdownload"] { try fixture.drop(name) }
            symlink("/etc/hostname", fixture.path("link"))
            mkfifo(fixture.path("pipe"), 0o600)
            rename(fixture.path("y.part"), fixture.path("y"))
            await fixture.recorder.wait(1)
            try fixture.drop("end")
            await fixture.recorder.wait(2)
            await feed.settled()
            #expect(fixture.recorder.words == ["created y", "created end"])
            // What the API made under such a name is an object like any other.
            try await fixture.put(".hidden", "1")
            try fixture.drop(".hidden", "22")
            await fixture.recorder.wait(4)
            #expect(fixture.recorder.changes[3].size == 2)
        }
    }

    @Test func `directories come and go with what is in them`() async throws {
        let fixture = try await Fixture()
        let outside = fixture.directory.path + "/outside"
        try FileManager.default.createDirectory(atPath: outside + "/deep/er", withIntermediateDirectories: true)
        for number in 0..<50 { try Data("n".utf8).write(to: URL(fileURLWithPath: "\(outside)/deep/er/f\(number)")) }
        try await fixture.watching { feed in
            rename(outside, fixture.path("in"))
            await fixture.recorder.wait(50)
            try fixture.drop("in/deep/new")
            await fixture.recorder.wait(51)
            rename(fixture.path("in/deep"), fixture.path("moved"))
            await fixture.recorder.wait(153)
            try fixture.drop("moved/er/late")
            await fixture.recorder.wait(154)
            try FileManager.default.removeItem(atPath: fixture.path("moved"))
            await fixture.recorder.wait(206)
            await feed.settled()
            #expect(fixture.recorder.changes.count == 206)
            #expect(try await fixture.keys() == [])
        }
    }

    @Test func `a drop over an object is told, and the API sees it at once`() async throws {
        let fixture = try await Fixture()
        try await fixture.put("k", "old") { $0.attributes.contentType = "x/y" }
        // Without a feed: whoever asks makes it known.
        try fixture.drop("k", "dropped")
        #expect(try await fixture.text("k") == "dropped")
        #expect(fixture.recorder.words == ["created k", "created k"])
        try fixture.drop("new", "dropped too")
        #expect(try await fixture.text("new") == "dropped too")
        // A write and a deletion by the API come after the drop they overwrite.
        try fixture.drop("k", "unseen")
        try await fixture.put("k", "api")
        try fixture.drop("n2", "unseen")
        try await fixture.store.delete(try ObjectKey("n2"), in: "data")
        #expect(fixture.recorder.words[3...] == ["created k", "created k", "created n2", "removed n2"])
        #expect(try await fixture.text("k") == "api")
        unlink(fixture.path("k"))
        await expectCode("NoSuchKey") { _ = try await fixture.text("k") }
        #expect(fixture.recorder.words.last == "removed k")
    }

    @Test func `20,000 files at once are told once each`() async throws {
        let fixture = try await Fixture()
        let path = fixture.bucketPath
        try await fixture.watching { feed in
            await withTaskGroup(of: Void.self) { group in
                for part in 0..<4 {
                    group.addTask {
                        for number in 0..<5000 {
                            // Half of them in directories that appear with them.
                            let folder = number % 2 == 0 ? path : "\(path)/d\(part)-\(number / 250)"
                            if number % 2 == 1 { mkdir(folder, 0o755) }
                            let descriptor = open("\(folder)/f\(part)-\(number)", O_WRONLY | O_CREAT, 0o644)
                            write(descriptor, "x", 1)
                            close(descriptor)
                        }
                    }
                }
            }
            await fixture.recorder.wait(20_000)
            await feed.settled()
        }
        let changes = fixture.recorder.changes
        #expect(changes.count == 20_000)
        #expect(Set(changes.map(\.key)).count == 20_000)
        #expect(changes.allSatisfy { $0.kind == .created && $0.size == 1 })
    }

    @Test func `what happened while the host was down is found at start, and nothing else`() async throws {
        let fixture = try await Fixture()
        for number in 0..<30 { try await fixture.put("kept/\(number)", "k") }
        try await fixture.put("changed", "before")
        try await fixture.put("gone", "x")
        try await fixture.put("moved", "x")
        try await fixture.put("esc//aped", "x")
        try fixture.drop("changed", "after!")
        unlink(fixture.path("gone"))
        rename(fixture.path("moved"), fixture.path("moved-2"))
        for number in 0..<300 { try fixture.drop("new/\(number % 7)/\(number)") }
        let recorder = ChangeRecorder()
        let store = try await fixture.restarted(recorder)
        try await fixture.watching(store) { feed in
            await feed.settled()
            let expected =
                ["created changed", "removed gone", "removed moved", "created moved-2"]
                + (0..<300).map { "created new/\($0 % 7)/\($0)" }
            #expect(Set(recorder.words) == Set(expected))
            #expect(recorder.changes.count == expected.count)
        }
        let again = ChangeRecorder()
        let third = try await fixture.restarted(again)
        try await fixture.watching(third) { await $0.settled() }
        #expect(again.words == [])
    }

    @Test func `large files are read in the background before they are told`() async throws {
        let fixture = try await Fixture { $0.largeFileSize = 1000 }
        try await fixture.watching { _ in
            let bytes = Data(repeating: 9, count: 3_000_000)
            try bytes.write(to: URL(fileURLWithPath: fixture.path("large")))
            await fixture.recorder.wait(1)
            #expect(fixture.recorder.changes[0].etag == hexadecimal(Digest.md5([UInt8](bytes))))
        }
    }

    @Test func `a key that is being worked on does not hold up the others`() async throws {
        let fixture = try await Fixture()
        try await fixture.watching { feed in
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            async let held: Void = fixture.holdingKey("busy") { for await _ in stream { break } }
            await fixture.keyIsHeld()
            try fixture.drop("busy", "drop")
            try fixture.drop("free", "drop")
            await fixture.recorder.wait(1)
            #expect(fixture.recorder.words == ["created free"])
            continuation.finish()
            await held
            await fixture.recorder.wait(2)
            await feed.settled()
            #expect(fixture.recorder.words == ["created free", "created busy"])
        }
    }

    @Test func `a missing directory and an empty mount point are not an emptied bucket`() async throws {
        let fixture = try await Fixture()
        try await fixture.put("k")
        rename(fixture.bucketPath, fixture.bucketPath + "-away")
        let recorder = ChangeRecorder()
        var store = try await fixture.restarted(recorder)
        await #expect(throws: ObjectStoreError.self) {
            _ = try await store.get(try ObjectKey("k"), in: "data")
        }
        try FileManager.default.createDirectory(atPath: fixture.bucketPath, withIntermediateDirectories: true)
        store = try await fixture.restarted(recorder)
        await expectCode("ServiceUnavailable") { _ = try await store.get(try ObjectKey("k"), in: "data") }
        rmdir(fixture.bucketPath)
        rename(fixture.bucketPath + "-away", fixture.bucketPath)
        store = try await fixture.restarted(recorder)
        try await fixture.watching(store) { await $0.settled() }
        _ = try await store.get(try ObjectKey("k"), in: "data")
        #expect(recorder.words == [])
    }
}
