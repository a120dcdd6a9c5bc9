import Core

/// Whether a bucket's policy makes it public, in the sense of S3: it allows something to callers who are not narrowed
/// down to fixed values, which hold no wildcard and no policy variable.
struct PublicPolicy {
    let isPublic: Bool

    init(_ policy: JSON) {
        let statements = policy["Statement"]?.arrayValue ?? [policy["Statement"] ?? .null]
        isPublic = statements.contains { statement in
            statement["Effect"]?.stringValue == "Allow" && Self.isForAnybody(statement)
                && !Self.narrows(statement["Condition"])
        }
    }

    // MARK: Callers

    /// Whoever is not named is anybody.
    private static func isForAnybody(_ statement: JSON) -> Bool {
        guard let principal = statement["Principal"] else { return statement["NotPrincipal"] != nil }
        guard let kinds = principal.objectValue else { return principal.stringValue.map { !isFixed($0) } ?? false }
        return kinds.contains { _, names in texts(names).contains { !isFixed($0) } }
    }

    private static func isFixed(_ text: String) -> Bool {
        !text.utf8.contains(UInt8(ascii: "*")) && !text.utf8.contains(UInt8(ascii: "?")) && !text.contains("${")
    }

    private static func texts(_ value: JSON) -> [String] {
        (value.arrayValue ?? [value]).map { $0.stringValue ?? $0.text() }
    }

    // MARK: Conditions

    /// Every condition has to hold, so that one that narrows is enough. Those that say who is not meant, and those that
    /// hold where the key is missing, narrow nothing.
    private static func narrows(_ condition: JSON?) -> Bool {
        (condition?.objectValue ?? [:]).contains { name, block in
            let plain = name.hasPrefix("ForAnyValue:") ? String(name.dropFirst(12)) : name
            guard let keys = block.objectValue else { return false }
            return keys.contains { key, values in
                let values = texts(values)
                guard !values.isEmpty else { return false }
                return switch plain {
                case "IpAddress": key.lowercased() == "aws:sourceip" && values.allSatisfy(isNarrowRange)
                case "StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike":
                    values.allSatisfy { isFixed($0, for: key.lowercased()) }
                default: false
                }
            }
        }
    }

    /// Keys whose fixed values tell callers apart.
    private static let keys: Set = [
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalservicename",
        "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce",
        "aws:userid", "s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    ]

    private static func isFixed(_ value: String, for key: String) -> Bool {
        switch key {
        case "s3:dataaccesspointarn":
            // Whose access point it is has to be fixed, which one need not be.
            let parts = value.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            return parts.count == 6 && isFixed(String(parts[4])) && !parts[4].isEmpty
        default: return keys.contains(key) && isFixed(value)
        }
    }

    // MARK: Addresses

    /// Whether a range is no wider than S3 takes for narrow: 8 bits of IPv4 are fixed, or 32 of IPv6.
    private static func isNarrowRange(_ range: String) -> Bool {
        let halves = range.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isLong = halves[0].utf8.contains(UInt8(ascii: ":"))
        guard let bits = halves.count == 2 ? Int(halves[1]) : isLong ? 128 : 32, bits >= 0 else { return false }
        return bits >= (isLong ? 32 : 8)
    }
}
