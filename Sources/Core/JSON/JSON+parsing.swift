/// Bounds on what the parser accepts.
public struct JSONLimits: Sendable {
    /// Arrays and objects inside one another. 1,000 is also the limit of the parser that AWS uses.
    public var depth: Int

    public init(depth: Int = 1000) { self.depth = depth }

    public static let standard = JSONLimits()
}

extension JSON {
    /// Parses one JSON text (RFC 8259), surrounded by nothing but white space.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard) throws(JSONParseError) {
        var parser = JSONParser(bytes, limits: limits)
        self = try parser.parseDocument()
    }

    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONParseError) {
        let parsed = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONParseError) in try JSON(parsing: buffer, limits: limits) }
        }
        self = try parsed.get()
    }

    public init(parsing bytes: ArraySlice<UInt8>, limits: JSONLimits = .standard) throws(JSONParseError) {
        let parsed = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONParseError) in try JSON(parsing: buffer, limits: limits) }
        }
        self = try parsed.get()
    }

    public init(parsing text: String, limits: JSONLimits = .standard) throws(JSONParseError) {
        var text = text
        let parsed = text.withUTF8 { buffer in
            Result { () throws(JSONParseError) in try JSON(parsing: UnsafeRawBufferPointer(buffer), limits: limits) }
        }
        self = try parsed.get()
    }
}
