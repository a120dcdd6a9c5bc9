/// What a pattern asks of one field: its value, or one of its values, satisfies one of the matchers.
struct FieldCondition: Hashable, Sendable {
    /// The names on the way to the field, joined with dots: `detail.state`.
    var path: String
    var matchers: [ValueMatcher]
}

/// One way in which a pattern can match: all its conditions hold. A pattern without `$or` has a single alternative.
struct PatternAlternative: Hashable, Sendable {
    private(set) var conditions: [FieldCondition] = []

    /// A later condition for the same field replaces the earlier one.
    mutating func set(_ path: String, _ matchers: [ValueMatcher]) {
        let condition = FieldCondition(path: path, matchers: matchers)
        if let earlier = conditions.firstIndex(where: { $0.path.utf8.elementsEqual(path.utf8) }) {
            conditions[earlier] = condition
        } else {
            conditions.append(condition)
        }
    }
}
