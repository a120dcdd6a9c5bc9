import Core
import Storage

/// What topics' callers set besides topics: platform applications, their endpoints, and the account's settings for text
/// messages. All of it is kept and answered; nothing leaves this host for a phone.
public struct TopicSettings: Sendable {
    public enum Kind: String, Sendable {
        case platformApplication = "application"
        /// The name is the ARN; the attribute `Token` is unique in its application.
        case platformEndpoint = "endpoint"
        case textMessages = "sms"
    }

    public struct Entry: Sendable {
        public var name: String
        public var attributes: [String: String]

        public init(name: String, attributes: [String: String]) {
            self.name = name
            self.attributes = attributes
        }
    }

    public init() {}

    public func entry(
        _ kind: Kind, _ name: String, _ scope: Scope, in transaction: Transaction
    ) throws -> Entry? {
        try transaction.first(
            """
            SELECT name, attributes FROM topics_settings
            WHERE account = $1 AND region = $2 AND kind = $3 AND name = $4
            """, .text(scope.account), .text(scope.region), .text(kind.rawValue), .text(name)
        ).map(Self.entry)
    }

    /// The entries whose names begin with the prefix, in the order in which they were made.
    public func entries(
        _ kind: Kind, prefix: String = "", _ scope: Scope, in transaction: Transaction
    ) throws -> [Entry] {
        try transaction.query(
            "SELECT name, attributes FROM topics_settings WHERE account = $1 AND region = $2 AND kind = $3 ORDER BY id",
            .text(scope.account), .text(scope.region), .text(kind.rawValue)
        ).map(Self.entry).filter { $0.name.hasPrefix(prefix) }
    }

    public func save(
        _ kind: Kind, _ entry: Entry, id: Int64, _ scope: Scope, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO topics_settings (account, region, kind, name, attributes, id) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (account, region, kind, name) DO UPDATE SET attributes = excluded.attributes
            """,
            .text(scope.account), .text(scope.region), .text(kind.rawValue), .text(entry.name),
            .text(StoredStrings.text(entry.attributes)), .integer(id))
    }

    public func delete(_ kind: Kind, _ name: String, _ scope: Scope, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM topics_settings WHERE account = $1 AND region = $2 AND kind = $3 AND name = $4",
            .text(scope.account), .text(scope.region), .text(kind.rawValue), .text(name))
    }

    private static func entry(_ row: Row) throws -> Entry {
        Entry(name: try row.text(0), attributes: StoredStrings.map(try row.text(1)))
    }
}
