import AWSModels
import Core
import Objects
import Wire

/// Until when a version must not be deleted.
struct Retention: Hashable, Sendable {
    /// `GOVERNANCE` or `COMPLIANCE`.
    var mode: String
    var until: Timestamp

    static let document = "retention"

    init(mode: String, until: Timestamp) {
        self.mode = mode
        self.until = until
    }

    init?(_ attributes: ObjectAttributes) {
        guard let text = attributes.document(Self.document), let space = text.firstIndex(of: " "),
            let milliseconds = Int64(text[text.index(after: space)...])
        else { return nil }
        mode = String(text[..<space])
        until = Timestamp(milliseconds: milliseconds)
    }

    var text: String { "\(mode) \(until.milliseconds)" }
}

enum LegalHold {
    static let document = "legal-hold"
}

extension AWSError {
    static var locked: AWSError {
        AWSError("AccessDenied", "Access Denied because object protected by object lock.", status: 403)
    }

    static var lockMissing: AWSError { .invalidRequest("Bucket is missing Object Lock Configuration") }
}

extension S3Provider {
    func lockConfiguration(_ bucket: Bucket) async throws -> S3.ObjectLockConfiguration? {
        RecordDocument.read(try await store.document(.objectLock, of: bucket.name))
    }

    // MARK: Writes

    /// Puts the retention and legal hold of a write, or the bucket's default, into its attributes.
    func lock(_ attributes: inout ObjectAttributes, _ write: ObjectWrite, in bucket: Bucket) async throws {
        if let hold = write.legalHold, !["ON", "OFF"].contains(hold) {
            throw AWSError.invalidArgument(
                "Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold", hold)
        }
        guard (write.lockMode == nil) == (write.retainUntil == nil) else {
            throw AWSError.invalidArgument(
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                write.lockMode == nil ? "x-amz-object-lock-mode" : "x-amz-object-lock-retain-until-date")
        }
        if let mode = write.lockMode, !["GOVERNANCE", "COMPLIANCE"].contains(mode) {
            throw AWSError.invalidArgument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode)
        }
        attributes.setDocument(Retention.document, nil)
        attributes.setDocument(LegalHold.document, nil)
        let configuration = try await lockConfiguration(bucket)
        guard let configuration else {
            guard write.lockMode == nil, write.legalHold == nil else { throw AWSError.lockMissing }
            return
        }
        if let hold = write.legalHold { attributes.setDocument(LegalHold.document, hold) }
        if let mode = write.lockMode, let until = write.retainUntil {
            guard until > clock.now else {
                throw AWSError.invalidArgument(
                    "The retain until date must be in the future!", "x-amz-object-lock-retain-until-date",
                    until.description)
            }
            attributes.setDocument(Retention.document, Retention(mode: mode, until: until).text)
        } else if let rule = configuration.rule?.defaultRetention, let mode = rule.mode {
            let days = rule.days ?? (rule.years ?? 0) * 365
            let until = clock.now.adding(milliseconds: Int64(min(days, 36_500)) * 86_400_000)
            attributes.setDocument(Retention.document, Retention(mode: mode.rawValue, until: until).text)
        }
    }

    // MARK: Deletions

    func checkBypass(_ bypass: Bool?, _ bucket: Bucket) async throws {
        guard bypass != nil, try await lockConfiguration(bucket) == nil else { return }
        throw AWSError.invalidArgument(
            "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
            "x-amz-bypass-governance-retention")
    }

    /// Only versions are protected: a delete marker takes nothing away.
    func checkLock(_ key: ObjectKey, _ versionID: String?, _ bypasses: Bool, _ bucket: Bucket) async throws {
        guard let versionID, let version = try await store.entry(key, in: bucket.name, versionID: versionID) else {
            return
        }
        if version.attributes.document(LegalHold.document) == "ON" { throw AWSError.locked }
        guard let retention = Retention(version.attributes), retention.until > clock.now else { return }
        guard bypasses, retention.mode == "GOVERNANCE" else { throw AWSError.locked }
    }

    // MARK: Operations

    public func getObjectLockConfiguration(
        _ input: S3.GetObjectLockConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetObjectLockConfigurationOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard let configuration = try await lockConfiguration(bucket) else {
                throw AWSError.notConfigured(
                    "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket",
                    input.bucket)
            }
            return S3.GetObjectLockConfigurationOutput { $0.objectLockConfiguration = configuration }
        }
    }

    public func putObjectLockConfiguration(
        _ input: S3.PutObjectLockConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.PutObjectLockConfigurationOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard bucket.versioning == .enabled else {
                throw AWSError(
                    "InvalidBucketState",
                    "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
                    status: 409)
            }
            guard let configuration = input.objectLockConfiguration, configuration.objectLockEnabled == .enabled else {
                throw AWSError.malformedXML()
            }
            if let rule = configuration.rule {
                guard let retention = rule.defaultRetention, let mode = retention.mode,
                    ["GOVERNANCE", "COMPLIANCE"].contains(mode.rawValue),
                    (retention.days == nil) != (retention.years == nil)
                else { throw AWSError.malformedXML() }
                guard retention.days ?? retention.years ?? 0 > 0 else {
                    throw AWSError(
                        "InvalidArgument", "Default retention period must be a positive integer value.", status: 400)
                }
            }
            try await store.setDocument(.objectLock, RecordDocument.text(configuration), of: input.bucket)
            return S3.PutObjectLockConfigurationOutput()
        }
    }

    /// The version that a retention or legal hold is about.
    private func lockable(_ name: String, _ text: String, _ versionID: String?, _ method: String) async throws
        -> ObjectVersion
    {
        let key = try key(text)
        let entry = try await store.entry(key, in: name, versionID: versionID)
        if let entry, entry.isDeleteMarker {
            throw AWSError(
                "MethodNotAllowed", "The specified method is not allowed against this resource.", status: 405
            ).with("Method", .string(method)).with("ResourceType", "DeleteMarker")
        }
        return try await store.head(key, in: name, versionID: versionID)
    }

    public func getObjectRetention(
        _ input: S3.GetObjectRetentionRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetObjectRetentionOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard try await lockConfiguration(bucket) != nil else { throw AWSError.lockMissing }
            let version = try await lockable(input.bucket, input.key, input.versionId, "GET")
            guard let retention = Retention(version.attributes) else { throw Self.neverLocked }
            return S3.GetObjectRetentionOutput {
                $0.retention = S3.ObjectLockRetention {
                    $0.mode = S3.ObjectLockRetentionMode(rawValue: retention.mode)
                    $0.retainUntilDate = retention.until
                }
            }
        }
    }

    private static var neverLocked: AWSError {
        AWSError(
            "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration",
            status: 404)
    }

    public func putObjectRetention(
        _ input: S3.PutObjectRetentionRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.PutObjectRetentionOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let version = try await lockable(input.bucket, input.key, input.versionId, "PUT")
            guard try await lockConfiguration(bucket) != nil else { throw AWSError.lockMissing }
            let wanted = try retention(input.retention)
            try Self.checkChange(
                of: Retention(version.attributes), to: wanted, input.bypassGovernanceRetention ?? false, clock.now)
            try await store.setDocument(
                Retention.document, wanted?.text, of: version.key, in: input.bucket, versionID: input.versionId)
            return S3.PutObjectRetentionOutput()
        }
    }

    /// Nil to take a retention away.
    private func retention(_ input: S3.ObjectLockRetention?) throws -> Retention? {
        guard let input, input.mode != nil || input.retainUntilDate != nil else { return nil }
        guard let mode = input.mode?.rawValue, let until = input.retainUntilDate,
            ["GOVERNANCE", "COMPLIANCE"].contains(mode)
        else { throw AWSError.malformedXML() }
        guard until > clock.now else {
            throw AWSError.invalidArgument(
                "The retain until date must be in the future!", "RetainUntilDate", Self.pacificTime(until))
        }
        return Retention(mode: mode, until: until)
    }

    /// `Tue Dec 31 16:00:00 PST 2019`: the error names times as they are at S3's home.
    private static func pacificTime(_ time: Timestamp) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let local = CivilTime(time.adding(milliseconds: -8 * 3_600_000))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(local.hour)):\(two(local.minute)):\(two(local.second))"
        return
            "\(days[local.weekday % 7]) \(months[(local.month - 1) % 12]) \(two(local.day)) \(clock) PST \(local.year)"
    }

    private static func checkChange(
        of current: Retention?, to wanted: Retention?, _ bypasses: Bool, _ now: Timestamp
    ) throws {
        guard let current, current.until > now else { return }
        if let wanted, wanted.until >= current.until, wanted.mode == current.mode || current.mode == "GOVERNANCE" {
            return
        }
        guard bypasses, current.mode == "GOVERNANCE" else { throw AWSError.locked }
    }

    public func getObjectLegalHold(
        _ input: S3.GetObjectLegalHoldRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetObjectLegalHoldOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard try await lockConfiguration(bucket) != nil else { throw AWSError.lockMissing }
            let version = try await lockable(input.bucket, input.key, input.versionId, "GET")
            guard let status = version.attributes.document(LegalHold.document) else { throw Self.neverLocked }
            return S3.GetObjectLegalHoldOutput {
                $0.legalHold = S3.ObjectLockLegalHold { $0.status = S3.ObjectLockLegalHoldStatus(rawValue: status) }
            }
        }
    }

    public func putObjectLegalHold(
        _ input: S3.PutObjectLegalHoldRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.PutObjectLegalHoldOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let version = try await lockable(input.bucket, input.key, input.versionId, "PUT")
            guard let status = input.legalHold?.status?.rawValue, ["ON", "OFF"].contains(status) else {
                throw AWSError.malformedXML()
            }
            guard try await lockConfiguration(bucket) != nil else { throw AWSError.lockMissing }
            try await store.setDocument(
                LegalHold.document, status, of: version.key, in: input.bucket, versionID: input.versionId)
            return S3.PutObjectLegalHoldOutput()
        }
    }
}
