import AWSModels
import Core
import Wire

/// What somebody is allowed to do with a key.
struct KMSGrant: Sendable {
    var scope: Scope
    var keyID: String
    /// 64 hexadecimal digits.
    var id: String
    var token: String
    var createdAt: Timestamp
    var name: String?
    var grantee: String
    var retiring: String?
    var operations: [KMS.GrantOperation]
    var constraints: KMS.GrantConstraints?

    var entry: KMS.GrantListEntry {
        KMS.GrantListEntry {
            $0.keyId = scope.arn("kms", "key/\(keyID)").description
            $0.grantId = id
            $0.name = name ?? ""
            $0.creationDate = createdAt
            $0.granteePrincipal = grantee
            $0.retiringPrincipal = retiring
            $0.issuingAccount = "arn:aws:iam::\(scope.account):root"
            $0.operations = operations
            $0.constraints = constraints
        }
    }
}

/// Another name of a key.
struct KMSAlias: Sendable {
    var scope: Scope
    /// With `alias/` before it.
    var name: String
    var keyID: String
    var createdAt: Timestamp
    var updatedAt: Timestamp

    static let prefix = "alias/"
    static let managedPrefix = "alias/aws/"

    static func arn(_ name: String, _ scope: Scope) -> String { scope.arn("kms", name).description }
}
