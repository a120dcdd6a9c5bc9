import Core
import Storage

/// What Lambda keeps beside functions, each a document of its own: code signing configurations, policies of layers,
/// event source mappings.
struct LambdaDocuments: Sendable {
    enum Kind: String, Sendable {
        case codeSigning = "code-signing"
        case layerPolicy = "layer-policy"
        case mapping
    }

    struct Document: Sendable {
        var scope: Scope
        var id: String
        var content: JSON
    }

    static let schema = [
        Migration(
            "lambda", 1,
            [
                """
                CREATE TABLE lambda_documents (
                    kind TEXT NOT NULL,
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    id TEXT NOT NULL,
                    content TEXT NOT NULL,
                    PRIMARY KEY (kind, account, region, id)
                )
                """
            ])
    ]

    func put(_ kind: Kind, _ id: String, _ content: JSON, _ scope: Scope, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO lambda_documents (kind, account, region, id, content) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (kind, account, region, id) DO UPDATE SET content = excluded.content
            """,
            .text(kind.rawValue), .text(scope.account), .text(scope.region), .text(id), .text(content.text()))
    }

    func get(_ kind: Kind, _ id: String, _ scope: Scope, in transaction: Transaction) throws -> JSON? {
        try transaction.first(
            "SELECT content FROM lambda_documents WHERE kind = $1 AND account = $2 AND region = $3 AND id = $4",
            .text(kind.rawValue), .text(scope.account), .text(scope.region), .text(id)
        ).map { try JSON(parsing: $0.text(0)) }
    }

    func all(_ kind: Kind, _ scope: Scope, in transaction: Transaction) throws -> [Document] {
        try transaction.query(
            "SELECT * FROM lambda_documents WHERE kind = $1 AND account = $2 AND region = $3 ORDER BY id",
            .text(kind.rawValue), .text(scope.account), .text(scope.region)
        ).map(Self.document)
    }

    func everywhere(_ kind: Kind, in transaction: Transaction) throws -> [Document] {
        try transaction.query("SELECT * FROM lambda_documents WHERE kind = $1 ORDER BY id", .text(kind.rawValue))
            .map(Self.document)
    }

    func remove(_ kind: Kind, _ id: String, _ scope: Scope, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM lambda_documents WHERE kind = $1 AND account = $2 AND region = $3 AND id = $4",
            .text(kind.rawValue), .text(scope.account), .text(scope.region), .text(id))
    }

    private static func document(_ row: Row) throws -> Document {
        Document(
            scope: Scope(account: try row.text("account"), region: try row.text("region")), id: try row.text("id"),
            content: try JSON(parsing: row.text("content")))
    }
}
