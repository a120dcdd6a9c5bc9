import Core

/// Bytes that are stored, billed by the hour. What has been stored so far is settled whenever the level changes.
struct StoredLevel: Hashable, Sendable {
    var bytes: Int64
    var since: Timestamp
    /// Byte-milliseconds that did not fill a byte-hour yet.
    var remainder: Int64 = 0

    private static let hour: Int128 = 3_600_000

    /// The byte-hours since the last settling, day by day. A clock that went backwards adds nothing and takes nothing.
    mutating func settle(until time: Timestamp) -> [(day: Day, quantity: Int64)] {
        var parts: [(day: Day, quantity: Int64)] = []
        // Ten years of days in one go at most: a clock that leaps farther is wrong.
        let end = min(time, since.adding(milliseconds: 3653 * 86_400_000))
        while since < end {
            let day = Day(since)
            let stop = min(end, Day(number: day.number + 1).start)
            let product = Int128(max(bytes, 0)) * Int128(stop.milliseconds(since: since)) + Int128(remainder)
            remainder = Int64(product % Self.hour)
            parts.append((day, Int64(clamping: product / Self.hour)))
            since = stop
        }
        since = max(since, time)
        return parts.filter { $0.quantity > 0 }
    }
}
