import Core

/// A directory whose files are objects.
public struct Bucket: Hashable, Sendable {
    /// The number that stands for the bucket in the database; a bucket made again under the same name gets another.
    public let id: Int64
    public let name: String
    public let scope: Scope
    /// The absolute path.
    public let directory: String
    public let created: Timestamp
    public internal(set) var versioning: VersioningState

    public var arn: String { "arn:aws:s3:::\(name)" }
}

public enum VersioningState: String, Sendable {
    /// Never enabled.
    case off = ""
    case enabled = "Enabled"
    case suspended = "Suspended"
}

/// The configurations of a bucket that are kept as documents and given back as they came.
public struct BucketDocument: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let policy = Self(rawValue: "policy")
    public static let acl = Self(rawValue: "acl")
    public static let cors = Self(rawValue: "cors")
    public static let lifecycle = Self(rawValue: "lifecycle")
    public static let notification = Self(rawValue: "notification")
    public static let website = Self(rawValue: "website")
    public static let encryption = Self(rawValue: "encryption")
    public static let tagging = Self(rawValue: "tagging")
    public static let logging = Self(rawValue: "logging")
    public static let replication = Self(rawValue: "replication")
    public static let ownershipControls = Self(rawValue: "ownership-controls")
    public static let publicAccessBlock = Self(rawValue: "public-access-block")
    public static let objectLock = Self(rawValue: "object-lock")
    public static let accelerate = Self(rawValue: "accelerate")
    public static let requestPayment = Self(rawValue: "request-payment")
    public static let versioning = Self(rawValue: "versioning")
    /// The name by which its region was chosen, where that is another than the region's.
    public static let location = Self(rawValue: "location")
}

extension Bucket {
    /// S3's rules for names of general purpose buckets.
    public static func isValidName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        func isLetterOrDigit(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard isLetterOrDigit(first), isLetterOrDigit(last) else { return false }
        guard bytes.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }) else {
            return false
        }
        guard !name.contains(".."), !name.hasPrefix("xn--"), !name.hasSuffix("-s3alias") else { return false }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return !(parts.count == 4 && parts.allSatisfy { UInt8($0) != nil })
    }
}
