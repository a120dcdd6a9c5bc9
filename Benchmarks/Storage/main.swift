// Group commit through `Database` against two bounds: one thread that puts as many inserts into each commit and does
// nothing else, and as many threads that hand their rows to one writer with nothing of ours around it. All take turns in
// one run, on the same disk, so that the ratios mean something on a noisy machine.
//
//     swift run -c release StorageBenchmark [directory [producers…]]

import Core
import Glibc
import Metering
import Storage

let rowTable = "CREATE TABLE bench (id INTEGER PRIMARY KEY, number BIGINT NOT NULL, body TEXT NOT NULL)"
let rowInsert = "INSERT INTO bench (number, body) VALUES ($1, $2)"
let workflow = "arn:aws:states:us-east-1:000000000000:stateMachine:bench"
let rowText = String(repeating: "x", count: 200)

func check(_ condition: Bool, _ what: String) {
    guard condition else {
        print("failed: \(what)")
        exit(1)
    }
}

func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    let time = ContinuousClock.now - start
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}

func produce(
    _ database: Database, inserts: Int, producers: Int,
    more: @escaping @Sendable (Int, Transaction) throws -> Void = { _, _ in }
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for producer in 0..<producers {
            group.addTask {
                for number in 0..<inserts / producers {
                    try await database.write { transaction in
                        try transaction.execute(rowInsert, .int(producer &* 1_000_000 + number), .text(rowText))
                        try more(producer, transaction)
                    }
                }
            }
        }
        try await group.waitForAll()
    }
}

let directory = CommandLine.arguments.dropFirst().first ?? "/tmp/millrace-bench-\(getpid())"
mkdir(directory, 0o755)
let raw = RawSQLite(path: directory + "/raw.db")
let database = try Database(
    SQLiteDriver(directory: directory, file: "ours.db"), schema: [Migration("bench", 1, [rowTable])] + Meter.schema)

let handed = RawGroupCommit(raw)
print("producers   loop/s   threads/s   ours/s   ours:loop   ours:threads")
let counts = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
for producers in counts.isEmpty ? [1, 8, 64, 256] : counts {
    let inserts = producers * (producers == 1 ? 400 : 100)
    var rates: [[Double]] = [[], [], []]
    for _ in 0..<7 {
        let times = [
            await seconds { raw.run(inserts: inserts, batch: producers) },
            await seconds { handed.run(inserts: inserts, producers: producers) },
            try await seconds { try await produce(database, inserts: inserts, producers: producers) },
        ]
        for place in times.indices { rates[place].append(Double(inserts) / times[place]) }
    }
    let ratios = [0, 1].map { bound in median(zip(rates[2], rates[bound]).map { $0 / $1 }) }
    let cells = rates.map { String(Int(median($0))) } + ratios.map { String(Double(Int($0 * 100)) / 100) }
    print(([String(producers)] + cells).joined(separator: "   "))
}

let meter = Meter()
let scope = Scope()
let transitions = 6400
var plain: [Double] = []
var metered: [Double] = []
for _ in 0..<5 {
    plain.append(try await seconds { try await produce(database, inserts: transitions, producers: 64) })
    metered.append(
        try await seconds {
            try await produce(database, inserts: transitions, producers: 64) { producer, transaction in
                let execution = scope.arn("states", "execution:bench:\(producer)").description
                meter.record(
                    .transitions(of: workflow, in: scope, execution: execution, at: SystemClock().now), in: transaction)
            }
        })
}
let share = median(zip(plain, metered).map { $0 / $1 })
print("inserts that also record a transition, 64 producers: \(Double(Int(share * 100)) / 100) of those that do not")

let reads = 2000
let rate = try await seconds {
    for number in 0..<reads {
        _ = try await database.read { try $0.first("SELECT body FROM bench WHERE id = $1", .int(number + 1)) }
    }
}
print("reads, one after another: \(Int(Double(reads) / rate))/s")
await database.close()
raw.close()
