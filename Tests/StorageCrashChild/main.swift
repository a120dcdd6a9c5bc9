// Writes rows through `Database` until it is killed, and says each one's number on standard output once it is
// acknowledged. The crash test then looks for every number it was told.

import Core
import Glibc
import Storage

let arguments = CommandLine.arguments
guard arguments.count == 4, let producers = Int(arguments[2]) else {
    print("usage: StorageCrashChild DIRECTORY PRODUCERS commit|second")
    exit(2)
}
var options = SQLiteOptions()
options.durability = arguments[3] == "second" ? .second : .commit
let database = try Database(
    SQLiteDriver(directory: arguments[1], options: options),
    schema: [
        Migration(
            "crash", 1,
            ["CREATE TABLE crash_rows (id INTEGER PRIMARY KEY, producer BIGINT NOT NULL, body TEXT NOT NULL)"])
    ])
await withTaskGroup(of: Void.self) { group in
    for producer in 0..<producers {
        group.addTask {
            while true {
                do {
                    let id = try await database.write { transaction in
                        try transaction.first(
                            "INSERT INTO crash_rows (producer, body) VALUES ($1, $2) RETURNING id", .int(producer),
                            .text("row of \(producer)"))?.int64("id") ?? 0
                    }
                    // One write of under 4 KiB to a pipe is atomic: lines of several tasks do not mix.
                    let line = "\(id)\n"
                    _ = line.withCString { write(STDOUT_FILENO, $0, line.utf8.count) }
                } catch {
                    print("error: \(error)")
                    exit(1)
                }
            }
        }
    }
}
