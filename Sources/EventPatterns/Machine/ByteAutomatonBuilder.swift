/// Builds the automaton that reads values byte by byte: prefixes, suffixes, wildcards and texts in any case.
///
/// Patterns that begin alike share states. Where lower and upper case lead the same way both bytes are edges to one
/// state, so that a text of n letters needs n states and not two to the n.
struct ByteAutomatonBuilder {
    private struct Edge {
        var byte: UInt8
        var node: Int32
        /// Reached by this byte alone, not as one of the cases of a letter.
        var isLiteral: Bool
        var next: Int32
    }

    private struct LetterKey: Hashable {
        var node: Int32
        var letter: UInt64
    }

    private var nodes: [ByteNode] = []
    private var firstEdge: [Int32] = []
    private var edges: [Edge] = []
    private var letters: [LetterKey: Int32] = [:]

    private(set) var frozenNodes: [ByteNode] = []
    private(set) var frozenEdges: [ByteEdge] = []
    private(set) var dense: [Int32] = []

    mutating func addRoot() -> Int32 { addNode() }

    private mutating func addNode() -> Int32 {
        nodes.append(ByteNode())
        firstEdge.append(-1)
        return Int32(nodes.count - 1)
    }

    private mutating func addEdge(_ byte: UInt8, from node: Int32, to target: Int32, isLiteral: Bool) {
        edges.append(Edge(byte: byte, node: target, isLiteral: isLiteral, next: firstEdge[Int(node)]))
        firstEdge[Int(node)] = Int32(edges.count - 1)
    }

    // MARK: Reading on

    private mutating func step(_ byte: UInt8, from node: Int32) -> Int32 {
        var edge = firstEdge[Int(node)]
        while edge >= 0 {
            let found = edges[Int(edge)]
            if found.byte == byte, found.isLiteral { return found.node }
            edge = found.next
        }
        let target = addNode()
        addEdge(byte, from: node, to: target, isLiteral: true)
        return target
    }

    private mutating func step(_ letter: LetterVariants, from node: Int32) -> Int32 {
        if letter.hasOneForm { return letter.lower.reduce(node) { step($1, from: $0) } }
        let key = LetterKey(node: node, letter: letter.id)
        if let known = letters[key] { return known }
        let target = addNode()
        letters[key] = target
        addPath(letter.lower, from: node, to: target)
        addPath(letter.upper, from: node, to: target)
        return target
    }

    private mutating func addPath(_ bytes: [UInt8], from node: Int32, to target: Int32) {
        guard let last = bytes.last else { return }
        var place = node
        for byte in bytes.dropLast() {
            let between = addNode()
            addEdge(byte, from: place, to: between, isLiteral: false)
            place = between
        }
        addEdge(last, from: place, to: target, isLiteral: false)
    }

    private mutating func star(at node: Int32) -> Int32 {
        if nodes[Int(node)].star < 0 {
            let star = addNode()
            nodes[Int(node)].star = star
        }
        return nodes[Int(node)].star
    }

    // MARK: Patterns

    mutating func addPrefix(_ bytes: [UInt8], from root: Int32, target: Int32, _ links: inout TargetLists) {
        let node = Int(bytes.reduce(root) { step($1, from: $0) })
        nodes[node].atOnce = links.adding(target, to: nodes[node].atOnce)
    }

    mutating func add(
        _ letters: [LetterVariants], from root: Int32, target: Int32, wholeValue: Bool, _ links: inout TargetLists
    ) {
        let node = Int(letters.reduce(root) { step($1, from: $0) })
        if wholeValue {
            nodes[node].atEnd = links.adding(target, to: nodes[node].atEnd)
        } else {
            nodes[node].atOnce = links.adding(target, to: nodes[node].atOnce)
        }
    }

    mutating func add(
        _ expression: WildcardExpression, from root: Int32, target: Int32, _ links: inout TargetLists
    ) {
        var node = root
        for (index, literal) in expression.literals.enumerated() {
            let isLast = index == expression.literals.count - 1
            if index > 0 {
                // A star at the end takes whatever follows.
                if isLast, literal.isEmpty {
                    nodes[Int(node)].atOnce = links.adding(target, to: nodes[Int(node)].atOnce)
                    return
                }
                node = star(at: node)
            }
            node = literal.reduce(node) { step($1, from: $0) }
        }
        nodes[Int(node)].atEnd = links.adding(target, to: nodes[Int(node)].atEnd)
    }

    // MARK: Layout

    /// Edges from which on a node gets a table of its own.
    private static let denseThreshold = 10

    mutating func freeze() {
        letters = [:]
        frozenNodes = nodes
        frozenEdges.reserveCapacity(edges.count)
        for index in nodes.indices {
            var own: [ByteEdge] = []
            var edge = firstEdge[index]
            while edge >= 0 {
                own.append(ByteEdge(byte: edges[Int(edge)].byte, node: edges[Int(edge)].node))
                edge = edges[Int(edge)].next
            }
            if own.count > 1 { own.sort { ($0.byte, $0.node) < ($1.byte, $1.node) } }
            frozenNodes[index].edgeStart = Int32(frozenEdges.count)
            frozenNodes[index].edgeCount = Int32(own.count)
            frozenEdges += own
            if own.count >= Self.denseThreshold { frozenNodes[index].dense = addDenseTable(own, frozenNodes[index]) }
        }
        nodes = []
        firstEdge = []
        edges = []
    }

    private mutating func addDenseTable(_ own: [ByteEdge], _ node: ByteNode) -> Int32 {
        let start = dense.count
        dense += repeatElement(-1, count: 256)
        for (offset, edge) in own.enumerated().reversed() {
            dense[start + Int(edge.byte)] = node.edgeStart + Int32(offset)
        }
        return Int32(start)
    }
}
