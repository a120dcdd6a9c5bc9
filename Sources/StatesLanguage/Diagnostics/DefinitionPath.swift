/// A place in a JSON document, from its root.
public struct DefinitionPath: Sendable, Hashable {
    public enum Step: Sendable, Hashable {
        case member(String)
        case index(Int)
    }

    public var steps: [Step]

    public init(_ steps: [Step] = []) { self.steps = steps }

    /// As AWS writes it: `/States/Pay/Choices[0]/Next`; the root is `/`.
    public var awsLocation: String {
        guard !steps.isEmpty else { return "/" }
        return steps.reduce(into: "") { text, step in
            switch step {
            case .member(let name): text += "/\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    /// As RFC 6901 writes it: `/States/Pay/Choices/0/Next`; the root is empty.
    public var jsonPointer: String {
        steps.reduce(into: "") { text, step in
            switch step {
            case .member(let name): text += "/" + Self.escaped(name)
            case .index(let index): text += "/\(index)"
            }
        }
    }

    private static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        return name.reduce(into: "") { text, character in
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
    }
}

extension DefinitionPath: CustomStringConvertible {
    public var description: String { awsLocation }
}
