import Wire

/// One page of a list, in the order of its keys.
struct MarkedPage<Item> {
    let items: [Item]
    /// Where the next page begins; nil on the last one.
    let marker: String?

    var isTruncated: Bool { marker != nil }

    static var defaultSize: Int { 100 }

    init(
        _ all: [Item], after marker: String?, _ size: Int?, key: (Item) -> String
    ) throws(AWSError) {
        let last = try MarkedPage.key(marker)
        let rest = all.filter { last.isEmpty || key($0) > last }.sorted { key($0) < key($1) }
        let page = Page(rest, limit: size ?? Self.defaultSize)
        items = page.items
        self.marker = page.last.map { ListToken.make(key($0)) }
    }

    private init(items: [Item], marker: String?) {
        self.items = items
        self.marker = marker
    }

    func map<Other>(_ change: (Item) -> Other) -> MarkedPage<Other> {
        MarkedPage<Other>(items: items.map(change), marker: marker)
    }

    /// The key after which the page begins; empty for the first page.
    static func key(_ marker: String?) throws(AWSError) -> String {
        guard let marker else { return "" }
        guard let parts = ListToken.parts(marker, 1) else { throw IAMError.invalid("Invalid Marker.") }
        return parts[0]
    }
}
