import Core

extension MessageAttribute {
    /// The attributes as the context of a delivery carries them.
    public static func json(of attributes: [MessageAttribute]) -> JSON {
        text(of: attributes).flatMap { try? JSON(parsing: $0) } ?? .array([])
    }
}
