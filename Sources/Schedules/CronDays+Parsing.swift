extension CronDays {
    /// Reads both day fields, of which exactly one is `?`.
    init(dayOfMonth: Substring, dayOfWeek: Substring) throws(ScheduleSyntaxError) {
        switch (dayOfMonth == "?", dayOfWeek == "?") {
        case (true, true):
            throw ScheduleSyntaxError("day-of-month and day-of-week are both '?': give one of them a value or '*'")
        case (false, false):
            throw ScheduleSyntaxError("day-of-month and day-of-week are both given: write '?' for one of them")
        case (false, true): self = try Self.parseDayOfMonth(dayOfMonth.uppercased()[...])
        case (true, false): self = try Self.parseDayOfWeek(dayOfWeek.uppercased()[...])
        }
    }

    private static func parseDayOfMonth(_ text: Substring) throws(ScheduleSyntaxError) -> CronDays {
        guard text.contains("L") || text.contains("W") else {
            return .ofMonth(try CronField.dayOfMonth.values(text).reduce(0) { $0 | 1 << UInt32($1) })
        }
        guard !text.contains(",") else {
            throw ScheduleSyntaxError("day-of-month: L and W stand alone, not in a list")
        }
        let weekday = text.hasSuffix("W")
        let body = weekday ? text.dropLast() : text
        guard body.first == "L" else {
            return .weekdayNear(Int8(try CronField.dayOfMonth.value(body)))
        }
        if body == "L" { return weekday ? .weekdayNearLast(0) : .beforeLast(0) }
        guard body.hasPrefix("L-"), let offset = parseNumber(body.dropFirst(2), maximumDigits: 2), offset <= 30 else {
            throw ScheduleSyntaxError("day-of-month: '\(text)' is not L, LW, L-n with n up to 30, or nW")
        }
        return weekday ? .weekdayNearLast(Int8(offset)) : .beforeLast(Int8(offset))
    }

    private static func parseDayOfWeek(_ text: Substring) throws(ScheduleSyntaxError) -> CronDays {
        let field = CronField.dayOfWeek
        if let mark = text.firstIndex(of: "#") {
            guard let nth = parseNumber(text[text.index(after: mark)...], maximumDigits: 1), (1...5).contains(nth)
            else {
                throw ScheduleSyntaxError("day-of-week: '\(text)' is not a single day, '#' and a number from 1 to 5")
            }
            return .nthOfWeek(Int8(try field.value(text[..<mark]) - 1), nth: Int8(nth))
        }
        // Alone, L is the last day of the week, which is Saturday.
        if text == "L" { return .ofWeek(1 << 6) }
        if text.hasSuffix("L") {
            guard !text.contains(",") else { throw ScheduleSyntaxError("day-of-week: L stands alone, not in a list") }
            return .lastOfWeek(Int8(try field.value(text.dropLast()) - 1))
        }
        return .ofWeek(try field.values(text).reduce(0) { $0 | 1 << UInt8($1 - 1) })
    }
}
