import AWSModels
import Core
import Wire

/// The grammar of policies that are given to identities.
enum IdentityPolicy {
    static func check(_ document: String) throws(AWSError) {
        guard let json = try? JSON(parsing: document), let policy = PolicyStatements(json),
            policy.all.allSatisfy(isStatement)
        else { throw malformed("Syntax errors in policy.") }
        guard policy.version == "2012-10-17" else {
            throw malformed("Policy document must be version 2012-10-17 or greater.")
        }
        try checkNames(policy.all)
        for statement in policy.all { try checkActions(statement) }
        for statement in policy.all { try checkResources(statement) }
    }

    static func malformed(_ message: String) -> AWSError { IAM.Errors.malformedPolicyDocumentException(message) }

    private static func isStatement(_ statement: JSONObject) -> Bool {
        statement.keys.allSatisfy(PolicyStatements.fields.contains)
            && ["Allow", "Deny"].contains(statement["Effect"]?.stringValue)
            && PolicyStatements.isText(statement["Sid"]) && PolicyStatements.isCondition(statement["Condition"])
            && !(statement["Action"] != nil && statement["NotAction"] != nil)
            && !(statement["Resource"] != nil && statement["NotResource"] != nil)
            && ["Action", "NotAction", "Resource", "NotResource"]
                .allSatisfy { PolicyStatements.texts(statement[$0]) != nil }
    }

    private static func checkNames(_ statements: [JSONObject]) throws(AWSError) {
        var names: Set<String> = []
        for name in statements.compactMap({ $0["Sid"]?.stringValue }) where !name.isEmpty {
            guard name.utf8.allSatisfy(isLetterOrDigit) else {
                throw malformed(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
                        + "expression [0-9A-Za-z]*")
            }
            guard names.insert(name).inserted else {
                throw malformed("Statement IDs (SID) in a single policy must be unique.")
            }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func checkActions(_ statement: JSONObject) throws(AWSError) {
        guard statement["Principal"] == nil, statement["NotPrincipal"] == nil else {
            throw malformed("Policy document should not specify a principal.")
        }
        let actions = PolicyStatements.texts(statement["Action"] ?? statement["NotAction"]) ?? []
        guard !actions.isEmpty else { throw malformed("Policy statement must contain actions.") }
        for action in actions where action != "*" {
            let parts = action.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count > 1 else {
                throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
            }
            guard parts.count == 2 else { throw malformed("Actions/Condition can contain only one colon.") }
            let isVendor = parts[0].utf8.allSatisfy { isLetterOrDigit($0) || "-.".utf8.contains($0) }
            guard parts[0] == "*" || isVendor && !parts[0].isEmpty else {
                throw malformed("Vendor \(parts[0]) is not valid")
            }
        }
    }

    private static let partitions: Set<Substring> = [
        "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*",
    ]

    private static func checkResources(_ statement: JSONObject) throws(AWSError) {
        let resources = PolicyStatements.texts(statement["Resource"] ?? statement["NotResource"]) ?? []
        guard !resources.isEmpty else { throw malformed("Policy statement must contain resources.") }
        for resource in resources where resource != "*" {
            let parts = resource.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            guard parts[0] == "arn", parts.count > 1 else {
                throw malformed("Resource \(resource) must be in ARN format or \"*\".")
            }
            guard partitions.contains(parts[1]) else {
                let rest = (2..<6).map { $0 < parts.count && !parts[$0].isEmpty ? parts[$0] : "*" }
                throw malformed(
                    "Partition \"\(parts[1])\" is not valid for resource "
                        + "\"arn:\(parts[1]):\(rest.joined(separator: ":"))\".")
            }
            guard parts.count == 6 || resource.hasSuffix("*") else {
                throw malformed("The policy failed legacy parsing")
            }
            guard parts.count > 2, !parts[2].isEmpty, parts.count < 4 || !parts[2].contains("*") else {
                throw malformed("Resource vendor must be fully qualified and cannot contain regexes.")
            }
            guard parts.count < 4 || parts[3].isEmpty || parts[3] == "*" || parts[2] != "s3" || isRegional(parts) else {
                throw malformed("Resource \(resource) can not contain region information.")
            }
        }
    }

    /// Access points have a region; buckets and objects have none.
    private static func isRegional(_ parts: [Substring]) -> Bool {
        parts.count == 6 && ["accesspoint", "job", "storage-lens"].contains { parts[5].hasPrefix($0) }
    }
}
