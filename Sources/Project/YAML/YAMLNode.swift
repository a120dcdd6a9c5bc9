import Core

/// A node of a YAML document with the place where it begins.
public struct YAMLNode: Sendable {
    public enum Content: Sendable {
        /// A scalar; quoted ones are always text.
        case scalar(String, isQuoted: Bool)
        case sequence([YAMLNode])
        case mapping([YAMLMember])
    }

    public var content: Content
    public var mark: SourceMark

    public init(_ content: Content, mark: SourceMark) {
        self.content = content
        self.mark = mark
    }
}

public struct YAMLMember: Sendable {
    public var key: String
    public var keyMark: SourceMark
    public var value: YAMLNode
}

/// A place in a text, both counted from one.
public struct SourceMark: Hashable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

extension YAMLNode {
    /// The node as JSON, with plain scalars read by YAML 1.2's core schema (`yes` is text, `1e3` a number).
    public var json: JSON {
        switch content {
        case .scalar(let text, let isQuoted): isQuoted ? .string(text) : Self.plainScalar(text)
        case .sequence(let nodes): .array(nodes.map(\.json))
        case .mapping(let members): .object(JSONObject(members.map { ($0.key, $0.value.json) }))
        }
    }

    private static func plainScalar(_ text: String) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        guard let first = text.utf8.first, first == 0x2D || first == 0x2B || first == 0x2E || (0x30...0x39) ~= first
        else { return .string(text) }
        if let number = Int64(text) { return .int(number) }
        // `1_000`, hexadecimal floats and the like are text in the core schema.
        let isNumeric = text.utf8.allSatisfy { (0x30...0x39) ~= $0 || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) }
        if isNumeric, let number = Double(text), number.isFinite { return .double(number) }
        return .string(text)
    }

    /// Where the value at a path begins, or its name when it is a member, as far as the path exists.
    public func mark(at path: [String]) -> SourceMark {
        guard let step = path.last, case .mapping(let members) = descend(path.dropLast()).content,
            let member = members.first(where: { $0.key == step })
        else { return descend(path).mark }
        return member.keyMark
    }

    /// The node at a path of member names and element numbers, as far as it exists.
    public func descend(_ path: some Sequence<String>) -> YAMLNode {
        var node = self
        for step in path {
            switch node.content {
            case .mapping(let members):
                guard let member = members.first(where: { $0.key == step }) else { return node }
                node = member.value
            case .sequence(let nodes):
                guard let index = Int(step), nodes.indices.contains(index) else { return node }
                node = nodes[index]
            case .scalar: return node
            }
        }
        return node
    }
}
