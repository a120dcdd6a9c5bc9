import Core

/// Values as the flat parameters of the query protocol, such as `Tags.member.1.Key=team`, by their schema.
enum FormCodec {
    private static let parameterLimit = 10_000
    private static let depthLimit = 32

    // MARK: Reading

    /// Parameters by their dotted names: `Tags.member.1.Key` lies at `Tags`, `member`, `1`, `Key`.
    struct Tree {
        var value: String?
        var children: [String: Tree] = [:]

        mutating func insert(_ path: ArraySlice<Substring>, _ value: String) {
            guard let first = path.first else {
                self.value = value
                return
            }
            children[String(first), default: Tree()].insert(path.dropFirst(), value)
        }
    }

    static func tree(_ bytes: [UInt8]) throws(AWSError) -> Tree {
        try tree(String(decoding: bytes, as: UTF8.self))
    }

    static func tree(_ text: String) throws(AWSError) -> Tree {
        guard let pairs = PercentCoding.pairs(text) else {
            throw AWSError("MalformedQueryString", "The query string contains a syntax error.", status: 400)
        }
        guard pairs.count <= parameterLimit else {
            throw AWSError("MalformedQueryString", "More than \(parameterLimit) parameters.", status: 400)
        }
        var tree = Tree()
        for (name, value) in pairs {
            let path = name.split(separator: ".", omittingEmptySubsequences: false)
            guard path.count <= depthLimit else {
                throw AWSError(
                    "MalformedQueryString", "The parameter \(name.prefix(100))… is nested too deeply.", status: 400)
            }
            tree.insert(path[...], value)
        }
        return tree
    }

    static func read(_ tree: Tree, into record: inout Record) throws(AWSError) {
        for member in record.schema.members {
            guard let found = find(tree, member) else { continue }
            do {
                record.values[member.index] = try read(found, member)
            } catch  where !error.isLocated {
                throw .serialization("\(error.message ?? "") (in '\(member.xmlName)')")
            }
        }
    }

    private static func find(_ tree: Tree, _ member: MemberSchema) -> Tree? {
        if let found = tree.children[XMLCodec.elementName(member)] { return found }
        return XMLCodec.elementName(member) == member.name ? nil : tree.children[member.name]
    }

    private static func read(_ tree: Tree, _ member: MemberSchema) throws(AWSError) -> Value {
        let shape = member.target
        switch shape.kind {
        case .structure:
            var record = Record(shape)
            try read(tree, into: &record)
            return .structure(record)
        case .list: return try readList(tree, member)
        case .map: return try readMap(tree, member)
        default:
            guard let text = tree.value else { return .absent }
            return try ScalarText.value(text, shape, member.timestampFormat ?? shape.timestampFormat ?? .iso8601)
        }
    }

    private static func readList(_ tree: Tree, _ member: MemberSchema) throws(AWSError) -> Value {
        let element = member.target.element
        var values: [Value] = []
        for entry in try numbered(tree, member.isFlattened ? nil : element.isRenamed ? element.wireName : "member") {
            values.append(try read(entry, element))
        }
        return .list(values)
    }

    private static func readMap(_ tree: Tree, _ member: MemberSchema) throws(AWSError) -> Value {
        let shape = member.target
        var entries: [MapEntry] = []
        for entry in try numbered(tree, member.isFlattened ? nil : "entry") {
            guard let key = entry.children[shape.key.xmlName]?.value else {
                throw .serialization("an entry has no '\(shape.key.xmlName)'")
            }
            guard let value = entry.children[shape.value.xmlName] else { continue }
            entries.append(MapEntry(key: key, value: try read(value, shape.value)))
        }
        return .map(entries)
    }

    /// The entries `1`, `2`, … in their order, below the name or directly.
    private static func numbered(_ tree: Tree, _ name: String?) throws(AWSError) -> [Tree] {
        var base = tree
        if let name {
            // Either style of list is read, whichever the model names: clients differ.
            if let named = tree.children[name] ?? tree.children["member"] ?? tree.children["entry"] { base = named }
        }
        var entries: [(number: Int, tree: Tree)] = []
        for (key, child) in base.children {
            guard let number = Int(key) else { throw .serialization("'\(key)' is no number of a list's entry") }
            entries.append((number, child))
        }
        return entries.sorted { $0.number < $1.number }.map(\.tree)
    }

    // MARK: Writing

    static func write(_ record: Record, prefix: String, to pairs: inout [(name: String, value: String)]) {
        for member in record.schema.members where record.has(member.index) {
            write(record.values[member.index], member, prefix + XMLCodec.elementName(member), to: &pairs)
        }
    }

    private static func write(
        _ value: Value, _ member: MemberSchema, _ name: String, to pairs: inout [(name: String, value: String)]
    ) {
        let shape = member.target
        switch value {
        case .absent: break
        case .structure(let record): write(record, prefix: name + ".", to: &pairs)
        case .list(let elements) where shape.kind == .list:
            if elements.isEmpty { pairs.append((name, "")) }
            let inner = shape.element.isRenamed ? shape.element.wireName : "member"
            let prefix = member.isFlattened ? name : "\(name).\(inner)"
            for (index, element) in elements.enumerated() {
                write(element, shape.element, "\(prefix).\(index + 1)", to: &pairs)
            }
        case .map(let entries) where shape.kind == .map:
            let prefix = member.isFlattened ? name : "\(name).entry"
            for (index, entry) in entries.enumerated() {
                pairs.append(("\(prefix).\(index + 1).\(shape.key.xmlName)", entry.key))
                write(entry.value, shape.value, "\(prefix).\(index + 1).\(shape.value.xmlName)", to: &pairs)
            }
        default:
            pairs.append((name, ScalarText.text(value, member.timestampFormat ?? shape.timestampFormat ?? .iso8601)))
        }
    }
}
