/// One of the six fields of a cron expression: its values and the names they may be written with.
struct CronField {
    let name: String
    let range: ClosedRange<Int>
    /// Names of the values from the range's lower bound on.
    var names: [String] = []
    /// Whether a range may run over the end (`FRI-MON`, `22-2`), as it may in everything that is cyclic.
    var wraps = true

    static let minutes = CronField(name: "minutes", range: 0...59)
    static let hours = CronField(name: "hours", range: 0...23)
    static let dayOfMonth = CronField(name: "day-of-month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"])
    static let dayOfWeek = CronField(
        name: "day-of-week", range: 1...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])
    static let year = CronField(name: "year", range: 1970...2199, wraps: false)

    /// The values that a list of single values, ranges and steps names: `1,5-9,20/10`.
    func values(_ text: Substring) throws(ScheduleSyntaxError) -> [Int] {
        var all: [Int] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            all += try itemValues(item)
        }
        return all
    }

    private func itemValues(_ item: Substring) throws(ScheduleSyntaxError) -> [Int] {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var span = try baseValues(parts[0], open: parts.count == 2)
        if parts.count == 2 {
            // Beyond the length of the field a step says nothing; for years any distance is fine.
            guard let step = parseNumber(parts[1], maximumDigits: 4), step >= 1, step <= max(range.upperBound, 1) else {
                throw ScheduleSyntaxError(
                    "\(name): the step '\(parts[1])' is not a whole number from 1 to \(range.upperBound)")
            }
            span = stride(from: 0, to: span.count, by: step).map { span[$0] }
        }
        return span
    }

    /// The values before steps are taken; with a step behind it a single value runs to the end of the field.
    private func baseValues(_ text: Substring, open: Bool) throws(ScheduleSyntaxError) -> [Int] {
        if text == "*" { return Array(range) }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends[0])
        guard ends.count == 2 else { return open ? Array(first...range.upperBound) : [first] }
        let last = try value(ends[1])
        if first <= last { return Array(first...last) }
        guard wraps else { throw ScheduleSyntaxError("\(name): the range \(text) runs backwards") }
        return Array(first...range.upperBound) + Array(range.lowerBound...last)
    }

    func value(_ text: Substring) throws(ScheduleSyntaxError) -> Int {
        if let number = parseNumber(text, maximumDigits: 4) {
            guard range.contains(number) else {
                throw ScheduleSyntaxError(
                    "\(name): \(number) is outside \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        if let position = names.firstIndex(of: text.uppercased()) { return range.lowerBound + position }
        let kinds = names.isEmpty ? "a number" : "a number or a name such as \(names[0])"
        throw ScheduleSyntaxError("\(name): '\(text)' is not \(kinds)")
    }
}
