import Core

/// A named, typed value beside a message's body, of a topic or a queue.
public struct MessageAttribute: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case string(String)
        case binary([UInt8])
    }

    public var name: String
    /// `String`, `Number` or `Binary`, optionally followed by a dot and a label.
    public var type: String
    public var value: Value

    public init(name: String, type: String, value: Value) {
        self.name = name
        self.type = type
        self.value = value
    }

    /// Bytes that count towards the limits on messages: name, type and value.
    public var size: Int {
        let length =
            switch value {
            case .string(let text): text.utf8.count
            case .binary(let bytes): bytes.count
            }
        return name.utf8.count + type.utf8.count + length
    }
}

extension MessageAttribute {
    /// The attributes as stored text; nil for none.
    static func text(of attributes: [MessageAttribute]) -> String? {
        attributes.isEmpty ? nil : json(of: attributes).text()
    }

    /// The attributes as they stand in the context of a delivery.
    public static func json(of attributes: [MessageAttribute]) -> JSON {
        .array(
            attributes.map { attribute in
                switch attribute.value {
                case .string(let text): [.string(attribute.name), .string(attribute.type), .string(text)]
                case .binary(let bytes):
                    [.string(attribute.name), .string(attribute.type), .string(Base64.encode(bytes)), true]
                }
            })
    }

    static func list(_ text: String?) -> [MessageAttribute] {
        guard let text, let json = try? JSON(parsing: text) else { return [] }
        return list(json)
    }

    static func list(_ json: JSON?) -> [MessageAttribute] {
        (json?.arrayValue ?? []).compactMap { item in
            guard let name = item[0]?.stringValue, let type = item[1]?.stringValue, let value = item[2]?.stringValue
            else { return nil }
            let isBinary = item[3]?.boolValue == true
            return MessageAttribute(
                name: name, type: type, value: isBinary ? .binary(Base64.decode(value) ?? []) : .string(value))
        }
    }
}
