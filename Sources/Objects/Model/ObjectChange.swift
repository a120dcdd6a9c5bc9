import Core

/// One thing that happened to one object, recorded in the transaction that made it true.
public struct ObjectChange: Sendable {
    public enum Kind: Hashable, Sendable {
        case created
        /// The object, or one version of it, is gone.
        case removed
        case deleteMarkerCreated
        case taggingPut
        case taggingDeleted
        case aclPut
        /// A copy of an archived object was asked for.
        case restoreBegun(from: String)
        /// The copy is there, until it expires.
        case restored(from: String, until: Timestamp)
    }

    public enum Cause: String, Sendable {
        case put
        case post
        case copy
        case multipart
        case delete
        case lifecycle
        /// A program wrote, moved or removed the file itself.
        case drop
    }

    public var kind: Kind
    public var cause: Cause
    public var bucket: String
    /// The bucket's account and region.
    public var scope: Scope
    public var key: ObjectKey
    /// Bytes; zero for removals.
    public var size: Int64
    public var etag: String
    /// Nil in buckets where versioning was never enabled, and for versions made while it was suspended.
    public var versionID: String?
    public var sequencer: String
    public var time: Timestamp
    /// Who asked, when it came by the API.
    public var requester: Requester?

    public init(
        kind: Kind, cause: Cause, bucket: String, scope: Scope, key: ObjectKey, size: Int64, etag: String,
        versionID: String?, sequencer: String, time: Timestamp, requester: Requester?
    ) {
        self.kind = kind
        self.cause = cause
        self.bucket = bucket
        self.scope = scope
        self.key = key
        self.size = size
        self.etag = etag
        self.versionID = versionID
        self.sequencer = sequencer
        self.time = time
        self.requester = requester
    }

    /// The caller of an API operation, as notifications name it.
    public struct Requester: Hashable, Sendable {
        public var account: String
        public var principalID: String
        public var sourceIP: String
        public var requestID: String
        /// The trace that the request belongs to.
        public var traceHeader: String?

        public init(
            account: String, principalID: String, sourceIP: String, requestID: String, traceHeader: String? = nil
        ) {
            self.account = account
            self.principalID = principalID
            self.sourceIP = sourceIP
            self.requestID = requestID
            self.traceHeader = traceHeader
        }
    }
}
