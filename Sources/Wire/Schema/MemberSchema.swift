/// A member of a structure, or the element, key or value of a container, with how it is named and placed on the wires.
public final class MemberSchema: @unchecked Sendable {
    // Written only while the model is being read, before it is shared.
    public let name: String
    public let index: Int
    public internal(set) var target: ShapeSchema
    public internal(set) var isRequired = false
    public internal(set) var location = Location.body
    /// The name on the wire: of the header or query parameter, of the XML element, of the JSON member.
    public internal(set) var wireName: String
    /// True when the model gives a name for the wire of its own.
    public internal(set) var isRenamed = false
    public internal(set) var isFlattened = false
    public internal(set) var timestampFormat: TimestampFormat?
    public internal(set) var isXMLAttribute = false
    /// The text of the enclosing element itself.
    public internal(set) var isXMLText = false
    /// The name in the query protocol, for services that moved on to another protocol.
    public internal(set) var queryName: String?
    public internal(set) var xmlNamespace: XMLNamespace?
    public internal(set) var isStreaming = false
    /// The member of an event that is the whole payload of its frame.
    public internal(set) var isEventPayload = false
    /// The member of an event that travels as a header of its frame.
    public internal(set) var isEventHeader = false
    /// Filled with a random UUID by clients when it is left out.
    public internal(set) var isIdempotencyToken = false

    init(name: String, index: Int, target: ShapeSchema) {
        self.name = name
        self.index = index
        self.target = target
        wireName = name
    }

    public enum Location: UInt8, Sendable {
        case body, header, prefixHeaders, label, query, statusCode
    }
}

extension MemberSchema {
    /// The member's name in messages, where AWS names it as the property of one of its classes: with a small first letter.
    var propertyName: String {
        guard let first = name.utf8.first, first.asciiLowercased != first else { return name }
        return String(UnicodeScalar(first.asciiLowercased)) + name.dropFirst()
    }
}
