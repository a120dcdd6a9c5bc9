import Core
import Glibc
import Testing

@testable import Metering

@Suite struct PriceTests {
    @Test(arguments: [
        ("0", "0.00", "$0.00"), ("0.20", "0.20", "$0.20"), ("12.5", "12.50", "$12.50"),
        ("0.0000166667", "0.0000166667", "$0.00001667"), ("0.000000000001", "0.000000000001", "$0.000000000001"),
        ("999999999.999999999999", "999999999.999999999999", "$1000000000.00"), ("0.0999", "0.0999", "$0.0999"),
        ("1.005", "1.005", "$1.01"), ("0.00000020", "0.0000002", "$0.0000002"),
    ])
    func money(_ text: String, _ decimal: String, _ shown: String) throws {
        let money = try #require(Money(decimal: text))
        #expect(money.decimal == decimal)
        #expect(money.description == shown)
        #expect(Money(decimal: decimal) == money)
        #expect((.zero - money).decimal == (money == .zero ? "0.00" : "-" + decimal))
    }

    @Test(arguments: ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000000000001", "1234567890", "１"])
    func noMoney(_ text: String) { #expect(Money(decimal: text) == nil) }

    /// What is counted, and what is billed for it.
    @Test(
        arguments: [
            ("chunks of nothing", BillingRule.chunks(bytes: 0, of: 65_536), 1),
            ("chunks of one byte", BillingRule.chunks(bytes: 1, of: 65_536), 1),
            ("a full chunk", BillingRule.chunks(bytes: 65_536, of: 65_536), 1),
            ("a byte more", BillingRule.chunks(bytes: 65_537, of: 65_536), 2),
            ("256 KB", BillingRule.chunks(bytes: 262_144, of: 65_536), 4),
            ("a negative size", BillingRule.chunks(bytes: -5, of: 65_536), 1),
            ("the largest size", BillingRule.chunks(bytes: .max, of: 65_536), 140_737_488_355_328),
            ("no time", BillingRule.billedMilliseconds(microseconds: 0), 0),
            ("a microsecond", BillingRule.billedMilliseconds(microseconds: 1), 1),
            ("a millisecond", BillingRule.billedMilliseconds(microseconds: 1000), 1),
            ("init time counts", BillingRule.billedMilliseconds(microseconds: 1500, initMicroseconds: 2501), 5),
            ("no negative time", BillingRule.billedMilliseconds(microseconds: -10), 0),
            ("endless time", BillingRule.billedMilliseconds(microseconds: .max, initMicroseconds: .max), .max / 1000),
            ("Express, at once", BillingRule.expressMilliseconds(0), 100),
            ("Express, 100 ms", BillingRule.expressMilliseconds(100), 100),
            ("Express, 101 ms", BillingRule.expressMilliseconds(101), 200),
            ("Express, 1 MB", BillingRule.expressMegabytes(1), 64),
            ("Express, 65 MB", BillingRule.expressMegabytes(65), 128),
            ("provisioned, a moment", BillingRule.provisionedMilliseconds(1), 300_000),
            ("provisioned, five minutes", BillingRule.provisionedMilliseconds(300_000), 300_000),
            ("provisioned, six", BillingRule.provisionedMilliseconds(360_000), 600_000),
        ] as [(String, Int64, Int64)])
    func rounding(_ name: String, _ billed: Int64, _ expected: Int64) { #expect(billed == expected, "\(name)") }

    struct Act: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let usage: Usage
        let amounts: [Metric: Int64]

        init(_ name: String, _ usage: Usage, _ amounts: [Metric: Int64]) {
            (testDescription, self.usage, self.amounts) = (name, usage, amounts)
        }
    }

    private static let scope = Scope()
    private static let time = Timestamp(milliseconds: 0)

    static let acts: [Act] = [
        Act(
            "invocation", .invocation(of: "f", in: scope, memoryMB: 128, billedMilliseconds: 7, at: time),
            [.lambdaRequests: 1, .lambdaDurationX86: 896]),
        Act(
            "invocation on arm with a large disk and stream",
            .invocation(
                of: "f", in: scope, memoryMB: 1024, billedMilliseconds: 10, architecture: .arm, ephemeralMB: 612,
                streamedBytes: 6 << 20 | 9, at: time),
            [.lambdaRequests: 1, .lambdaDurationARM: 10_240, .lambdaEphemeralStorage: 1000, .lambdaStreamed: 9]),
        Act(
            "invocation on provisioned concurrency",
            .invocation(of: "f", in: scope, memoryMB: 512, billedMilliseconds: 2, isProvisioned: true, at: time),
            [.lambdaRequests: 1, .lambdaProvisionedDurationX86: 1024]),
        Act(
            "provisioned concurrency",
            .provisionedConcurrency(of: "f", in: scope, memoryMB: 512, instances: 3, milliseconds: 300_000, at: time),
            [.lambdaProvisionedX86: 460_800_000]),
        Act(
            "transitions", .transitions(3, of: "w", in: scope, execution: "e", at: time), [.stateTransitions: 3]),
        Act(
            "Express execution",
            .expressExecution(of: "w", in: scope, milliseconds: 1234, memoryMB: 65, execution: "e", at: time),
            [.expressRequests: 1, .expressDuration: 128 * 1300]),
        Act("put", .objectRequest(.write, on: "b", in: scope, at: time), [.objectWrites: 1]),
        Act("delete", .objectRequest(.free, on: "b", in: scope, at: time), [:]),
        Act("publish", .publish(to: "t", in: scope, bytes: 65_537, at: time), [.topicRequests: 2]),
        Act(
            "publish to FIFO", .publish(to: "t", in: scope, bytes: 65_537, isFIFO: true, at: time),
            [.topicFIFORequests: 1, .topicFIFOPayload: 65_537]),
        Act("delivery", .delivery(of: "t", to: .https, in: scope, at: time), [.topicHTTPDeliveries: 1]),
        Act("poll", .queueRequest(on: "q", in: scope, at: time), [.queueRequests: 1]),
        Act(
            "send to FIFO", .queueRequest(on: "q", in: scope, bytes: 200_000, isFIFO: true, at: time),
            [.queueFIFORequests: 4]),
        Act("events", .customEvents(bytes: [1, 65_536, 65_537], on: "b", in: scope, at: time), [.customEvents: 4]),
        Act("schedule", .scheduledInvocation(by: "s", in: scope, at: time), [.schedulerInvocations: 1]),
        Act("webhook", .httpRequest(to: "a", in: scope, bytes: 524_289, at: time), [.httpRequests: 2]),
        Act(
            "log lines", .logIngestion(into: "l", in: scope, bytes: 100, events: 2, isFunction: true, at: time),
            [.logsLambdaIngested: 152]),
        Act(
            "an absurd size", .invocation(of: "f", in: scope, memoryMB: .max, billedMilliseconds: .max, at: time),
            [.lambdaRequests: 1, .lambdaDurationX86: .max]),
    ]

    @Test(arguments: acts) func whatAnActUses(_ act: Act) {
        let amounts = Dictionary(uniqueKeysWithValues: act.usage.amounts.map { ($0.metric, $0.quantity) })
        #expect(amounts == act.amounts)
    }

    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let json: JSON
    }

    static let examples: [Example] = {
        guard let file = try? JSON(parsing: readFile("Cases/examples.json")) else { return [] }
        return (file.arrayValue ?? []).map { Example(testDescription: $0["name"]?.stringValue ?? "", json: $0) }
    }()

    @Test func examplesAreThere() { #expect(Self.examples.count >= 17) }

    @Test(arguments: examples) func examplesOfThePriceList(_ example: Example) throws {
        let month = try #require(example.json["month"]?.stringValue)
        let day = Day(try #require(Timestamp(rfc3339: month + "-01T00:00:00Z")))
        var entries: [LedgerEntry] = []
        for (name, value) in try #require(example.json["usage"]?.objectValue) {
            let metric = try #require(Metric(rawValue: name))
            let quantity = try #require(value.intValue)
            // Over two days, so that a month is more than a sum of its days.
            for (offset, part) in [quantity / 3, quantity - quantity / 3].enumerated() {
                entries.append(
                    LedgerEntry(
                        day: Day(number: day.number + offset), account: "1", region: "us-east-1", metric: metric,
                        resource: "r", quantity: part))
            }
        }
        let request = BillRequest(from: day, to: Day(number: day.number + 27))
        var calculation = BillCalculation(request, .usEast1, months: entries, tags: [:])
        for entry in entries { calculation.add(entry) }
        let bill = calculation.bill()
        #expect(bill.total.decimal == example.json["amount"]?.stringValue)
        #expect(bill.list.decimal == example.json["list"]?.stringValue)
        #expect(bill.free.decimal == example.json["free"]?.stringValue)
    }
}

/// A file beside the tests.
func readFile(_ name: String, of source: String = #filePath) -> [UInt8] {
    let folder = source.prefix(through: source.lastIndex(of: "/") ?? source.startIndex)
    let file = open(String(folder) + name, O_RDONLY)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = read(file, &bytes, bytes.count)
    return Array(bytes.prefix(max(count, 0)))
}
