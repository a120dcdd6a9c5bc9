/// When a schedule fires: `rate(5 minutes)`, `cron(0 12 * * ? *)` or `at(2026-11-22T10:31:03)`.
public struct ScheduleExpression: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case rate(RateExpression)
        case cron(CronExpression)
        case once(LocalDateTime)
    }

    /// The text as it was given.
    public let source: String
    public let kind: Kind
    public let dialect: ScheduleDialect

    /// AWS bounds an expression at 256 characters.
    public static let maximumLength = 256

    public init(_ source: String, dialect: ScheduleDialect) throws(ScheduleExpressionError) {
        do {
            kind = try Self.parse(source, dialect: dialect)
        } catch {
            throw ScheduleExpressionError(expression: source, dialect: dialect, reason: error.reason)
        }
        self.source = source
        self.dialect = dialect
    }

    private static func parse(_ source: String, dialect: ScheduleDialect) throws(ScheduleSyntaxError) -> Kind {
        guard source.utf8.count <= maximumLength else {
            throw ScheduleSyntaxError("an expression has at most \(maximumLength) characters")
        }
        if let body = arguments(of: "rate", in: source) { return .rate(try RateExpression(body, dialect: dialect)) }
        if let body = arguments(of: "cron", in: source) { return .cron(try CronExpression(fields: body)) }
        if let body = arguments(of: "at", in: source) {
            guard dialect == .scheduler else {
                throw ScheduleSyntaxError(
                    "rules have no at(...): use a schedule of EventBridge Scheduler for one firing")
            }
            return .once(try LocalDateTime(parsing: body))
        }
        let forms = dialect == .rule ? "rate(...) or cron(...)" : "rate(...), cron(...) or at(...)"
        throw ScheduleSyntaxError("expected \(forms), in lower case and without spaces around it")
    }

    private static func arguments(of function: String, in source: String) -> Substring? {
        guard source.hasPrefix(function + "("), source.hasSuffix(")") else { return nil }
        return source.dropFirst(function.count + 1).dropLast()
    }
}

extension ScheduleExpression: CustomStringConvertible {
    public var description: String { source }
}
