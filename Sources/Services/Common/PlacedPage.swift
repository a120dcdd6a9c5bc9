import Wire

/// One page of a list that is in memory, in whatever order. The token says which item was the last and where it stood, so
/// that the list goes on behind one that was deleted meanwhile.
struct PlacedPage<Item> {
    let items: [Item]
    /// Where the next page begins, if there is one.
    let next: String?

    /// - Parameters:
    ///   - name: sets an item apart from all others.
    ///   - invalid: what a token that is none is answered with.
    init(
        _ all: [Item], of limit: Int, after token: String?, by name: (Item) -> String, orThrow invalid: AWSError
    ) throws(AWSError) {
        var start = 0
        if let token {
            guard let parts = ListToken.parts(token, 2), let place = Int(parts[1]), place >= 0 else { throw invalid }
            start = all.firstIndex { name($0) == parts[0] }.map { $0 + 1 } ?? min(place, all.count)
        }
        items = Array(all[start...].prefix(limit))
        let end = start + items.count
        next = end < all.count ? items.last.map { ListToken.make(name($0), "\(end - 1)") } : nil
    }
}
