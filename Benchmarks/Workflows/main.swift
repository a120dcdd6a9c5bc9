// Measures the workflow engine against what bounds it, in one run: durable transitions against raw group-committed
// inserts, express transitions a second, and what a hundred thousand waiting executions cost.

import Core
import Glibc
import HostTesting
import StatesLanguage
import Storage
import Workflows

struct Instant: TaskIntegration {
    func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON { ["ok": true] }
}

func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Resident memory in megabytes.
func residentMegabytes() -> Double {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var total = 0
    var resident = 0
    _ = withUnsafeMutablePointer(to: &total) { total in
        withUnsafeMutablePointer(to: &resident) { resident in
            withVaList([total, resident]) { vfscanf(file, "%ld %ld", $0) }
        }
    }
    return Double(resident) * 4096 / 1_048_576
}

func padded(_ value: Double, _ digits: Int = 0) -> String {
    let scale = digits == 0 ? 1.0 : digits == 1 ? 10.0 : 100.0
    let rounded = (value * scale).rounded() / scale
    return digits == 0 ? String(Int(rounded)) : String(rounded)
}

struct Bench {
    let directory: TemporaryDirectory
    let database: Database
    let engine: WorkflowEngine
    let scope = Scope()

    init() throws {
        directory = try TemporaryDirectory("workflow-benchmark")
        let raw = Migration(
            "raw", 1,
            [
                "CREATE TABLE raw_rows (id BIGINT NOT NULL, sequence BIGINT NOT NULL, first BIGINT NOT NULL, a BYTEA NOT NULL, b BYTEA NOT NULL, PRIMARY KEY (id, sequence))"
            ])
        database = try Database(
            SQLiteDriver(directory: directory.path), schema: WorkflowSchema.migrations + [raw])
        let clock = SystemClock()
        engine = WorkflowEngine(
            database: database, clock: clock, identifiers: IdentifierSequence(clock: clock), integration: Instant())
    }

    func machine(_ definition: JSON, _ name: String, _ type: StateMachineType = .standard) async throws -> String {
        try await engine.createStateMachine(
            CreateStateMachineRequest(
                name: name, definition: definition.text(), roleARN: "arn:aws:iam::000000000000:role/r", type: type),
            scope: scope
        ).arn
    }

    // MARK: Durable

    /// Rows of the journal's shape and size, written by so many writers at a time.
    func rawInserts(_ count: Int, writers: Int) async throws -> Double {
        let base = try await database.read {
            try $0.first("SELECT COALESCE(MAX(id), 0) FROM raw_rows")?.int64(0) ?? 0
        }
        let signals = [UInt8](repeating: 7, count: 40)
        let events = [UInt8](repeating: 9, count: 330)
        let start = seconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for sequence in 0..<count / writers {
                        try await database.write { transaction in
                            try transaction.execute(
                                "INSERT INTO raw_rows (id, sequence, first, a, b) VALUES ($1, $2, $3, $4, $5)",
                                .integer(base + Int64(writer) + 1), .int(sequence), .int(sequence), .blob(signals),
                                .blob(events))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(count / writers * writers) / (seconds() - start)
    }

    static func chain(_ length: Int, _ state: (Int) -> JSON) -> JSON {
        var states: JSONObject = [:]
        for index in 0..<length {
            var each = state(index)
            if index == length - 1 {
                each = each.adding("End", true)
            } else {
                each = each.adding("Next", .string("S\(index + 1)"))
            }
            states["S\(index)"] = each
        }
        return ["StartAt": "S0", "States": .object(states)]
    }

    /// Transitions a second of executions of task states, so many at a time; each task is two waits for the disk less one.
    func durable(_ machine: String, executions: Int, states: Int, concurrency: Int) async throws -> Double {
        let start = seconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<concurrency {
                group.addTask {
                    for _ in stride(from: worker, to: executions, by: concurrency) {
                        let record = try await engine.startExecution(StartExecutionRequest(machineARN: machine))
                        if !record.status.isFinal { _ = try await engine.ended(record.arn) }
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(executions * states) / (seconds() - start)
    }

    // MARK: Express

    func express(_ machine: String, executions: Int, transitions: Int, concurrency: Int) async throws -> Double {
        let start = seconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<concurrency {
                group.addTask {
                    for _ in 0..<executions / concurrency {
                        let result = try await engine.startSyncExecution(
                            StartExecutionRequest(machineARN: machine, input: #"{"n":0,"k":"value"}"#))
                        precondition(result.record.status == .succeeded)
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(executions / concurrency * concurrency * transitions) / (seconds() - start)
    }

    // MARK: Waiting

    func waiting(_ machine: String, count: Int) async throws {
        let before = residentMegabytes()
        let start = seconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<256 {
                group.addTask {
                    for _ in stride(from: worker, to: count, by: 256) {
                        _ = try await engine.startExecution(StartExecutionRequest(machineARN: machine))
                    }
                }
            }
            try await group.waitForAll()
        }
        let started = Double(count) / (seconds() - start)
        let processor = processorSeconds()
        try await Task.sleep(for: .seconds(3))
        let idle = (processorSeconds() - processor) / 3
        print("waiting executions          \(count) started at \(padded(started))/s")
        print("  memory for all of them    \(padded(residentMegabytes() - before)) MB, in memory \(engine.liveCount)")
        print("  processor while waiting   \(padded(idle * 100, 2)) %")
    }
}

let bench = try Bench()
let engine = bench.engine
let service = Task { try await engine.run() }

let task: JSON = ["Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"]
let tasks = try await bench.machine(Bench.chain(10) { _ in task }, "tasks")
let passes = try await bench.machine(Bench.chain(10) { _ in ["Type": "Pass"] }, "passes")
_ = try await bench.rawInserts(4000, writers: 64)
_ = try await bench.durable(tasks, executions: 128, states: 10, concurrency: 64)
var ratios: [Double] = []
for round in 1...5 {
    let begun = processorSeconds()
    let raw = try await bench.rawInserts(16_000, writers: 64)
    let rawCost = (processorSeconds() - begun) / 16_000
    let middle = processorSeconds()
    let durable = try await bench.durable(tasks, executions: 1280, states: 10, concurrency: 64)
    let taskCost = (processorSeconds() - middle) / 12_800
    let pure = try await bench.durable(passes, executions: 1920, states: 10, concurrency: 64)
    ratios.append(durable / raw)
    print(
        "round \(round): raw inserts \(padded(raw))/s; task transitions \(padded(durable))/s, ratio "
            + "\(padded(durable / raw, 2)), processor µs \(padded(rawCost * 1e6)) and \(padded(taskCost * 1e6)); pass transitions \(padded(pure))/s, ratio \(padded(pure / raw, 2))"
    )
}
print("durable task transitions / raw inserts: \(padded(ratios.sorted()[2], 2)) at the median (goal 0.5)")

let loop: JSON = [
    "StartAt": "A",
    "States": [
        "A": ["Type": "Pass", "Parameters": ["n.$": "States.MathAdd($.n, 1)", "k.$": "$.k"], "Next": "C"],
        "C": [
            "Type": "Choice", "Choices": [["Variable": "$.n", "NumericLessThan": 500, "Next": "A"]], "Default": "E",
        ],
        "E": ["Type": "Succeed"],
    ],
]
let computed = try await bench.machine(loop, "loop", .express)
let plain = try await bench.machine(
    Bench.chain(100) { index in
        index % 2 == 0 || index == 99
            ? ["Type": "Pass"]
            : [
                "Type": "Choice",
                "Choices": [["Variable": "$.k", "StringEquals": "value", "Next": .string("S\(index + 1)")]],
                "Default": "S0",
            ]
    }, "plain", .express)
for concurrency in [1, 2] {
    let a = try await bench.express(plain, executions: 2000, transitions: 100, concurrency: concurrency)
    let b = try await bench.express(computed, executions: 200, transitions: 1001, concurrency: concurrency)
    print(
        "express, \(concurrency) at a time: pass and choice \(padded(a))/s; with an intrinsic each \(padded(b))/s (goal 100000)"
    )
}

let waits = try await bench.machine(
    ["StartAt": "W", "States": ["W": ["Type": "Wait", "Seconds": 86400, "End": true]]], "waits")
try await bench.waiting(waits, count: 100_000)
service.cancel()
_ = try? await service.value
await bench.database.close()

extension JSON {
    func adding(_ key: String, _ value: JSON) -> JSON {
        guard key != "Next" || self["Type"]?.stringValue != "Choice" else { return self }
        var copy = self.objectValue ?? [:]
        copy[key] = value
        return .object(copy)
    }
}
