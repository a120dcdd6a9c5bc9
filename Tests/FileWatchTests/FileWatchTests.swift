import Core
import FileWatch
import Foundation
import Synchronization
import Testing

/// Collects changes and lets a test wait for them.
final class Recorder: Sendable {
    private struct State {
        var changes: [FileChange] = []
        var waiter: (condition: @Sendable ([FileChange]) -> Bool, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    func record(_ changes: [FileChange]) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.changes += changes
            guard let waiter = state.waiter, waiter.condition(state.changes) else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }

    func wait(for condition: @escaping @Sendable ([FileChange]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state -> Bool in
                if condition(state.changes) { return true }
                state.waiter = (condition, continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    var changes: [FileChange] { state.withLock(\.changes) }
}

struct Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String = "x") throws {
        let target = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: target)
    }
}

/// A driver that always has nothing new, and is slow to wake.
private final class RestlessDriver: FileWatchDriver {
    private let isClosed = Atomic(false)
    let wakesOfClosed = Atomic(0)

    func add(directory: String) -> Int32 { 1 }
    func remove(_ descriptor: Int32) {}
    func events() -> [FileWatchEvent] { [] }
    func close() { isClosed.store(true, ordering: .sequentiallyConsistent) }

    func wake() {
        for _ in 0..<100 { sched_yield() }
        if isClosed.load(ordering: .sequentiallyConsistent) { wakesOfClosed.add(1, ordering: .relaxed) }
    }
}

/// A driver that has nothing new until it was woken three times, so that three commands are taken together.
private final class PatientDriver: FileWatchDriver {
    private let wakes = Atomic(0)

    func add(directory: String) -> Int32 { 1 }
    func remove(_ descriptor: Int32) {}
    func close() {}
    func wake() { wakes.add(1, ordering: .sequentiallyConsistent) }

    func events() -> [FileWatchEvent] {
        while wakes.load(ordering: .sequentiallyConsistent) < 3 { sched_yield() }
        return []
    }
}

@Suite(.serialized, .timeLimit(.minutes(1))) struct FileWatchTests {
    @Test func `files are reported when they are complete, moved and removed`() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let recorder = Recorder()
        let watch = try FileWatch(driver: try InotifyDriver()) { recorder.record($0) }
        try await watch.add(root: 1, directory: folder.path)
        try folder.write("a.txt")
        rename("\(folder.path)/a.txt", "\(folder.path)/b.txt")
        unlink("\(folder.path)/b.txt")
        await recorder.wait { $0.contains(.file(root: 1, path: "b.txt", kind: .removed)) }
        let expected: [FileChange] = [
            .file(root: 1, path: "a.txt", kind: .completed), .file(root: 1, path: "a.txt", kind: .removed),
            .file(root: 1, path: "b.txt", kind: .completed), .file(root: 1, path: "b.txt", kind: .removed),
        ]
        #expect(recorder.changes.filter { if case .file(_, _, .named) = $0 { false } else { true } } == expected)
        await watch.close()
    }

    @Test func `new directories are watched before they are reported`() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try folder.write("old/deep/there.txt")
        try folder.write(".ours/secret")
        let recorder = Recorder()
        let watch = try FileWatch(driver: try InotifyDriver()) { recorder.record($0) }
        try await watch.add(root: 1, directory: folder.path, excluding: [".ours"])
        try folder.write("old/deep/new.txt")
        try folder.write(".ours/other")
        try FileManager.default.createDirectory(atPath: "\(folder.path)/fresh/below", withIntermediateDirectories: true)
        await recorder.wait { $0.contains(.directory(root: 1, path: "fresh")) }
        try folder.write("fresh/below/file.txt")
        await recorder.wait { $0.contains(.file(root: 1, path: "fresh/below/file.txt", kind: .completed)) }
        #expect(recorder.changes.contains(.file(root: 1, path: "old/deep/new.txt", kind: .completed)))
        #expect(!recorder.changes.contains { "\($0)".contains(".ours") })
        await watch.close()
    }

    @Test func `a directory that was moved reports under its new name`() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try folder.write("one/file.txt")
        let recorder = Recorder()
        let watch = try FileWatch(driver: try InotifyDriver()) { recorder.record($0) }
        try await watch.add(root: 1, directory: folder.path)
        rename("\(folder.path)/one", "\(folder.path)/two")
        await recorder.wait { $0.contains(.directory(root: 1, path: "two")) }
        try folder.write("two/later.txt")
        await recorder.wait { $0.contains(.file(root: 1, path: "two/later.txt", kind: .completed)) }
        #expect(recorder.changes.contains(.directory(root: 1, path: "one")))
        #expect(!recorder.changes.contains(.file(root: 1, path: "one/later.txt", kind: .completed)))
        await watch.close()
    }

    @Test func `a directory that goes and comes again is watched again`() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let recorder = Recorder()
        let watch = try FileWatch(driver: try InotifyDriver()) { recorder.record($0) }
        try await watch.add(root: 1, directory: folder.path)
        for round in 1...3 {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/inbox", withIntermediateDirectories: false)
            await recorder.wait { changes in changes.count { $0 == .directory(root: 1, path: "inbox") } == 2 * round - 1
            }
            try folder.write("inbox/\(round).txt")
            await recorder.wait { $0.contains(.file(root: 1, path: "inbox/\(round).txt", kind: .completed)) }
            try FileManager.default.removeItem(atPath: "\(folder.path)/inbox")
            await recorder.wait { changes in changes.count { $0 == .directory(root: 1, path: "inbox") } == 2 * round }
        }
        await watch.close()
    }

    @Test func `a root that goes away is reported`() async throws {
        let folder = try Folder()
        let recorder = Recorder()
        let watch = try FileWatch(driver: try InotifyDriver()) { recorder.record($0) }
        try await watch.add(root: 7, directory: folder.path)
        folder.remove()
        await recorder.wait { $0.contains(.rootLost(root: 7)) }
        await watch.close()
    }

    @Test func `roots are kept apart and can be removed`() async throws {
        let first = try Folder()
        let second = try Folder()
        defer {
            first.remove()
            second.remove()
        }
        let recorder = Recorder()
        let watch = try FileWatch(driver: try InotifyDriver()) { recorder.record($0) }
        try await watch.add(root: 1, directory: first.path)
        try await watch.add(root: 2, directory: second.path)
        await watch.remove(root: 1)
        try first.write("unseen")
        try second.write("seen")
        await recorder.wait { $0.contains(.file(root: 2, path: "seen", kind: .completed)) }
        #expect(!recorder.changes.contains { "\($0)".contains("unseen") })
        await watch.close()
    }

    @Test func `what cannot be watched is refused`() async throws {
        let watch = try FileWatch(driver: try InotifyDriver()) { _ in }
        await #expect(throws: FileWatchError.self) {
            try await watch.add(root: 1, directory: "/nonexistent/directory")
        }
        await #expect(throws: FileWatchError.self) { try await watch.add(root: 1, directory: "/etc/hostname") }
        await watch.close()
        await #expect(throws: FileWatchError.self) { try await watch.add(root: 1, directory: "/tmp") }
    }

    @Test func `names that are no text and links are survived`()
        async throws
    {
        let folder = try Folder()
        defer { folder.remove() }
        let recorder = Recorder()
        let watch = try FileWatch(driver: try InotifyDriver()) { recorder.record($0) }
        try await watch.add(root: 1, directory: folder.path)
        let bytes: [CChar] = folder.path.utf8CString.dropLast() + [47, -1, -2, 0]
        close(open(bytes, O_WRONLY | O_CREAT, 0o644))
        symlink("/etc", "\(folder.path)/link")
        try folder.write("last")
        await recorder.wait { $0.contains(.file(root: 1, path: "last", kind: .completed)) }
        #expect(recorder.changes.contains(.unnameable(root: 1, directory: "")))
        #expect(!recorder.changes.contains { if case .directory = $0 { true } else { false } })
        unlink(bytes)
        await watch.close()
    }

    @Test func `an overflow of the system's queue is reported, and new directories are watched after it`() async throws
    {
        let folder = try Folder()
        defer { folder.remove() }
        let recorder = Recorder()
        let gate = DispatchSemaphore(value: 0)
        let watch = try FileWatch(driver: try InotifyDriver()) { changes in
            gate.wait()
            gate.signal()
            recorder.record(changes)
        }
        try await watch.add(root: 1, directory: folder.path)
        // The reader is held up at the first change while more follow than the queue takes.
        for number in 0..<9000 { close(open("\(folder.path)/f\(number)", O_WRONLY | O_CREAT, 0o644)) }
        try FileManager.default.createDirectory(atPath: "\(folder.path)/missed", withIntermediateDirectories: true)
        for number in 9000..<18_000 { close(open("\(folder.path)/f\(number)", O_WRONLY | O_CREAT, 0o644)) }
        try FileManager.default.createDirectory(atPath: "\(folder.path)/lost", withIntermediateDirectories: true)
        gate.signal()
        await recorder.wait { $0.contains(.overflow(root: 1)) }
        try folder.write("lost/later")
        await recorder.wait { $0.contains(.file(root: 1, path: "lost/later", kind: .completed)) }
        await watch.close()
    }

    @Test func `commands that come together with the end are answered`() async throws {
        for _ in 0..<20 {
            let watch = try FileWatch(driver: PatientDriver()) { _ in }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { await watch.close() } }
                group.addTask { await watch.remove(root: 1) }
            }
        }
    }

    @Test func `a driver is not woken once it is closed`() async throws {
        let driver = RestlessDriver()
        let watch = try FileWatch(driver: driver) { _ in }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await watch.close() } }
        }
        #expect(driver.wakesOfClosed.load(ordering: .relaxed) == 0)
    }
}
