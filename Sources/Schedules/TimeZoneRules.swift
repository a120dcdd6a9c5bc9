/// The clock changes of one time zone: its recorded transitions and the rule for all years after them.
public final class TimeZoneRules: Sendable {
    /// The IANA name, such as `Europe/Berlin`.
    public let name: String
    /// Seconds since 1970 in UTC, ascending.
    private let transitions: [Int64]
    /// Seconds east of UTC from the transition at the same position on.
    private let offsets: [Int32]
    /// Before the first transition.
    private let initialOffset: Int32
    private let footer: POSIXZoneRule?

    public static let utc = TimeZoneRules(name: "UTC", transitions: [], offsets: [], initialOffset: 0, footer: nil)

    /// - Precondition: as many offsets as transitions, transitions ascending (the file reader sees to both).
    init(name: String, transitions: [Int64], offsets: [Int32], initialOffset: Int32, footer: POSIXZoneRule?) {
        self.name = name
        self.transitions = transitions
        self.offsets = offsets
        self.initialOffset = initialOffset
        self.footer = footer
    }

    /// A time during which the clock was not changed.
    struct Segment {
        /// Seconds since 1970 in UTC; the first second of the segment.
        var start: Int64
        /// The first second after it.
        var end: Int64
        /// Seconds east of UTC.
        var offset: Int64

        /// The reading of the clock at the segment's first second.
        var localStart: Int64 { start == .min ? .min : start + offset }
        /// The reading of the clock that the segment's last second was about to reach.
        var localEnd: Int64 { end == .max ? .max : end + offset }
    }

    /// Seconds east of UTC at an instant given in seconds since 1970.
    public func offset(at seconds: Int64) -> Int64 { segment(containing: seconds).offset }

    func segment(containing seconds: Int64) -> Segment {
        let position = firstTransition(after: seconds)
        guard position < transitions.count else { return lastingSegment(containing: seconds) }
        let start = position == 0 ? Int64.min : transitions[position - 1]
        let offset = position == 0 ? initialOffset : offsets[position - 1]
        return Segment(start: start, end: transitions[position], offset: Int64(offset))
    }

    /// The position of the first transition that is later than the instant.
    private func firstTransition(after seconds: Int64) -> Int {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The segment after the last recorded transition, by the footer's rule when there is one.
    private func lastingSegment(containing seconds: Int64) -> Segment {
        let start = transitions.last ?? .min
        let offset = Int64(offsets.last ?? initialOffset)
        guard let footer else { return Segment(start: start, end: .max, offset: offset) }
        var segment = footer.segment(containing: seconds)
        segment.start = max(segment.start, start)
        return segment
    }
}

extension TimeZoneRules: Hashable {
    public static func == (left: TimeZoneRules, right: TimeZoneRules) -> Bool { left.name == right.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
