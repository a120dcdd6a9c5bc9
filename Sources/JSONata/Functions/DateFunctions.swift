import Core

/// `$now`, `$millis`, `$toMillis`, `$fromMillis`
enum DateFunctions {
    private static let iso8601 = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"

    @Sendable static func now(_ call: Call) throws(JSONataError) -> Value {
        try format(Double(call.run.environment.now.milliseconds), picture: call.string(0), zone: call.string(1), call)
    }

    @Sendable static func millis(_ call: Call) throws(JSONataError) -> Value {
        .json(.int(call.run.environment.now.milliseconds))
    }

    @Sendable static func fromMillis(_ call: Call) throws(JSONataError) -> Value {
        guard let milliseconds = call.number(0) else { return .undefined }
        return try format(milliseconds, picture: call.string(1), zone: call.string(2), call)
    }

    private static func format(
        _ milliseconds: Double, picture: String?, zone: String?, _ call: Call
    ) throws(JSONataError) -> Value {
        if picture == nil, zone == nil, milliseconds >= -62_135_596_800_000, milliseconds < 253_402_300_800_000 {
            return Value(Timestamp(milliseconds: Int64(milliseconds.rounded(.down))).description)
        }
        let format = try call.run.datePicture(picture ?? iso8601)
        return try call.result(try format.format(milliseconds: milliseconds, offset: try offset(zone)))
    }

    /// Minutes east of UTC of an offset written as `±hhmm`.
    private static func offset(_ zone: String?) throws(JSONataError) -> Int {
        guard let zone else { return 0 }
        let value = LeadingInteger.value(of: zone)
        guard value.magnitude < 10_000 else {
            throw JSONataError(
                code: "U1002", text: "A time zone must be written as ±hhmm", value: .string(zone), index: 3)
        }
        let digits = Int(value)
        return digits / 100 * 60 + digits % 100
    }

    @Sendable static func toMillis(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        guard let picture = call.string(1) else {
            guard let milliseconds = ISO8601Reader.milliseconds(text) else {
                throw JSONataError(code: "D3110", value: .string(text))
            }
            return Value(milliseconds)
        }
        let format = try call.run.datePicture(picture)
        return try format.parse(text, now: call.run.environment.now, call.run).map { Value($0) } ?? .undefined
    }
}

/// Timestamps of ISO 8601 in the forms that `$toMillis` takes: a year, with or without month, day, time, fraction and
/// offset. Without an offset they are in UTC.
enum ISO8601Reader {
    static func milliseconds(_ text: String) -> Double? {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.digits(4) else { return nil }
        var month = 1
        var day = 1
        if let value = reader.digits(2, after: "-") {
            month = value
            if let value = reader.digits(2, after: "-") { day = value }
        }
        var seconds = 0
        if reader.take("T") {
            guard let hour = reader.digits(2), let minute = reader.digits(2, after: ":"),
                let second = reader.digits(2, after: ":"), minute < 60, second < 60,
                hour < 24 || (hour == 24 && minute == 0 && second == 0)
            else { return nil }
            seconds = hour * 3600 + minute * 60 + second
        }
        let fraction = reader.fraction()
        guard let fraction, let offset = reader.offset(), reader.isAtEnd, (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        let days = CivilTime.daysSinceEpoch(year: year, month: month, day: 1) + day - 1
        return Double(days * 86_400_000 + seconds * 1000 + fraction - offset * 60_000)
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        var isAtEnd: Bool { index == bytes.count }

        mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard index < bytes.count, bytes[index] == UInt8(ascii: scalar) else { return false }
            index += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard index + count <= bytes.count, bytes[index..<index + count].allSatisfy({ isDigit($0) }) else {
                return nil
            }
            let value = bytes[index..<index + count].reduce(0) { $0 * 10 + Int($1 - 48) }
            index += count
            return value
        }

        mutating func digits(_ count: Int, after mark: Unicode.Scalar) -> Int? {
            let start = index
            if take(mark), let value = digits(count), mark != "-" || !isFollowedByOffset { return value }
            index = start
            return nil
        }

        /// `-0500` behind a date is an offset and not a month.
        private var isFollowedByOffset: Bool { index < bytes.count && isDigit(bytes[index]) }

        /// Milliseconds.
        mutating func fraction() -> Int? {
            guard take(".") else { return 0 }
            let start = index
            while index < bytes.count, isDigit(bytes[index]) { index += 1 }
            guard index > start else { return nil }
            var value = 0
            for place in 0..<3 { value = value * 10 + (start + place < index ? Int(bytes[start + place] - 48) : 0) }
            return value
        }

        /// Minutes east of UTC.
        mutating func offset() -> Int? {
            if isAtEnd || take("Z") { return 0 }
            let sign = take("+") ? 1 : take("-") ? -1 : 0
            guard sign != 0, let hours = digits(2) else { return nil }
            _ = take(":")
            guard let minutes = digits(2), hours < 30, minutes < 60 else { return nil }
            return sign * (hours * 60 + minutes)
        }
    }
}
