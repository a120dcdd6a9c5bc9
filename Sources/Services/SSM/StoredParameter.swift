import Core

/// One version of a parameter.
struct StoredParameter: Sendable {
    var scope: Scope
    /// As it was given first: a name of one level is the same with and without a slash before it.
    var name: String
    var version: Int
    /// `String`, `StringList` or `SecureString`.
    var type: String
    var value: String
    var tier: String
    var dataType: String
    var description: String?
    var keyID: String?
    var allowedPattern: String?
    var labels: [String] = []
    var modifiedAt: Timestamp
    /// The ARN of whoever wrote it.
    var modifiedBy: String

    static let secure = "SecureString"

    var arn: String { Self.arn(name, scope) }

    static func arn(_ name: String, _ scope: Scope) -> String {
        scope.arn("ssm", "parameter\(name.hasPrefix("/") ? "" : "/")\(name)").description
    }

    /// Without decryption a secure value is shown in a form from which it cannot be read.
    func value(decrypted: Bool) -> String {
        guard type == Self.secure, !decrypted else { return value }
        return Base64.encode(Digest.hmac(Array(value.utf8), key: Array("\(arn):\(version)".utf8), .sha256))
    }
}

/// What a caller names: a parameter by its name or its ARN, and perhaps a version or a label of it.
struct ParameterReference: Sendable {
    var scope: Scope
    /// As it was given.
    var name: String
    /// What follows the name, with its colon: `:3` or `:label`.
    var selector: String?

    init(_ text: String, _ scope: Scope) {
        self.scope = scope
        var rest = text
        if text.hasPrefix("arn:"), let arn = ARN(text), arn.service == "ssm", arn.resource.hasPrefix("parameter/") {
            self.scope = Scope(account: arn.account, region: arn.region)
            rest = String(arn.resource.dropFirst(9))
        }
        name = rest
        if let colon = rest.lastIndex(of: ":") {
            selector = String(rest[colon...])
            name = String(rest[..<colon])
        }
    }

    /// The form under which the store knows a name.
    static func key(_ name: String) -> String {
        name.hasPrefix("/") && !name.dropFirst().contains("/") ? String(name.dropFirst()) : name
    }

    var key: String { Self.key(name) }
}

/// The rules for names.
enum ParameterName {
    private static let rules = """
        Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of \
        sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 \
        symbols .-_
        """

    /// What is wrong with the form of a name, if anything is.
    static func fault(in name: String) -> String? {
        let isPath = name.contains("/")
        guard !isPath || name.hasPrefix("/") else { return rules }
        let levels = (name.hasPrefix("/") ? name.dropFirst() : name[...]).split(
            separator: "/", omittingEmptySubsequences: false)
        let isSound = levels.allSatisfy { level in
            !level.isEmpty
                && level.utf8.allSatisfy { byte in
                    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                        || ".-_".utf8.contains(byte)
                }
        }
        return isSound ? nil : rules
    }

    /// What is wrong with a name for a new parameter.
    static func faultOfNew(_ name: String) -> (code: String, message: String)? {
        if let fault = fault(in: name) { return ("ValidationException", fault) }
        let first = name.lowercased().drop { $0 == "/" }
        if first.hasPrefix("aws") || first.hasPrefix("ssm") {
            guard name.hasPrefix("/") else { return ("ValidationException", rules) }
            return ("AccessDeniedException", "No access to reserved parameter name: \(name).")
        }
        guard name.split(separator: "/").count <= 15 else {
            return (
                "HierarchyLevelLimitExceededException",
                "A hierarchy can have a maximum of 15 levels. The name \(name) has more."
            )
        }
        return nil
    }
}
