/// Values by name, for a fixed small set of names. The length picks a few candidates, which beats hashing: most names
/// of a definition's fields are told apart by it alone.
struct NameTable<Value: Sendable>: Sendable {
    private var buckets: [[(name: String, value: Value)]] = []

    init(_ entries: some Sequence<(String, Value)>) {
        for (name, value) in entries {
            let length = name.utf8.count
            while buckets.count <= length { buckets.append([]) }
            buckets[length].append((name, value))
        }
    }

    subscript(name: String) -> Value? {
        let length = name.utf8.count
        guard length < buckets.count else { return nil }
        for entry in buckets[length] where entry.name == name { return entry.value }
        return nil
    }
}
