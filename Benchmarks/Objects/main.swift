// What objects and schedules cost, each beside its bound, in one run:
//
//     swift run -c release ObjectsBenchmark [--not-durable] [--no-feed]
//
// Without durability uploads do not wait for the disk; without the feed the store is measured alone.
import Core
import FileWatch
import Glibc
import Objects
import Schedules
import Storage
import Synchronization

func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Processor time of the whole process, in microseconds.
func processorTime() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
        + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
}

func write(_ text: String) { print(text) }

func median(_ values: [UInt64]) -> UInt64 { values.isEmpty ? 0 : values.sorted()[values.count / 2] }

func writeFile(_ path: String, _ bytes: [UInt8], synchronize: Bool = false) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    _ = Glibc.write(descriptor, bytes, bytes.count)
    if synchronize { fdatasync(descriptor) }
    close(descriptor)
}

/// Hands the time of each committed change to whoever waits for it.
final class Arrivals: Sendable {
    private let state = Mutex<(count: Int, wanted: Int, waiter: CheckedContinuation<UInt64, Never>?)>((0, 0, nil))

    func note() {
        let waiter = state.withLock { state -> CheckedContinuation<UInt64, Never>? in
            state.count += 1
            guard state.count >= state.wanted, let waiter = state.waiter else { return nil }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: nanoseconds())
    }

    var count: Int { state.withLock(\.count) }

    func reached(_ wanted: Int) async -> UInt64 {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state -> Bool in
                if state.count >= wanted { return true }
                state.wanted = wanted
                state.waiter = continuation
                return false
            }
            if isThere { continuation.resume(returning: nanoseconds()) }
        }
    }
}

let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
var template = Array("\(parent)/millrace-benchmark-XXXXXX".utf8CString)
mkdtemp(&template)
let root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
let arrivals = Arrivals()
let database = try Database(try SQLiteDriver(directory: "\(root)/db"), schema: ObjectStore.schema)
var options = ObjectStore.Options(directory: "\(root)/buckets")
options.isDurable = !CommandLine.arguments.contains("--not-durable")
let store = ObjectStore(database: database, clock: SystemClock(), options: options) { _, transaction in
    transaction.afterCommit { arrivals.note() }
}
try await store.open()
let bucket = try await store.createBucket("data", scope: Scope())
let feed = ChangeFeed(store: store, driver: FileWatch.makeDriver) { write("problem: \($0)") }
let isWatching = !CommandLine.arguments.contains("--no-feed")
let feeding = Task { if isWatching { try await feed.run() } }
if isWatching { await feed.settledAfterStart() }
let kilobyte = [UInt8](repeating: 65, count: 1024)

// A dropped file until its change is committed and handed on. Bound: writing and synchronizing a file.
func measureDrops() async {
    var latencies: [UInt64] = []
    var bounds: [UInt64] = []
    for number in 0..<500 {
        let start = nanoseconds()
        writeFile("\(root)/plain", kilobyte, synchronize: true)
        bounds.append(nanoseconds() - start)
        let wanted = arrivals.count + 1
        writeFile("\(bucket.directory)/drop-\(number)", kilobyte)
        let closed = nanoseconds()
        latencies.append(await arrivals.reached(wanted) - closed)
    }
    write(
        "drop to committed change: \(median(latencies) / 1000) us, p99 \(latencies.sorted()[495] / 1000) us; "
            + "synchronized file \(median(bounds) / 1000) us")
}

// Many files at once.
func measureBurst() async {
    let before = arrivals.count
    mkdir("\(bucket.directory)/burst", 0o755)
    let start = nanoseconds()
    for number in 0..<20_000 { writeFile("\(bucket.directory)/burst/\(number)", [65]) }
    let written = nanoseconds()
    let seen = await arrivals.reached(before + 20_000)
    write(
        "20,000 files: written in \((written - start) / 1_000_000) ms, all recorded \((seen - start) / 1_000_000) ms "
            + "after the first")
}

if isWatching {
    await measureDrops()
    await measureBurst()
}

// Small objects by the API.
func perSecond(_ count: Int, _ concurrency: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws
    -> String
{
    let start = nanoseconds()
    let processor = processorTime()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<concurrency {
            group.addTask { for number in stride(from: task, to: count, by: concurrency) { try await body(number) } }
        }
        try await group.waitForAll()
    }
    let rate = Int(Double(count) * 1e9 / Double(nanoseconds() - start))
    return "\(rate)/s (\((processorTime() - processor) / count) us of processor)"
}
for concurrency in [1, 8, 32] {
    let puts = try await perSecond(2000, concurrency) { number in
        _ = try await store.put(PutRequest(bucket: "data", key: try ObjectKey("put/\(number)")), kilobyte)
    }
    let gets = try await perSecond(4000, concurrency) { number in
        let content = try await store.get(try ObjectKey("put/\(number % 2000)"), in: "data")
        _ = try await store.read(content, 0..<1024)
    }
    let lists = try await perSecond(200, concurrency) { _ in
        _ = try await store.list(ListRequest(bucket: "data", delimiter: "/"))
    }
    let deletes = try await perSecond(2000, concurrency) { number in
        try await store.delete(try ObjectKey("put/\(number)"), in: "data")
    }
    write(
        "concurrency \(concurrency): put \(puts), get \(gets), list of 500 keys and prefixes \(lists), delete \(deletes)"
    )
}

feeding.cancel()
try await feeding.value
await database.close()

// Schedules.
let zone = try TimeZoneDatabase().zone(named: "Europe/Berlin")
let expressions = ["cron(0/5 8-17 ? * MON-FRI *)", "cron(15 10 ? * 6L *)", "cron(0 0 29 2 ? *)", "rate(5 minutes)"]
let parseStart = nanoseconds()
let now = SystemClock().now
let schedules = try (0..<100_000).map { number in
    Schedule(try ScheduleExpression(expressions[number % 4], dialect: .scheduler), zone: zone, created: now)
}
let parsed = nanoseconds()
var sum: Int64 = 0
for schedule in schedules { sum &+= schedule.next(after: now)?.milliseconds ?? 0 }
let computed = nanoseconds()
write(
    "100,000 schedules: parsed in \((parsed - parseStart) / 1_000_000) ms, next firings in "
        + "\((computed - parsed) / 1_000_000) ms, \(MemoryLayout<Schedule>.stride) bytes each (checksum \(sum % 1000))")
