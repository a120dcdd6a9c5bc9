import AWSModels
import Core
import Objects
import Wire

/// What everybody may do with a bucket, by its policy and the access control lists of its objects.
struct PublicAccess {
    /// The statements that name no one in particular.
    private var statements: [JSONObject] = []
    private var ignoresLists = true

    /// - Parameters:
    ///   - block: what the bucket holds back whatever is granted.
    ///   - ownership: nil for that of new buckets, under which lists do not count.
    init(policy: JSON?, block: S3.PublicAccessBlockConfiguration, ownership: S3.ObjectOwnership?) {
        ignoresLists = block.ignorePublicAcls == true || ownership == nil || ownership == .bucketOwnerEnforced
        guard block.restrictPublicBuckets != true, let policy, let all = PolicyStatements(policy)?.all else { return }
        statements = all.filter { Self.isEverybody($0["Principal"]) }
    }

    private static func isEverybody(_ principal: JSON?) -> Bool {
        if principal?.stringValue == "*" { return true }
        return PolicyStatements.texts(principal?["AWS"])?.contains("*") ?? false
    }

    /// - Parameter acl: of the object, if it is there and has one.
    func allowsReading(_ key: String, in bucket: String, acl: S3.AccessControlPolicy?) -> Bool {
        let resource = "arn:aws:s3:::\(bucket)/\(key)"
        let matching = statements.filter { statement in
            Self.matches(statement["Action"], "s3:GetObject") && Self.matches(statement["Resource"], resource)
        }
        // Conditions are about callers, of whom nothing is known.
        guard !matching.contains(where: { $0["Effect"]?.stringValue == "Deny" }) else { return false }
        if matching.contains(where: { $0["Effect"]?.stringValue == "Allow" && $0["Condition"] == nil }) { return true }
        guard !ignoresLists else { return false }
        return (acl?.grants ?? []).contains { grant in
            grant.grantee?.uri == AccessControl.allUsers && [.read, .fullControl].contains(grant.permission)
        }
    }

    private static func matches(_ patterns: JSON?, _ text: String) -> Bool {
        (PolicyStatements.texts(patterns) ?? []).contains { matches(Array($0.utf8)[...], Array(text.utf8)[...]) }
    }

    /// `*` stands for anything, `?` for one byte.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (place, position) = (pattern.startIndex, text.startIndex)
        var retry: (place: Int, position: Int)?
        while position < text.endIndex {
            if place < pattern.endIndex, pattern[place] == UInt8(ascii: "*") {
                retry = (place + 1, position)
                place += 1
            } else if place < pattern.endIndex, pattern[place] == UInt8(ascii: "?") || pattern[place] == text[position]
            {
                (place, position) = (place + 1, position + 1)
            } else if let last = retry {
                retry = (last.place, last.position + 1)
                (place, position) = (last.place, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

extension S3Provider {
    func publicAccess(to bucket: String) async throws -> PublicAccess {
        let policy = try await store.document(.policy, of: bucket).flatMap { try? JSON(parsing: $0) }
        let ownership = try await store.document(.ownershipControls, of: bucket)
        let controls: S3.OwnershipControls? = RecordDocument.read(ownership)
        return PublicAccess(
            policy: policy, block: try await publicAccessBlock(bucket) ?? S3.PublicAccessBlockConfiguration(),
            ownership: ownership == Self.removed ? .objectWriter : controls?.rules.first?.objectOwnership)
    }

    /// What a bucket holds back; everything when nothing was said, nil when that was deleted.
    func publicAccessBlock(_ bucket: String) async throws -> S3.PublicAccessBlockConfiguration? {
        let text = try await store.document(.publicAccessBlock, of: bucket)
        guard text != Self.removed else { return nil }
        return RecordDocument.read(text)
            ?? S3.PublicAccessBlockConfiguration {
                $0.blockPublicAcls = true
                $0.ignorePublicAcls = true
                $0.blockPublicPolicy = true
                $0.restrictPublicBuckets = true
            }
    }
}
