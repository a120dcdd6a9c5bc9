import AWSModels
import Core
import Wire

/// The grammar of policies that say who may assume a role.
enum TrustPolicy {
    static func check(_ document: String) throws(AWSError) {
        guard let json = try? JSON(parsing: document), json.objectValue != nil else {
            throw IdentityPolicy.malformed("This policy contains invalid Json")
        }
        if let object = json.objectValue, object["Statement"] == nil {
            throw IdentityPolicy.malformed("Missing required field Statement")
        }
        guard let policy = PolicyStatements(json) else { throw IdentityPolicy.malformed("Syntax errors in policy.") }
        for statement in policy.all { try check(statement) }
    }

    private static func check(_ statement: JSONObject) throws(AWSError) {
        for field in statement.keys where !PolicyStatements.fields.contains(field) {
            throw IdentityPolicy.malformed("Unknown field \(field)")
        }
        for field in ["Resource", "NotResource"] where statement[field] != nil {
            throw IdentityPolicy.malformed("Has prohibited field \(field)")
        }
        for field in ["Effect", "Principal", "Action"]
        where statement[field] == nil && statement["Not\(field)"] == nil {
            throw IdentityPolicy.malformed("Missing required field \(field)")
        }
        guard ["Allow", "Deny"].contains(statement["Effect"]?.stringValue) else {
            throw IdentityPolicy.malformed("Invalid effect: \(statement["Effect"]?.stringValue ?? "")")
        }
        guard let actions = PolicyStatements.texts(statement["Action"] ?? statement["NotAction"]),
            PolicyStatements.isCondition(statement["Condition"]), PolicyStatements.isText(statement["Sid"])
        else { throw IdentityPolicy.malformed("Syntax errors in policy.") }
        guard actions.allSatisfy({ $0.lowercased().hasPrefix("sts:") || $0 == "*" }) else {
            throw IdentityPolicy.malformed("AssumeRole policy may only specify STS AssumeRole actions.")
        }
        try checkPrincipal(statement["Principal"] ?? statement["NotPrincipal"])
    }

    private static func checkPrincipal(_ principal: JSON?) throws(AWSError) {
        if principal?.stringValue == "*" { return }
        guard let kinds = principal?.objectValue, !kinds.isEmpty else {
            throw IdentityPolicy.malformed("Invalid principal in policy.")
        }
        for (kind, value) in kinds {
            guard ["AWS", "Service", "Federated", "CanonicalUser"].contains(kind),
                let names = PolicyStatements.texts(value)
            else { throw IdentityPolicy.malformed("Invalid principal in policy: \"\(kind.uppercased())\"") }
            for name in names where !isPrincipal(name, kind) {
                throw IdentityPolicy.malformed("Invalid principal in policy: \"\(kind.uppercased())\":\"\(name)\"")
            }
        }
    }

    /// Whether somebody can be called so. Whether there is such a user or role is not asked.
    private static func isPrincipal(_ name: String, _ kind: String) -> Bool {
        switch kind {
        case "AWS":
            name == "*" || name.utf8.count == 12 && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
                || ["AIDA", "AROA"].contains { name.hasPrefix($0) }
                || ARN(name).map { ["iam", "sts"].contains($0.service) } ?? false
        case "Service": name.contains(".")
        default: !name.isEmpty
        }
    }
}
