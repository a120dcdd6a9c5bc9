import AWSModels
import Core
import Wire

/// Access control lists: canned ones, those of the grant headers, and documents. They are stored and given back; who
/// may call is decided elsewhere.
enum AccessControl {
    /// The grant headers of a request.
    struct Headers {
        var fullControl: String?
        var read: String?
        var readACP: String?
        var write: String?
        var writeACP: String?

        var isEmpty: Bool {
            fullControl == nil && read == nil && readACP == nil && write == nil && writeACP == nil
        }

        var all: [(name: String, permission: S3.Permission, value: String)] {
            let given: [(String, S3.Permission, String?)] = [
                ("x-amz-grant-full-control", .fullControl, fullControl), ("x-amz-grant-read", .read, read),
                ("x-amz-grant-read-acp", .readAcp, readACP), ("x-amz-grant-write", .write, write),
                ("x-amz-grant-write-acp", .writeAcp, writeACP),
            ]
            return given.compactMap { name, permission, value in value.map { (name, permission, $0) } }
        }
    }

    static let allUsers = "http://acs.amazonaws.com/groups/global/AllUsers"
    static let authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
    static let logDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery"
    static let groups: Set<String> = [allUsers, authenticatedUsers, logDelivery]

    /// What the owner has by default.
    static func ownersOnly(_ owner: String) -> S3.AccessControlPolicy {
        S3.AccessControlPolicy {
            $0.owner = CanonicalUser.owner(owner)
            $0.grants = [ownerGrant(owner)]
        }
    }

    /// The list that a request asks for; nil when it asks for none.
    static func grants(
        canned: String?, headers: Headers, owner: String, isBucket: Bool
    ) throws(AWSError) -> S3.AccessControlPolicy? {
        guard canned == nil || headers.isEmpty else {
            throw .invalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
        }
        if let canned { return try self.canned(canned, owner, isBucket) }
        guard !headers.isEmpty else { return nil }
        var grants: [S3.Grant] = []
        for (name, permission, value) in headers.all {
            for grantee in try grantees(value, header: name) { grants.append(grant(grantee, permission)) }
        }
        return S3.AccessControlPolicy {
            $0.owner = CanonicalUser.owner(owner)
            $0.grants = grants
        }
    }

    private static func canned(
        _ name: String, _ owner: String, _ isBucket: Bool
    ) throws(AWSError) -> S3.AccessControlPolicy {
        var grants = [ownerGrant(owner)]
        switch name {
        case "private": break
        case "public-read": grants.append(grant(group(allUsers), .read))
        case "public-read-write":
            grants += [grant(group(allUsers), .read), grant(group(allUsers), .write)]
        case "authenticated-read": grants.append(grant(group(authenticatedUsers), .read))
        case "log-delivery-write" where isBucket:
            grants += [grant(group(logDelivery), .readAcp), grant(group(logDelivery), .write)]
        case "bucket-owner-read", "bucket-owner-full-control", "aws-exec-read": break
        default: throw .invalidArgument("", "x-amz-acl", name)
        }
        return S3.AccessControlPolicy {
            $0.owner = CanonicalUser.owner(owner)
            $0.grants = grants
        }
    }

    /// `uri="…", id="…"`
    private static func grantees(_ header: String, header name: String) throws(AWSError) -> [S3.Grantee] {
        var result: [S3.Grantee] = []
        for part in header.split(separator: ",") {
            let text = part.trimmingSpaces
            let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard halves.count == 2 else { throw .invalidArgument("Argument format not recognized", name, text) }
            let value = halves[1].trimmingSpaces.filter { $0 != "\"" && $0 != "'" }
            switch halves[0].trimmingSpaces {
            case "uri":
                guard groups.contains(value) else { throw .invalidArgument("Invalid group uri", "uri", value) }
                result.append(group(value))
            case "id":
                guard isCanonicalID(value) else { throw .invalidArgument("Invalid id", "id", value) }
                result.append(user(value))
            case "emailAddress":
                result.append(
                    S3.Grantee {
                        $0.emailAddress = value
                        $0.type = .amazonCustomerByEmail
                    })
            default: throw .invalidArgument("Argument format not recognized", name, text)
            }
        }
        return result
    }

    /// Checks a list that came as a document.
    static func check(_ policy: S3.AccessControlPolicy) throws(AWSError) {
        let malformed = AWSError(
            "MalformedACLError",
            "The XML you provided was not well-formed or did not validate against our published schema", status: 400)
        guard let owner = policy.owner?.id, let grants = policy.grants else { throw malformed }
        guard isCanonicalID(owner) else { throw .invalidArgument("Invalid id", "CanonicalUser/ID", owner) }
        guard grants.count <= 100 else { throw malformed }
        for grant in grants {
            guard let permission = grant.permission?.rawValue, let grantee = grant.grantee else { throw malformed }
            guard ["FULL_CONTROL", "WRITE_ACP", "READ", "WRITE", "READ_ACP"].contains(permission) else {
                throw malformed
            }
            switch grantee.type.rawValue {
            case "CanonicalUser":
                guard let id = grantee.id else { throw malformed }
                guard isCanonicalID(id) else { throw .invalidArgument("Invalid id", "CanonicalUser/ID", id) }
            case "Group":
                guard let uri = grantee.uri else { throw malformed }
                guard groups.contains(uri) else { throw .invalidArgument("Invalid group uri", "Group/URI", uri) }
            case "AmazonCustomerByEmail":
                guard grantee.emailAddress != nil else { throw malformed }
            default: throw malformed
            }
        }
    }

    static func isCanonicalID(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func ownerGrant(_ owner: String) -> S3.Grant {
        grant(user(CanonicalUser.id(of: owner)), .fullControl)
    }

    private static func user(_ id: String) -> S3.Grantee {
        S3.Grantee {
            $0.id = id
            $0.type = .canonicalUser
        }
    }

    private static func group(_ uri: String) -> S3.Grantee {
        S3.Grantee {
            $0.uri = uri
            $0.type = .group
        }
    }

    private static func grant(_ grantee: S3.Grantee, _ permission: S3.Permission) -> S3.Grant {
        S3.Grant {
            $0.grantee = grantee
            $0.permission = permission
        }
    }
}

extension AccessControl.Headers {
    init(_ input: S3.CreateBucketRequest) {
        self.init(
            fullControl: input.grantFullControl, read: input.grantRead, readACP: input.grantReadACP,
            write: input.grantWrite, writeACP: input.grantWriteACP)
    }

    init(_ input: S3.PutBucketAclRequest) {
        self.init(
            fullControl: input.grantFullControl, read: input.grantRead, readACP: input.grantReadACP,
            write: input.grantWrite, writeACP: input.grantWriteACP)
    }

    init(_ input: S3.PutObjectAclRequest) {
        self.init(
            fullControl: input.grantFullControl, read: input.grantRead, readACP: input.grantReadACP,
            write: input.grantWrite, writeACP: input.grantWriteACP)
    }

    init(_ input: S3.PutObjectRequest) {
        self.init(
            fullControl: input.grantFullControl, read: input.grantRead, readACP: input.grantReadACP,
            writeACP: input.grantWriteACP)
    }

    init(_ input: S3.CopyObjectRequest) {
        self.init(
            fullControl: input.grantFullControl, read: input.grantRead, readACP: input.grantReadACP,
            writeACP: input.grantWriteACP)
    }

    init(_ input: S3.CreateMultipartUploadRequest) {
        self.init(
            fullControl: input.grantFullControl, read: input.grantRead, readACP: input.grantReadACP,
            writeACP: input.grantWriteACP)
    }
}

extension StringProtocol {
    /// Without spaces at both ends.
    var trimmingSpaces: String {
        var slice = self[...].drop { $0 == " " || $0 == "\t" }
        while slice.last == " " || slice.last == "\t" { slice = slice.dropLast() }
        return String(slice)
    }
}
