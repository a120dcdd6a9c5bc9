extension POSIXZoneRule {
    /// Nil when the text is no such rule.
    init?(_ text: String) {
        var reader = POSIXZoneRuleReader(bytes: Array(text.utf8))
        guard let rule = reader.readRule(), reader.isAtEnd else { return nil }
        self = rule
    }
}

private struct POSIXZoneRuleReader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func readRule() -> POSIXZoneRule? {
        guard skipName(), let standard = time() else { return nil }
        guard !isAtEnd else { return POSIXZoneRule(standard: -standard, daylight: nil) }
        guard skipName() else { return nil }
        var offset = -standard + 3600
        if !isAtEnd, bytes[position] != UInt8(ascii: ",") {
            guard let explicit = time() else { return nil }
            offset = -explicit
        }
        guard take(","), let start = change(), take(","), let end = change() else { return nil }
        return POSIXZoneRule(standard: -standard, daylight: .init(offset: offset, start: start, end: end))
    }

    /// Three letters or more, or anything between angle brackets.
    private mutating func skipName() -> Bool {
        if take("<") {
            while !isAtEnd, bytes[position] != UInt8(ascii: ">") { position += 1 }
            return take(">")
        }
        let start = position
        while !isAtEnd, isLetter(bytes[position]) { position += 1 }
        return position - start >= 3
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }

    private mutating func change() -> POSIXZoneRule.Change? {
        guard let day = day() else { return nil }
        guard take("/") else { return .init(day: day, time: 7200) }
        return time().map { .init(day: day, time: $0) }
    }

    private mutating func day() -> POSIXZoneRule.Change.Day? {
        if take("M") {
            guard let month = number(1...12), take("."), let week = number(1...5), take("."), let day = number(0...6)
            else { return nil }
            return .weekday(month: month, week: week, day: day)
        }
        if take("J") { return number(1...365).map { .julian($0) } }
        return number(0...365).map { .ordinal($0) }
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private mutating func time() -> Int64? {
        let sign: Int64 = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        guard let hours = number(0...167) else { return nil }
        var seconds = Int64(hours) * 3600
        if take(":") {
            guard let minutes = number(0...59) else { return nil }
            seconds += Int64(minutes) * 60
            if take(":") {
                guard let rest = number(0...59) else { return nil }
                seconds += Int64(rest)
            }
        }
        return sign * seconds
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let start = position
        var value = 0
        while !isAtEnd, position - start < 3, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        return position > start && range.contains(value) ? value : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard !isAtEnd, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
