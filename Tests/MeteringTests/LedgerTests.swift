import Core
import HostTesting
import Storage
import Testing

@testable import Metering

private let scope = Scope()
private let june = Timestamp(milliseconds: 1_780_272_000_000)  // 2026-06-01T00:00:00Z
private let functions = (0..<3).map { scope.arn("lambda", "function:f\($0)").description }
private let workflow = scope.arn("states", "stateMachine:orders").description

private func execution(_ number: Int) -> String { scope.arn("states", "execution:orders:\(number)").description }

private func day(_ offset: Int) -> Timestamp { june.adding(milliseconds: Int64(offset) * 86_400_000) }

@Suite(.timeLimit(.minutes(1))) struct LedgerTests {
    private let temporary: TemporaryDatabase
    private let meter = Meter()

    init() throws { temporary = try Database.temporary(schema: Meter.schema) }

    private var database: Database { temporary.database }

    private func bill(_ request: BillRequest, now: Timestamp = day(29)) async throws -> Bill {
        try await database.read { try Meter.bill(request, prices: .usEast1, now: now, in: $0) }
    }

    /// 2,000 acts from many tasks at once, a quarter of which come to nothing.
    private func workAMonth() async throws -> [Usage] {
        try await withThrowingTaskGroup(of: [Usage].self) { group in
            for producer in 0..<20 {
                group.addTask { [database, meter] in
                    var random = SeededRandom(seed: UInt64(producer))
                    var recorded: [Usage] = []
                    for number in 0..<100 {
                        let usages = acts(producer * 100 + number, &random)
                        let fails = random.next() % 4 == 0
                        do {
                            try await database.write { transaction in
                                for usage in usages { meter.record(usage, in: transaction) }
                                if fails { throw Undone() }
                            }
                            recorded += usages
                        } catch is Undone {}
                    }
                    return recorded
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    @Test func theSumOfAllReportsIsTheLedger() async throws {
        let recorded = try await workAMonth()
        var expected: [Metric: Int64] = [:]
        var executions: [String: [Metric: Int64]] = [:]
        for usage in recorded {
            for amount in usage.amounts {
                expected[amount.metric, default: 0] += amount.quantity
                if let execution = usage.execution {
                    executions[execution, default: [:]][amount.metric, default: 0] += amount.quantity
                }
            }
        }
        let entries = try await database.read { transaction in
            try LedgerReader(transaction).entries(from: Day(june), to: Day(day(29)))
        }
        let ledger = entries.reduce(into: [Metric: Int64]()) { $0[$1.metric, default: 0] += $1.quantity }
        #expect(ledger == expected)
        for (execution, metrics) in executions {
            let used = try await database.read { try Meter.usage(ofExecution: execution, in: $0) }
            #expect(used.reduce(into: [:]) { $0[$1.metric, default: 0] += $1.quantity } == metrics)
        }
    }

    @Test(arguments: [
        Bill.Grouping.service, .function, .workflow, .execution, .day, .month, .tag("team"), .tag("nobody"),
    ])
    func everyGroupingHasTheSameTotal(_ grouping: Bill.Grouping) async throws {
        _ = try await workAMonth()
        try await database.write { [meter] in try meter.tag(functions[0], ["team": "a"], in: $0) }
        let from = Day(june)
        let to = Day(day(29))
        let expected = try await bill(BillRequest(from: from, to: to, by: .service))
        let grouped = try await bill(BillRequest(from: from, to: to, by: grouping))
        #expect(expected.total > .zero)
        #expect(grouped.total == expected.total && grouped.list == expected.list && grouped.free == expected.free)
        let few = try await bill(BillRequest(from: from, to: to, by: grouping, groupLimit: 1))
        #expect(few.total == expected.total)
        #expect(Set(few.lines.map(\.group)).count <= 2)
        // Days of a bill are the bill of the days.
        let days = try await (0..<30).asyncMap { offset in
            try await bill(BillRequest(from: Day(day(offset)), to: Day(day(offset)), by: grouping)).total
        }
        #expect(days.reduce(.zero, +) == expected.total)
    }

    @Test func groupsCarryTheirNames() async throws {
        let usages: [Usage] = [
            .invocation(of: functions[0], in: scope, memoryMB: 128, billedMilliseconds: 10, at: june),
            .invocation(
                of: functions[1], in: scope, memoryMB: 128, billedMilliseconds: 10, execution: execution(1), at: june),
            .transitions(2, of: workflow, in: scope, execution: execution(1), at: june),
            .objectRequest(.write, on: "arn:aws:s3:::b", in: scope, at: day(1)),
        ]
        try await database.write { [meter] transaction in
            for usage in usages { meter.record(usage, in: transaction) }
            try meter.tag(functions[1], ["team": "blue"], in: transaction)
        }
        let expected: [(Bill.Grouping, Set<String>)] = [
            (.service, ["Lambda", "Step Functions", "S3"]),
            (.function, [functions[0], functions[1], "(no function)"]),
            (.workflow, [workflow, "(no workflow)"]),
            (.execution, [execution(1), "(no execution)"]),
            (.day, ["2026-06-01", "2026-06-02"]),
            (.month, ["2026-06"]),
            (.tag("team"), ["blue", "(untagged)"]),
        ]
        for (grouping, groups) in expected {
            let bill = try await bill(BillRequest(from: Day(june), to: Day(day(5)), by: grouping))
            #expect(Set(bill.lines.map(\.group)) == groups, "\(grouping)")
        }
        let ofWorkflow = try await bill(BillRequest(from: Day(june), to: Day(day(5)), workflow: workflow))
        #expect(Set(ofWorkflow.lines.map(\.metric)) == [.lambdaRequests, .lambdaDurationX86, .stateTransitions])
        let cost = try await database.read { try Meter.cost(ofExecution: execution(1), prices: .usEast1, in: $0) }
        // A request, 1,280 MB-ms and two transitions.
        #expect(cost.decimal == "0.000050220833")
        // Shares of a day are rounded together: a picodollar may fall to one or the other.
        #expect((ofWorkflow.list - cost).picodollars.magnitude <= 1)
    }

    @Test func aFailedCommitRecordsNothing() async throws {
        let faults = StorageFaults()
        let temporary = try Database.temporary(schema: Meter.schema, faults: faults)
        let usage = Usage.transitions(of: workflow, in: scope, execution: execution(1), at: june)
        faults.fail(.commit, with: StorageError(.full, "full"))
        await #expect(throws: StorageError.self) {
            try await temporary.database.write { [meter] in meter.record(usage, in: $0) }
        }
        // The series was not made either, so its number must not be remembered.
        try await temporary.database.write { [meter] in meter.record(usage, in: $0) }
        let entries = try await temporary.database.read { try Meter.usage(ofExecution: execution(1), in: $0) }
        #expect(entries.map(\.quantity) == [1])
        faults.fail(.statement("INTO meter_daily"), with: StorageError(.io, "torn"))
        await #expect(throws: StorageError(.io, "torn")) {
            try await temporary.database.write { [meter] in meter.record(usage, in: $0) }
        }
    }

    @Test func aPartThatIsUndoneRecordsNothing() async throws {
        try await database.write { [meter] transaction in
            meter.record(.transitions(of: workflow, in: scope, execution: execution(1), at: june), in: transaction)
            try? transaction.savepoint {
                meter.record(
                    .transitions(10, of: workflow, in: scope, execution: execution(1), at: june), in: transaction)
                throw Undone()
            }
            meter.record(.transitions(2, of: workflow, in: scope, execution: execution(1), at: june), in: transaction)
        }
        let entries = try await database.read { try Meter.usage(ofExecution: execution(1), in: $0) }
        #expect(entries.map(\.quantity) == [3])
    }

    @Test func executionsAreForgottenAndTheLedgerStays() async throws {
        _ = try await workAMonth()
        let request = BillRequest(from: Day(june), to: Day(day(29)))
        let before = try await bill(request)
        var rounds = 0
        while try await database.write({ [meter] in
            try meter.forgetExecutions(before: Day(day(15)), limit: 50, in: $0) == 50
        }) {
            rounds += 1
        }
        #expect(rounds > 0)
        #expect(try await bill(request).total == before.total)
        let left = try await database.read { transaction in
            try transaction.first("SELECT MIN(day) FROM meter_executions")?.int(0)
        }
        #expect(try #require(left) >= Day(day(15)).number)
    }

    // MARK: - What is stored

    /// Bytes, for how long, and the byte-hours of each day.
    @Test(
        arguments: [
            (1, 3_600_000, [1], 0), (1, 3_599_999, [], 3_599_999), (1000, 86_400_000, [24_000], 0),
            (1000, 86_400_000 + 1_800_000, [24_000, 500], 0), (7, 1_800_000, [3], 1_800_000),
            (0, 86_400_000 * 3, [], 0),
            (5, -1000, [], 0),
        ] as [(Int64, Int64, [Int64], Int64)])
    func storedBytesByTheHour(_ bytes: Int64, _ milliseconds: Int64, _ quantities: [Int64], _ remainder: Int64) {
        var level = StoredLevel(bytes: bytes, since: june)
        let parts = level.settle(until: june.adding(milliseconds: milliseconds))
        #expect(parts.map(\.quantity) == quantities)
        #expect(level.remainder == remainder)
        #expect(level.since == june.adding(milliseconds: max(milliseconds, 0)))
    }

    @Test func aGigabyteForAMonth() async throws {
        let bucket = "arn:aws:s3:::photos"
        try await database.write { [meter] in meter.store(3 << 29, .objectStorage, of: bucket, in: scope, at: june, $0)
        }
        // Half a gigabyte goes after ten days, and comes back for the last ten.
        try await database.write { [meter] in
            meter.store(-(1 << 30), .objectStorage, of: bucket, in: scope, at: day(10), $0)
        }
        try await database.write { [meter] in
            meter.store(1 << 30, .objectStorage, of: bucket, in: scope, at: day(20), $0)
        }
        let request = BillRequest(from: Day(june), to: Day(day(29)), by: .day)
        let bill = try await bill(request, now: day(30))
        // 1.5 + 0.5 + 1.5 GB for a third of the month each, at $0.023.
        #expect(bill.total.decimal == "0.026833333333")
        #expect(bill.lines.count == 30)
        // Half a month later nothing changed: what is not settled yet is billed all the same, up to now.
        let half = try await self.bill(BillRequest(from: Day(june), to: Day(day(29))), now: day(15))
        #expect(half.lines.map(\.quantity) == [(3 << 29) * 240 + (1 << 29) * 240])
    }
}

private struct Undone: Error {}

private func acts(_ number: Int, _ random: inout SeededRandom) -> [Usage] {
    let time = june.adding(milliseconds: Int64(random.next() % (30 * 86_400_000)))
    let memory = [128, 512, 1024][Int(random.next() % 3)]
    let duration = Int64(random.next() % 100_000_000)
    let execution: String? = number % 3 == 0 ? execution(number / 30) : nil
    var usages: [Usage] = [
        .invocation(
            of: functions[number % 3], in: scope, memoryMB: memory, billedMilliseconds: duration,
            architecture: number % 5 == 0 ? .arm : .x86, execution: execution, at: time)
    ]
    if let execution {
        usages.append(.transitions(number % 900, of: workflow, in: scope, execution: execution, at: time))
        usages.append(.publish(to: "arn:aws:sns:t", in: scope, bytes: number * 100, execution: execution, at: time))
    } else {
        usages.append(.queueRequest(on: "arn:aws:sqs:q", in: scope, bytes: number * 70, at: time))
    }
    return usages
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
