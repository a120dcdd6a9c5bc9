/// Reads `2026-11-22T10:31:03.5+01:00` one field at a time.
struct RFC3339Reader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    func read() -> Timestamp? {
        var reader = self
        return reader.readTimestamp()
    }

    private mutating func readTimestamp() -> Timestamp? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2),
            take("T") || take("t"), let hour = digits(2), take(":"), let minute = digits(2), take(":"),
            let second = digits(2)
        else { return nil }
        guard (1...12).contains(month), (1...CivilTime.daysInMonth(year: year, month: month)).contains(day),
            hour < 24, minute < 60, second < 61, let fraction = fraction(), let offset = offset(),
            position == bytes.count
        else { return nil }
        let civil = CivilTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: min(second, 59),
            millisecond: fraction)
        return civil.timestamp.adding(milliseconds: -Int64(offset) * 60_000)
    }

    /// Milliseconds of the optional fraction; nil when a point has no digits after it.
    private mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        var milliseconds = 0
        var weight = 100
        let start = position
        while position < bytes.count, let digit = digit(bytes[position]) {
            milliseconds += digit * weight
            weight /= 10
            position += 1
        }
        return position > start ? milliseconds : nil
    }

    /// Minutes east of UTC.
    private mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
            return nil
        }
        return sign * (hours * 60 + minutes)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard let digit = digit(byte) else { return nil }
            value = value * 10 + digit
        }
        position += count
        return value
    }

    private func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }
}
