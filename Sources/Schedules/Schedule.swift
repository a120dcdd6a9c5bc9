import Core

/// An expression with everything else that decides when it fires. Pure: the same value gives the same firings.
public struct Schedule: Hashable, Sendable {
    public var expression: ScheduleExpression
    public var zone: TimeZoneRules
    /// When the schedule was made: where a rate without a start date counts from.
    public var created: Timestamp
    /// No firing before it; a rate counts from it.
    public var start: Timestamp?
    /// No firing after it.
    public var end: Timestamp?
    public var window: FlexibleTimeWindow

    public init(
        _ expression: ScheduleExpression, zone: TimeZoneRules = .utc, created: Timestamp, start: Timestamp? = nil,
        end: Timestamp? = nil, window: FlexibleTimeWindow = .off
    ) {
        self.expression = expression
        self.zone = zone
        self.created = created
        self.start = start
        self.end = end
        self.window = window
    }

    /// The first firing after an instant, without the flexible window's delay; nil when there is none any more.
    public func next(after instant: Timestamp) -> Timestamp? {
        let earliest = max(instant.milliseconds, start.map { $0.milliseconds - 1 } ?? .min, Self.earliest)
        guard let found = expressionNext(after: min(earliest, Self.latest)), found <= Self.latest else { return nil }
        if let end, found > end.milliseconds { return nil }
        return Timestamp(milliseconds: found)
    }

    /// The last firing that is not after an instant.
    public func previous(from instant: Timestamp) -> Timestamp? {
        let latest = min(instant.milliseconds, end?.milliseconds ?? .max, Self.latest)
        guard latest >= Self.earliest, let found = expressionPrevious(from: latest) else { return nil }
        if let start, found < start.milliseconds { return nil }
        return Timestamp(milliseconds: found)
    }

    /// When a firing is due: its time plus the flexible window's delay.
    public func due(_ occurrence: Timestamp, seed: UInt64) -> Timestamp {
        occurrence.adding(milliseconds: window.delay(of: occurrence, seed: seed))
    }

    // Year 1 and the end of year 9999, between which the calendar's arithmetic is exact.
    private static let earliest: Int64 = -62_135_596_800_000
    private static let latest = Timestamp.distantFuture.milliseconds

    private func expressionNext(after instant: Int64) -> Int64? {
        switch expression.kind {
        case .rate(let rate): rateNext(rate.interval, after: instant)
        case .cron(let cron): cron.next(after: Self.floorSecond(instant), in: zone).map { $0 * 1000 }
        case .once(let local):
            { $0 > instant ? $0 : nil }(zone.instant(of: local.seconds) * 1000)
        }
    }

    private func expressionPrevious(from instant: Int64) -> Int64? {
        switch expression.kind {
        case .rate(let rate):
            rateNext(rate.interval, after: instant).flatMap { next in
                next - rate.interval >= firstOfRate(rate.interval) ? next - rate.interval : nil
            }
        case .cron(let cron): cron.previous(from: Self.floorSecond(instant), in: zone).map { $0 * 1000 }
        case .once(let local):
            { $0 <= instant ? $0 : nil }(zone.instant(of: local.seconds) * 1000)
        }
    }

    /// Scheduler starts a rate at once (or at its start date); a rule's first firing is one interval after it was made.
    private func firstOfRate(_ interval: Int64) -> Int64 {
        switch expression.dialect {
        case .scheduler: (start ?? created).milliseconds
        case .rule: (start ?? created).milliseconds + interval
        }
    }

    private func rateNext(_ interval: Int64, after instant: Int64) -> Int64? {
        let first = firstOfRate(interval)
        guard instant >= first else { return first }
        return first + ((instant - first) / interval + 1) * interval
    }

    private static func floorSecond(_ milliseconds: Int64) -> Int64 {
        milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
    }
}
