import Core
import FileWatch
import Foundation
import HostTesting
import Storage
import Synchronization
import Testing

@testable import Objects

/// The changes that the hook was given, once they were committed.
final class ChangeRecorder: Sendable {
    private struct State {
        var changes: [ObjectChange] = []
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var hook: ObjectStore.ChangeHook {
        { change, transaction in transaction.afterCommit { self.record(change) } }
    }

    private func record(_ change: ObjectChange) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.changes.append(change)
            guard let waiter = state.waiter, state.changes.count >= waiter.count else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }

    /// Returns when so many changes have been recorded in all.
    func wait(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state -> Bool in
                if state.changes.count >= count { return true }
                state.waiter = (count, continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    var changes: [ObjectChange] { state.withLock(\.changes) }

    /// `created a.txt`, in order.
    var words: [String] { changes.map { "\($0.kind) \($0.key)" } }
}

/// A store on a temporary database and directory, with a bucket `data`.
final class Fixture: Sendable {
    let database: TemporaryDatabase
    let directory: TemporaryDirectory
    let clock = VirtualClock()
    let recorder = ChangeRecorder()
    let store: ObjectStore
    let bucketPath: String

    init(_ adjust: (inout ObjectStore.Options) -> Void = { _ in }) async throws {
        database = try Database.temporary(schema: ObjectStore.schema)
        directory = try TemporaryDirectory("objects")
        bucketPath = "\(directory.path)/data"
        store = Self.makeStore(database.database, directory.path, clock, recorder, adjust)
        try await store.open()
        try await store.createBucket("data", scope: Scope())
    }

    private static func makeStore(
        _ database: Database, _ directory: String, _ clock: VirtualClock, _ recorder: ChangeRecorder,
        _ adjust: (inout ObjectStore.Options) -> Void = { _ in }
    ) -> ObjectStore {
        var options = ObjectStore.Options(directory: directory)
        options.isDurable = false
        adjust(&options)
        return ObjectStore(
            database: database, clock: clock, random: SystemRandomSource(), options: options, onChange: recorder.hook)
    }

    /// Another store on the same data, as after a restart.
    func restarted(
        _ recorder: ChangeRecorder, _ adjust: (inout ObjectStore.Options) -> Void = { _ in }
    ) async throws -> ObjectStore {
        let store = Self.makeStore(database.database, directory.path, clock, recorder, adjust)
        try await store.open()
        return store
    }

    /// Runs the body while the feed watches, after everything that was there has been compared.
    func watching(
        _ store: ObjectStore? = nil, _ body: (ChangeFeed) async throws -> Void
    ) async throws {
        let feed = ChangeFeed(store: store ?? self.store, driver: { try InotifyDriver() }) { _ in }
        let task = Task { try await feed.run() }
        await feed.settledAfterStart()
        do {
            try await body(feed)
        } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        try await task.value
    }

    private let held = Atomic(false)

    /// Keeps a key's lock, as an operation on it does, while the body runs.
    func holdingKey(_ key: String, _ body: () async -> Void) async {
        guard let key = try? ObjectKey(key), let bucket = try? store.find("data") else { return }
        await store.locks.withLock(bucket.id, key) {
            held.store(true, ordering: .relaxed)
            await body()
        }
    }

    func keyIsHeld() async { while !held.load(ordering: .relaxed) { await Task.yield() } }

    func path(_ name: String) -> String { "\(bucketPath)/\(name)" }

    func drop(_ name: String, _ text: String = "x") throws {
        let target = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: target)
    }

    func fileText(_ name: String) -> String? {
        (try? Data(contentsOf: URL(fileURLWithPath: path(name)))).map { String(decoding: $0, as: UTF8.self) }
    }

    @discardableResult
    func put(_ key: String, _ text: String = "x", _ adjust: (inout PutRequest) -> Void = { _ in }) async throws
        -> ObjectVersion
    {
        var request = PutRequest(bucket: "data", key: try ObjectKey(key))
        adjust(&request)
        return try await store.put(request, Array(text.utf8))
    }

    func text(_ key: String, versionID: String? = nil) async throws -> String {
        let content = try await store.get(try ObjectKey(key), in: "data", versionID: versionID)
        let bytes = try await store.read(content, 0..<content.file.size)
        return String(decoding: bytes, as: UTF8.self)
    }

    func keys(_ request: ListRequest = ListRequest(bucket: "data")) async throws -> [String] {
        try await store.list(request).versions.map(\.key.text)
    }
}

func expectCode(_ code: String, _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void) async {
    do {
        try await body()
        Issue.record("\(code) was expected", sourceLocation: location)
    } catch let error as ObjectStoreError {
        #expect(error.code == code, sourceLocation: location)
    } catch {
        Issue.record("\(code) was expected, not \(error)", sourceLocation: location)
    }
}
