import Core
import FileWatch
import Foundation
import HostTesting
import Objects
import Storage
import Testing

/// `kill -9` in the middle of writes, again and again: what was acknowledged is there, what was not is whole or absent,
/// and what was recorded is what there is.
@Suite(.timeLimit(.minutes(3))) struct CrashTests {
    static var child: URL {
        // Beside the test bundle, where the package builds executables.
        let bundle = CommandLine.arguments.first.map { URL(fileURLWithPath: $0) } ?? URL(fileURLWithPath: "/")
        let folder = bundle.deletingLastPathComponent()
        return folder.appendingPathComponent("ObjectsCrashChild")
    }

    @Test func `ten kills lose nothing that was acknowledged`() async throws {
        let root = try TemporaryDirectory("crash")
        var states: [String: String] = [:]
        var acknowledgements = 0
        for round in 0..<10 {
            let (lines, inFlight) = try run(root.path, seed: round, linesBeforeKill: 120 + round * 37)
            for line in lines {
                let words = line.split(separator: " ").map(String.init)
                switch words.first {
                case "put": states[words[1]] = words[2]
                case "deleted": states[words[1]] = "deleted"
                case "error": Issue.record("\(line)")
                default: continue
                }
                acknowledgements += 1
            }
            let found = try await inspect(root.path)
            for (key, state) in states where !inFlight.contains(key) {
                #expect(found[key] ?? "deleted" == state, "\(key) in round \(round)")
            }
            // What was under way has happened or has not; what it is now is what it stays.
            for key in inFlight { states[key] = found[key] ?? "deleted" }
        }
        #expect(acknowledgements > 500)
    }

    /// Runs the child and kills it after so many lines.
    private func run(_ root: String, seed: Int, linesBeforeKill: Int) throws -> (lines: [String], inFlight: Set<String>)
    {
        let process = Process()
        process.executableURL = Self.child
        process.arguments = ["\(root)/db", "\(root)/buckets", "\(seed)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try FileManager.default.createDirectory(atPath: "\(root)/db", withIntermediateDirectories: true)
        try process.run()
        var output = Data()
        while output.count(where: { $0 == 10 }) < linesBeforeKill {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            output.append(more)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        output.append(pipe.fileHandleForReading.readDataToEndOfFile())
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        var inFlight: Set<String> = []
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 1 else { continue }
            if words[0] == "try" { inFlight.insert(words[1]) } else { inFlight.remove(words[1]) }
        }
        return (lines, inFlight)
    }

    /// Opens the data as a restarted host would, and checks that objects, files and recorded changes agree.
    private func inspect(_ root: String) async throws -> [String: String] {
        let changes = Migration(
            "crash", 1,
            [
                """
                CREATE TABLE crash_changes (
                    sequencer TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL)
                """
            ])
        let database = try Database(
            try SQLiteDriver(directory: "\(root)/db"), schema: ObjectStore.schema + [changes])
        let recorder = ChangeRecorder()
        let store = ObjectStore(
            database: database, clock: SystemClock(), options: .init(directory: "\(root)/buckets"),
            onChange: recorder.hook)
        try await store.open()
        let feed = ChangeFeed(store: store, driver: { try InotifyDriver() }) { _ in }
        let task = Task { try await feed.run() }
        await feed.settledAfterStart()
        task.cancel()
        try await task.value
        // A stop is no drop: comparing directory and database finds nothing that was not recorded.
        #expect(recorder.words == [])
        var found: [String: String] = [:]
        for version in try await store.list(ListRequest(bucket: "data")).versions {
            let content = try await store.get(version.key, in: "data")
            let bytes = try await store.read(content, 0..<content.file.size)
            #expect(hexadecimal(Digest.md5(bytes)) == version.etag)
            found[version.key.text] = version.etag
        }
        let recorded = try await database.read { transaction in
            try transaction.query("SELECT kind, key, etag FROM crash_changes ORDER BY sequencer").map {
                (try $0.text(0), try $0.text(1), try $0.text(2))
            }
        }
        var replayed: [String: String] = [:]
        for (kind, key, etag) in recorded { replayed[key] = kind == "created" ? etag : nil }
        #expect(replayed == found)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root)/buckets/data/.millrace/uploads").isEmpty)
        await database.close()
        return found
    }
}
