/// What a shape of a service model looks like on every wire: its kind, its members and its constraints.
///
/// Schemas of one service refer to one another, also in circles, and live as long as the program.
public final class ShapeSchema: @unchecked Sendable {
    // Written only while the model is being read, before it is shared.
    public let name: String
    public let kind: Kind
    /// Members of a structure; for a list the one `member`; for a map `key` and `value`.
    public internal(set) var members: [MemberSchema] = []
    public internal(set) var constraints: Constraints?
    /// Structures that are errors carry how they are reported.
    public internal(set) var fault: FaultTrait?
    /// List elements stand beside one another without an enclosing element.
    public internal(set) var isFlattened = false
    /// The member that is the whole HTTP body.
    public internal(set) var payload: Int?
    public internal(set) var timestampFormat: TimestampFormat?
    /// Name of the root element, where it is not the shape's own.
    public internal(set) var xmlName: String?
    public internal(set) var xmlNamespace: XMLNamespace?
    /// A structure of which one member at a time is sent as an event.
    public internal(set) var isEventStream = false
    /// The media type of a payload of bytes, where it is not the protocol's own.
    public internal(set) var contentType: String?
    public internal(set) var isStreaming = false
    /// What is said of a request with a longer value, whatever else is wrong with it.
    public internal(set) var objectionToLength: String?
    /// Values are not to be shown in messages and logs.
    public internal(set) var isSensitive = false
    /// The members of a structure that travel outside the body.
    public internal(set) var bindings: [MemberSchema] = []
    /// True when some member of the structure travels in the body.
    public internal(set) var hasBody = false
    /// Whether this shape, or one that it reaches, has any constraint.
    public internal(set) var isConstrained = false

    init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    public enum Kind: UInt8, Sendable {
        case string, boolean, integer, long, float, double, timestamp, blob, list, map, structure, document
    }
}

extension ShapeSchema {
    /// Neither a list nor a map nor a structure.
    var isScalar: Bool { kind != .list && kind != .map && kind != .structure && kind != .document }
    /// The element of a list.
    public var element: MemberSchema { members[0] }
    /// The key of a map.
    public var key: MemberSchema { members[0] }
    /// The value of a map.
    public var value: MemberSchema { members[1] }

    public func member(named name: String) -> MemberSchema? { members.first { $0.name == name } }
}

/// How an error of the model is reported.
public struct FaultTrait: Sendable {
    public var code: String
    public var status: Int
    /// Whether the caller is to blame.
    public var isSender: Bool
}

public enum TimestampFormat: Sendable {
    case epochSeconds, iso8601, httpDate
}

public struct XMLNamespace: Sendable {
    public var uri: String
    public var prefix: String?
}

/// What the model demands of a value.
public struct Constraints: Sendable {
    /// Length of strings (characters), blobs (bytes), lists and maps (entries); the value of numbers.
    public var minimum: Double?
    public var maximum: Double?
    public var pattern: ConstraintPattern?
    /// The values allowed, in the model's order; empty when the shape is no enumeration.
    public var enumeration: [String] = []
}
