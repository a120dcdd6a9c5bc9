import AWSModels
import Core
import Storage

extension KMSStore {
    /// Of the key, in the order in which they came.
    func materials(of key: KMSKey, in transaction: Transaction) throws -> [KMSMaterial] {
        try transaction.query(
            "SELECT * FROM kms_materials WHERE account = $1 AND key_id = $2 ORDER BY number",
            .text(key.scope.account), .text(key.id)
        ).map(Self.material)
    }

    func current(of key: KMSKey, in transaction: Transaction) throws -> KMSMaterial? {
        try transaction.first(
            "SELECT * FROM kms_materials WHERE account = $1 AND key_id = $2 AND state = 'CURRENT'",
            .text(key.scope.account), .text(key.id)
        ).map(Self.material)
    }

    /// Of whatever key.
    func material(_ id: String, in transaction: Transaction) throws -> KMSMaterial? {
        try transaction.first("SELECT * FROM kms_materials WHERE id = $1", .text(id)).map(Self.material)
    }

    func put(_ material: KMSMaterial, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO kms_materials (
                account, key_id, id, state, bytes, created, rotated, rotation, description, number)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
                (SELECT COALESCE(MAX(number), 0) + 1 FROM kms_materials WHERE account = $1 AND key_id = $2))
            ON CONFLICT (account, key_id, id) DO UPDATE SET state = $4, bytes = $5, rotated = $7, rotation = $8,
                description = $9
            """,
            .text(material.account), .text(material.keyID), .text(material.id), .text(material.state.rawValue),
            .optional(material.bytes), .time(material.createdAt), .time(material.rotatedAt),
            .optional(material.rotation?.rawValue), .optional(material.description))
    }

    /// Makes that material the current one in place of the one before.
    func rotate(
        _ key: KMSKey, to material: KMSMaterial, _ type: KMS.RotationType, at now: Timestamp,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE kms_materials SET state = 'NON_CURRENT' WHERE account = $1 AND key_id = $2 AND state = 'CURRENT'
            """, .text(key.scope.account), .text(key.id))
        var material = material
        (material.state, material.rotatedAt, material.rotation) = (.current, now, type)
        try put(material, in: transaction)
    }

    /// Deletes imported bytes; what they were is still known.
    func clearMaterials(of key: KMSKey, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE kms_materials SET bytes = NULL WHERE account = $1 AND key_id = $2", .text(key.scope.account),
            .text(key.id))
    }

    private static func material(_ row: Row) throws -> KMSMaterial {
        KMSMaterial(
            id: try row.text("id"), account: try row.text("account"), keyID: try row.text("key_id"),
            state: KMS.KeyMaterialState(rawValue: try row.text("state")), bytes: try row.blobOrNil("bytes"),
            createdAt: try row.time("created"), rotatedAt: try row.timeOrNil("rotated"),
            rotation: try row.textOrNil("rotation").map { KMS.RotationType(rawValue: $0) },
            description: try row.textOrNil("description"))
    }

    // MARK: Imports

    /// What an import token stands for.
    struct ImportToken: Sendable {
        /// In Base64.
        var token: String
        var scope: Scope
        var keyID: String
        /// The way in which material comes wrapped.
        var algorithm: KMS.AlgorithmSpec
        /// The private key that unwraps it, as a PKCS #8 document.
        var wrappingKey: [UInt8]
        var expires: Timestamp
    }

    /// Keeps a token; those that have expired for a day are forgotten.
    func put(_ token: ImportToken, at now: Timestamp, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM kms_import_tokens WHERE expires < $1",
            .time(now.adding(milliseconds: -KMSKey.millisecondsOfDay)))
        try transaction.execute(
            """
            INSERT INTO kms_import_tokens (token, account, region, key_id, algorithm, wrapping_key, expires)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            .text(token.token), .text(token.scope.account), .text(token.scope.region), .text(token.keyID),
            .text(token.algorithm.rawValue), .blob(token.wrappingKey), .time(token.expires))
    }

    func importToken(_ token: String, of key: KMSKey, in transaction: Transaction) throws -> ImportToken? {
        try transaction.first(
            """
            SELECT * FROM kms_import_tokens WHERE token = $1 AND account = $2 AND region = $3 AND key_id = $4
            """, .text(token), .text(key.scope.account), .text(key.scope.region), .text(key.id)
        ).map { row in
            ImportToken(
                token: token, scope: key.scope, keyID: key.id,
                algorithm: KMS.AlgorithmSpec(rawValue: try row.text("algorithm")),
                wrappingKey: try row.blob("wrapping_key"), expires: try row.time("expires"))
        }
    }
}
