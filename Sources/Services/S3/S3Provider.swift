public import AWSModels
public import Core
public import Metering
public import Objects
public import Storage
import Wire

/// Amazon S3 on the buckets and objects of the host.
public struct S3Provider: S3.API {
    /// What the service needs of the rest of the host.
    public struct Environment: Sendable {
        /// Whether something answers to the ARN, so that notifications can be sent to it.
        public var destinationExists: @Sendable (ARN) async -> Bool
        /// Hands over the message by which S3 tries out a new destination.
        public var sendTestEvent: @Sendable (_ destination: ARN, _ payload: JSON, Transaction) throws -> Void
        /// Takes what requests use.
        public var record: @Sendable (Usage) -> Void
        /// Replaces the tags by which a bucket's usage is shown.
        public var tag: @Sendable (_ resource: String, [String: String]) async throws -> Void

        public init(
            record: @escaping @Sendable (Usage) -> Void = { _ in },
            tag: @escaping @Sendable (String, [String: String]) async throws -> Void = { _, _ in },
            destinationExists: @escaping @Sendable (ARN) async -> Bool = { _ in true },
            sendTestEvent: @escaping @Sendable (ARN, JSON, Transaction) throws -> Void = { _, _, _ in }
        ) {
            self.record = record
            self.tag = tag
            self.destinationExists = destinationExists
            self.sendTestEvent = sendTestEvent
        }
    }

    let store: ObjectStore
    let database: Database
    let clock: any HostClock
    let random: any RandomSource
    let environment: Environment
    let keys: KMSKeys

    /// - Parameter keys: with which objects are encrypted; those of the database when left out.
    public init(
        store: ObjectStore, database: Database, clock: any HostClock, random: any RandomSource,
        environment: Environment = Environment(), keys: KMSKeys? = nil
    ) {
        self.keys = keys ?? KMSKeys(database: database, clock: clock, random: random)
        self.store = store
        self.database = database
        self.clock = clock
        self.random = random
        self.environment = environment
    }

    // MARK: What operations have in common

    /// Runs the body of an operation; what the modules throw comes out as S3's errors.
    func answer<Value>(_ body: () async throws -> Value) async throws(AWSError) -> Value {
        do {
            return try await body()
        } catch {
            throw AWSError(objects: error)
        }
    }

    /// The bucket, when it is the caller's as far as the request says.
    func bucket(_ name: String, owner: String? = nil) throws -> Bucket {
        let bucket = try store.bucket(name)
        guard owner == nil || owner == bucket.scope.account else { throw AWSError.s3AccessDenied }
        return bucket
    }

    func key(_ text: String) throws -> ObjectKey { try ObjectKey(text) }

    func requester(_ context: RequestContext) -> ObjectChange.Requester {
        ObjectChange.Requester(
            account: context.scope.account,
            principalID: "AWS:\(CanonicalUser.principalID(of: context.scope.account, prefix: "AIDA"))",
            sourceIP: context.sourceAddress, requestID: context.requestID, traceHeader: context.traceHeader)
    }

    /// The version to name in an answer: none in buckets that never had versions.
    func versionID(_ version: ObjectVersion, in bucket: Bucket) -> String? {
        bucket.versioning == .off ? nil : version.versionID
    }
}

/// The canonical user that stands for an account in ownership and access control lists.
enum CanonicalUser {
    static func id(of account: String) -> String {
        hexadecimal(Digest.sha256(Array("canonical-user/\(account)".utf8)))
    }

    /// A principal of the account, as notifications name it; always the same.
    static func principalID(of account: String, prefix: String) -> String {
        S3EventRecord.principalID(of: account, prefix: prefix)
    }

    static func owner(_ account: String) -> S3.Owner { S3.Owner { $0.id = id(of: account) } }
}

extension String {
    /// As entity tags stand in answers.
    var quoted: String { "\"\(self)\"" }
}
