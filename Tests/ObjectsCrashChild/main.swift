// Writes, copies and deletes objects until it is killed, and says on its standard output what was acknowledged.
//
//     ObjectsCrashChild DATABASE-DIRECTORY BUCKETS-DIRECTORY SEED
import Core
import Glibc
import Objects
import Storage

let arguments = CommandLine.arguments
guard arguments.count == 4, let seed = UInt64(arguments[3]) else { exit(2) }
let schema = ObjectStore.schema + [changesSchema]
let database = try Database(try SQLiteDriver(directory: arguments[1]), schema: schema)
let store = ObjectStore(database: database, clock: SystemClock(), options: .init(directory: arguments[2])) {
    change, transaction in
    try transaction.execute(
        "INSERT INTO crash_changes (sequencer, kind, key, etag) VALUES ($1, $2, $3, $4)", .text(change.sequencer),
        .text("\(change.kind)"), .text(change.key.text), .text(change.etag))
}
try await store.open()
Task { await store.run() }
if (try? store.bucket("data")) == nil { try await store.createBucket("data", scope: Scope()) }

/// Every change that was recorded, as another module would record its deliveries.
var changesSchema: Migration {
    Migration(
        "crash", 1,
        [
            """
            CREATE TABLE crash_changes (
                sequencer TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL)
            """
        ])
}

@Sendable func acknowledge(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)
}

await withTaskGroup(of: Void.self) { group in
    for writer in 0..<6 {
        group.addTask {
            var random = SeededRandom(seed: seed &* 31 &+ UInt64(writer))
            for round in 0..<100_000 {
                // Every writer has keys of its own, so that the last acknowledgement of a key is its state.
                let name = "w\(writer)/\(Int.random(in: 0..<5, using: &random))" + (round % 3 == 0 ? "//e" : "")
                do {
                    let key = try ObjectKey(name)
                    if Int.random(in: 0..<3, using: &random) == 0 {
                        acknowledge("try \(name)")
                        try await store.delete(key, in: "data")
                        acknowledge("deleted \(name)")
                    } else {
                        acknowledge("try \(name)")
                        let text = "\(name) \(seed) \(round)"
                        let version = try await store.put(PutRequest(bucket: "data", key: key), Array(text.utf8))
                        acknowledge("put \(name) \(version.etag)")
                    }
                } catch {
                    acknowledge("error \(error)")
                    exit(3)
                }
            }
        }
    }
}
