import Core
import Schedules
import Testing

struct InvalidCase: Sendable, CustomTestStringConvertible {
    let expression: String
    let dialect: ScheduleDialect
    let reason: String

    var testDescription: String { "\(dialect): \(expression)" }

    static let all: [InvalidCase] = {
        let file = try! caseFile("invalid.json")
        func cases(_ key: String, _ dialect: ScheduleDialect) -> [InvalidCase] {
            file[key]!.arrayValue!.map {
                InvalidCase(expression: $0[0]!.stringValue!, dialect: dialect, reason: $0[1]!.stringValue!)
            }
        }
        return cases("both", .rule) + cases("both", .scheduler) + cases("rule", .rule) + cases("scheduler", .scheduler)
    }()
}

@Suite struct ExpressionTests {
    @Test(arguments: InvalidCase.all) func `a wrong expression is refused with AWS's text and a reason`(
        each: InvalidCase
    ) {
        let error = #expect(throws: ScheduleExpressionError.self) {
            try ScheduleExpression(each.expression, dialect: each.dialect)
        }
        let message =
            each.dialect == .rule
            ? "Parameter ScheduleExpression is not valid." : "Invalid Schedule Expression \(each.expression)."
        #expect(error?.message == message)
        #expect(error?.reason.contains(each.reason) == true, "\(error?.reason ?? "")")
    }

    @Test func `what AWS takes is taken by both services`() throws {
        for json in try caseFile("invalid.json")["valid"]!.arrayValue! {
            _ = try ScheduleExpression(json.stringValue!, dialect: .rule)
            _ = try ScheduleExpression(json.stringValue!, dialect: .scheduler)
        }
    }

    @Test func `scheduler takes singular and plural with every value`() throws {
        for text in ["rate(1 minutes)", "rate(10 minute)", "rate(1 days)"] {
            _ = try ScheduleExpression(text, dialect: .scheduler)
        }
    }

    @Test func `an expression over the limit is refused`() {
        let long = "cron(" + String(repeating: "0,", count: 200) + "0 * * * ? *)"
        #expect(throws: ScheduleExpressionError.self) { try ScheduleExpression(long, dialect: .rule) }
    }
}
