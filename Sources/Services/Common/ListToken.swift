import Core

/// The token of a list's next page: the place after which it begins, made opaque. Callers can keep it for as long as
/// they like, because nothing is remembered for it.
enum ListToken {
    static func make(_ parts: String...) -> String {
        Base64.encode(JSON.array(parts.map(JSON.string)).bytes())
    }

    /// Nil when the text is no token of that many parts.
    static func parts(_ token: String, _ count: Int) -> [String]? {
        guard let bytes = Base64.decode(token), let json = try? JSON(parsing: bytes),
            let parts = json.arrayValue?.compactMap(\.stringValue), parts.count == count
        else { return nil }
        return parts
    }
}

/// One page of a list that was read with one item more than the page holds.
struct Page<Item> {
    let items: [Item]
    /// The last item, where another page follows.
    let last: Item?

    init(_ read: [Item], limit: Int) {
        items = Array(read.prefix(limit))
        last = read.count > limit ? items.last : nil
    }
}
