extension CronExpression {
    /// The first firing after an instant, both in seconds since 1970.
    ///
    /// A reading of the clock that is skipped when clocks go forward does not fire; one that is repeated when they go
    /// back fires the first time only. Both are EventBridge Scheduler's rules.
    func next(after seconds: Int64, in zone: TimeZoneRules) -> Int64? {
        var segment = zone.segment(containing: seconds)
        var reading = max(seconds + segment.offset, zone.readingsUsed(before: segment) - 1)
        while true {
            guard let minute = next(after: floorMinute(reading)) else { return nil }
            let candidate = minute * 60
            if candidate < segment.localEnd { return candidate - segment.offset }
            // Far ahead nothing between matters: go on a few days before the candidate.
            let near = candidate - segment.offset - 3 * 86_400
            let used = segment.localEnd
            segment = zone.segment(containing: max(near, segment.end))
            reading = max(segment.localStart, used, zone.readingsUsed(before: segment)) - 1
        }
    }

    /// The last firing that is not after an instant, both in seconds since 1970.
    func previous(from seconds: Int64, in zone: TimeZoneRules) -> Int64? {
        var segment = zone.segment(containing: seconds)
        var reading = seconds + segment.offset
        while true {
            guard let minute = previous(from: floorMinute(reading)) else { return nil }
            let candidate = minute * 60
            if candidate >= max(segment.localStart, zone.readingsUsed(before: segment)) {
                return candidate - segment.offset
            }
            guard segment.start > .min else { return nil }
            let near = candidate - segment.offset + 3 * 86_400
            segment = zone.segment(containing: min(near, segment.start - 1))
            reading = min(segment.localEnd - 1, candidate + 6 * 86_400)
        }
    }

    private func floorMinute(_ seconds: Int64) -> Int64 { seconds >= 0 ? seconds / 60 : (seconds - 59) / 60 }
}

extension TimeZoneRules {
    /// The first reading of the clock that had not been shown before the segment began.
    fileprivate func readingsUsed(before segment: Segment) -> Int64 {
        segment.start == .min ? .min + 1 : self.segment(containing: segment.start - 1).localEnd
    }

    /// The first instant at which the clock shows a reading, both in seconds; a reading that is skipped gives the
    /// instant at which it was skipped.
    func instant(of reading: Int64) -> Int64 {
        var segment = segment(containing: reading - 2 * 86_400)
        while reading >= segment.localEnd { segment = self.segment(containing: segment.end) }
        return max(reading - segment.offset, segment.start)
    }
}
