/// Which of AWS's two services reads the expression; they differ in what they accept and in what they answer.
public enum ScheduleDialect: Hashable, Sendable {
    /// `ScheduleExpression` of an EventBridge rule: `rate` and `cron`, always UTC.
    case rule
    /// `ScheduleExpression` of EventBridge Scheduler: `rate`, `cron` and `at`, in a time zone.
    case scheduler
}

/// Why an expression is not a schedule.
public struct ScheduleExpressionError: Error, Hashable, Sendable {
    public let expression: String
    public let dialect: ScheduleDialect
    /// What is wrong and how to mend it, for people: names the field and the value.
    public let reason: String

    /// The message that AWS answers with, of a `ValidationException` in both services.
    public var message: String {
        switch dialect {
        case .rule: "Parameter ScheduleExpression is not valid."
        case .scheduler: "Invalid Schedule Expression \(expression)."
        }
    }
}

extension ScheduleExpressionError: CustomStringConvertible {
    public var description: String { "\(message) (\(reason))" }
}

/// What is wrong with a part of an expression, before it is known whose expression it is.
struct ScheduleSyntaxError: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
