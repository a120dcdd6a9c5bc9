/// One step of a module's schema. Every module owns a namespace and numbers its steps from 1; a step that has been
/// released never changes, later steps are added. All steps that are missing run in one transaction at open.
public struct Migration: Hashable, Sendable {
    /// The module's word, such as `workflows`. Its tables start with it.
    public var namespace: String
    public var version: Int
    /// One SQL statement each, in the dialect SQLite and PostgreSQL share.
    public var statements: [String]

    public init(_ namespace: String, _ version: Int, _ statements: [String]) {
        self.namespace = namespace
        self.version = version
        self.statements = statements
    }

    /// A fingerprint of the statements (FNV-1a over the text with runs of white space folded), so that a step that was
    /// changed after it ran is noticed.
    var fingerprint: Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var isSpace = true
        for statement in statements {
            for byte in statement.utf8 {
                let space = byte == 0x20 || (0x09...0x0D).contains(byte)
                if space && isSpace { continue }
                isSpace = space
                hash = (hash ^ UInt64(space ? 0x20 : byte)) &* 0x0000_0100_0000_01B3
            }
            hash = (hash ^ 0x3B) &* 0x0000_0100_0000_01B3
        }
        return Int64(bitPattern: hash)
    }
}
