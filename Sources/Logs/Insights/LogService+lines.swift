public import Core

extension LogService {
    /// How often each field occurs in the newest lines of a group between two times, in percent.
    public func fields(
        of group: String, _ scope: Scope, from start: Timestamp, to end: Timestamp
    ) async throws -> [(name: String, percent: Int)] {
        var query = LogQuery()
        (query.start, query.end, query.isBackward, query.limit) = (start, end, true, 1000)
        let events = try await events(in: group, scope, query)
        var counts: [String: Int] = [:]
        for name in events.flatMap(InsightsRow.fields) { counts[name, default: 0] += 1 }
        return counts.map { ($0.key, ($0.value * 100 + events.count / 2) / events.count) }
            .sorted { ($1.percent, $0.name) < ($0.percent, $1.name) }
    }

    /// The line of that name with all that is found in it; nil when it is not there any more.
    public func line(_ pointer: LogRecordPointer, _ scope: Scope) async throws -> [(name: String, value: String)]? {
        guard let group = try await group(pointer.group, scope) else { return nil }
        var query = LogQuery()
        (query.start, query.end) = (pointer.time, pointer.time.adding(milliseconds: 1))
        let found = try await events(in: group.name, scope, query).first { $0.id == pointer.id }
        guard let event = found else { return nil }
        let row = InsightsRow(event, of: group)
        return (InsightsRow.fields(of: event) + ["@ptr"]).compactMap { name in row[name].text.map { (name, $0) } }
    }
}
