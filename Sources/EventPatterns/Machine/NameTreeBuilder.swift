/// Builds the tree of field names from dotted paths.
struct NameTreeBuilder {
    private struct Draft {
        var children: [[UInt8]: Int32] = [:]
        var path: Int32 = -1
    }

    private var drafts = [Draft()]
    private var paths: [[UInt8]] = []
    private(set) var nodes: [NameNode] = []
    private(set) var slots: [NameSlot] = []
    private(set) var ranks: [Int32] = []
    private var ids: [[UInt8]: Int32] = [:]

    var pathCount: Int { paths.count }

    /// The number of a dotted path.
    mutating func path(_ text: String) -> Int32 {
        let bytes = Array(text.utf8)
        if let known = ids[bytes] { return known }
        let id = Int32(paths.count)
        var node = 0
        for name in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            node = child(Array(name), of: node)
        }
        drafts[node].path = id
        paths.append(bytes)
        ids[bytes] = id
        return id
    }

    private mutating func child(_ name: [UInt8], of node: Int) -> Int {
        if let known = drafts[node].children[name] { return Int(known) }
        drafts.append(Draft())
        drafts[node].children[name] = Int32(drafts.count - 1)
        return drafts.count - 1
    }

    /// Lays the tree out as tables; the names go into the machine's text.
    mutating func freeze(into text: inout [UInt8]) {
        for draft in drafts {
            var node = NameNode(path: draft.path)
            if !draft.children.isEmpty {
                node.reachesDeeper = draft.children.values.contains { !drafts[Int($0)].children.isEmpty }
                node.tableStart = Int32(slots.count)
                node.tableMask = Int32(addTable(draft.children, &text)) - 1
            }
            nodes.append(node)
        }
        let order = paths.indices.sorted { paths[$0].lexicographicallyPrecedes(paths[$1]) }
        ranks = Array(repeating: 0, count: paths.count)
        for (rank, path) in order.enumerated() { ranks[path] = Int32(rank) }
        drafts = []
        ids = [:]
    }

    private mutating func addTable(_ children: [[UInt8]: Int32], _ text: inout [UInt8]) -> Int {
        var size = 1
        while size < children.count * 2 { size *= 2 }
        var table = Array(repeating: NameSlot(), count: size)
        for (name, node) in children.sorted(by: { $0.value < $1.value }) {
            let hash = UInt32(truncatingIfNeeded: hashed(name))
            var index = Int(hash) & (size - 1)
            while table[index].node >= 0 { index = (index + 1) & (size - 1) }
            table[index] = NameSlot(
                hash: hash, node: node, keyStart: Int32(text.count), keyCount: Int32(name.count))
            text += name
        }
        slots += table
        return size
    }
}

/// The hash that the flattener computes of a name.
func hashed(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
    let padded = bytes + Array(repeating: 0, count: ByteHash.padding)
    return padded.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { ByteHash.hash($0, count: bytes.count, seed: seed) } ?? 0
    }
}
