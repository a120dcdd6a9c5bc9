import Core
import HostTesting
import Storage
import Testing

@testable import Metering

private let june = Timestamp(milliseconds: 1_780_272_000_000)  // 2026-06-01T00:00:00Z

@Suite struct BudgetTests {
    private static func dollars(_ text: String) -> Money { Money(decimal: text) ?? .zero }

    struct Course: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let period: Budget.Period
        /// Hours since the first of June, what has been spent then, and what people hear.
        let steps: [(Int64, String, [BudgetAlert.Event])]

        init(_ name: String, _ period: Budget.Period, _ steps: [(Int64, String, [BudgetAlert.Event])]) {
            (testDescription, self.period, self.steps) = (name, period, steps)
        }
    }

    /// A budget of $10 that warns at 50, 80 and 100 % and throttles at 120 %.
    static let courses: [Course] = [
        Course("nothing spent", .month, [(1, "0", []), (2, "4.99", [])]),
        Course(
            "each warning once", .month,
            [
                (1, "5", [.warning(50)]), (2, "6", []), (3, "8", [.warning(80)]), (4, "9.999999", []),
                (5, "10", [.warning(100)]),
            ]),
        Course("a leap tells the highest only", .month, [(1, "11", [.warning(100)])]),
        Course(
            "throttled until the month ends", .month,
            [(1, "12", [.warning(100), .throttled]), (700, "13", []), (721, "0", [.released])]),
        Course(
            "a new day warns again", .day,
            [(1, "5", [.warning(50)]), (25, "5", [.warning(50)]), (26, "5", [])]),
        Course(
            "throttled on both of two days", .day,
            [(1, "12", [.warning(100), .throttled]), (25, "12", [.warning(100), .throttled])]),
    ]

    @Test(
        arguments: [
            (nil, nil, true), ("lambda", nil, true), ("Step Functions", nil, false),
            (nil, "arn:aws:lambda:us-east-1:111111111111:function:f", true),
            (nil, "arn:aws:lambda:us-east-1:111111111111:function:fu", false),
        ] as [(String?, String?, Bool)])
    func whatABudgetHoldsBack(_ service: String?, _ resource: String?, _ isHeld: Bool) throws {
        let budget = try Budget(name: "b", amount: Self.dollars("1"), service: service, resource: resource)
        let brake = SpendingBrake()
        let function = "arn:aws:lambda:us-east-1:111111111111:function:f"
        #expect(brake.objection(to: function, of: "Lambda") == nil)
        brake.hold(["111111111111": [budget]])
        #expect((brake.objection(to: function, of: "Lambda") != nil) == isHeld)
        #expect((brake.objection(to: function + ":7", of: "Lambda") != nil) == isHeld)
        #expect(brake.objection(to: "arn:aws:lambda:us-east-1:222222222222:function:f", of: "Lambda") == nil)
        brake.hold(["111111111111": []])
        #expect(brake.objection(to: function, of: "Lambda") == nil)
    }

    @Test(arguments: courses) func courseOfABudget(_ course: Course) throws {
        let budget = try Budget(
            name: "b", amount: Self.dollars("10"), period: course.period, warnAt: [100, 50, 80], throttleAt: 120)
        var state: BudgetState?
        for (hour, spent, events) in course.steps {
            let time = june.adding(milliseconds: hour * 3_600_000)
            let (next, alerts) = budget.evaluate(state, spent: Self.dollars(spent), at: time)
            #expect(alerts.map(\.event) == events, "hour \(hour)")
            #expect(next.isThrottling == (Self.dollars(spent) >= Self.dollars("12")))
            #expect(BudgetState(next.json) == next)
            state = next
        }
    }

    @Test(
        arguments: [
            (["amount": "1"], "name: must be a text"), (["name": "", "amount": "1"], "name: must have 1 to 100 bytes"),
            (["name": "b"], "amount: must be a decimal number"),
            (["name": "b", "amount": 1], "amount: must be a decimal"),
            (["name": "b", "amount": "0"], "amount: must be more than 0"),
            (["name": "b", "amount": "1", "period": "year"], "period: must be \"day\" or \"month\""),
            (["name": "b", "amount": "1", "warnAt": 5], "warnAt: must be a list"),
            (["name": "b", "amount": "1", "warnAt": [0]], "warnAt: must be up to 10 percentages"),
            (["name": "b", "amount": "1", "throttleAt": 1.5], "throttleAt: must be a percentage"),
            (["name": "b", "amount": "1", "limit": 1], "limit: is not known here"), ([1], "budget: must be an object"),
        ] as [(JSON, String)])
    func mistakesAreNamed(_ json: JSON, _ message: String) {
        let error = #expect(throws: BudgetError.self) { try Budget(json) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test func budgetsFollowTheLedger() async throws {
        let temporary = try Database.temporary(schema: Meter.schema)
        let meter = Meter()
        let scope = Scope(account: "111122223333")
        let budgets = [
            try Budget(name: "all", amount: Self.dollars("1"), warnAt: [50], throttleAt: 100),
            try Budget(name: "queues", amount: Self.dollars("1"), warnAt: [1], service: "SQS"),
        ]
        try await temporary.database.write { transaction in
            for budget in budgets { try Meter.setBudget(budget, account: scope.account, in: transaction) }
        }
        // 4,000 transitions are free and 1,000 cost 2.5 cents.
        let steps: [(Int, [String])] = [(24_000, ["all: 50"]), (24_000, ["all: throttled"]), (1, [])]
        for (transitions, expected) in steps {
            try await temporary.database.write { transaction in
                meter.record(
                    .transitions(transitions, of: "w", in: scope, execution: "e", at: june), in: transaction)
            }
            let news = try await temporary.database.write { transaction in
                try Meter.evaluateBudgets(account: scope.account, prices: .usEast1, now: june, in: transaction)
            }
            let told = news.map { alert in
                switch alert.event {
                case .warning(let percent): "\(alert.budget): \(percent)"
                case .throttled: "\(alert.budget): throttled"
                case .released: "\(alert.budget): released"
                }
            }
            #expect(told == expected)
        }
        let stored = try await temporary.database.read {
            try Meter.budgets(account: scope.account, in: $0).map(\.budget)
        }
        #expect(stored == budgets)
        let others = try await temporary.database.read { try Meter.budgets(account: "1", in: $0).count }
        #expect(others == 0)
        let removed = try await temporary.database.write {
            try Meter.removeBudget("all", account: scope.account, in: $0)
        }
        #expect(removed)
    }
}

@Suite struct BillTextTests {
    private let bill: Bill = {
        let line = Bill.Line(
            group: "a \"b\", c", metric: .lambdaDurationX86, quantity: 1_536_000, units: 1.5,
            list: Money(picodollars: 25_000_050), free: Money(picodollars: 5_000_000),
            amount: Money(picodollars: 20_000_050))
        return Bill(grouping: .function, from: Day(june), to: Day(june), lines: [line], prices: "p")
    }()

    @Test func csv() {
        #expect(
            bill.csv == "group,metric,quantity,unit,list,free,discount,amount\r\n"
                + "\"a \"\"b\"\", c\",lambda.duration.x86_64,1.5,GB-seconds,0.00002500005,0.000005,0.00,0.00002000005\r\n"
        )
    }

    @Test func json() throws {
        #expect(bill.json["total"] == "0.00002000005")
        #expect(bill.json["lines"]?[0]?["quantity"] == 1.5)
        #expect(bill.json["by"] == "function" && bill.json["from"] == "2026-06-01")
    }

    @Test func table() {
        #expect(bill.table.count == 3)
        #expect(bill.table.allSatisfy { $0.count == bill.table[0].count })
        #expect(bill.table[2] == ["total", "", "", "", "$0.000025", "$0.000005", "$0.00002"])
    }

    @Test func tablesNameResourcesShortly() {
        let prefix = "arn:aws:lambda:us-east-1:000000000000:function:"
        func names(_ groups: [String]) -> [String] {
            let lines = groups.map {
                Bill.Line(
                    group: $0, metric: .lambdaRequests, quantity: 1, units: 1, list: .zero, free: .zero, amount: .zero)
            }
            return Bill(grouping: .function, from: Day(june), to: Day(june), lines: lines, prices: "p")
                .table.dropFirst().dropLast().map { $0[0] }
        }
        // What belongs to none comes last.
        #expect(names(["(no function)", "\(prefix)a", "\(prefix)b:1"]) == ["a", "b/1", "(no function)"])
        #expect(names(["arn:aws:states:us-east-1:000000000000:execution:flow:one"]) == ["flow/one"])
        // The same name in two regions tells nothing.
        let twins = ["\(prefix)a", "arn:aws:lambda:eu-west-1:000000000000:function:a"]
        #expect(names(twins) == twins)
    }

    @Test(arguments: ["service", "function", "workflow", "execution", "day", "month", "tag:team"])
    func groupingsByName(_ name: String) { #expect(Bill.Grouping(name)?.description == name) }

    @Test(arguments: ["", "tag:", "tag", "Service"]) func noGrouping(_ name: String) {
        #expect(Bill.Grouping(name) == nil)
    }
}
