import AWSModels
import Core

/// The secret of a key. Keys are rotated by getting another one; the former ones stay, to decrypt what they encrypted.
struct KMSMaterial: Sendable {
    /// 64 hexadecimal digits.
    var id: String
    /// The account and the identifier of the key; replicas in other regions have the same.
    var account: String
    var keyID: String
    var state: KMS.KeyMaterialState = .current
    /// A secret, or a private key as a PKCS #8 document; nil when it was imported and is deleted.
    var bytes: [UInt8]?
    var createdAt: Timestamp
    /// When it became the current one in place of another, and how.
    var rotatedAt: Timestamp?
    var rotation: KMS.RotationType?
    var description: String?

    /// The same material has the same identifier under one key.
    static func id(of bytes: [UInt8], key: String) -> String {
        hexadecimal(Digest.sha256(Digest.sha256(Array(key.utf8)) + bytes))
    }
}
