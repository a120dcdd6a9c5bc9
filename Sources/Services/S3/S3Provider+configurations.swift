import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    // MARK: Documents

    /// A bucket's document; when there is none the error that says so.
    func stored<T: Shape>(
        _ kind: BucketDocument, _ name: String, _ owner: String?, _ code: String, _ message: String, as: T.Type = T.self
    ) async throws -> T {
        _ = try bucket(name, owner: owner)
        guard let document: T = RecordDocument.read(try await store.document(kind, of: name)) else {
            throw AWSError.notConfigured(code, message, name)
        }
        return document
    }

    func keep(_ kind: BucketDocument, _ text: String?, _ name: String, _ owner: String?) async throws {
        _ = try bucket(name, owner: owner)
        try await store.setDocument(kind, text, of: name)
    }

    // MARK: Versioning

    public func getBucketVersioning(
        _ input: S3.GetBucketVersioningRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketVersioningOutput {
        try await answer {
            let versioning = try bucket(input.bucket, owner: input.expectedBucketOwner).versioning
            return S3.GetBucketVersioningOutput {
                if versioning != .off { $0.status = S3.BucketVersioningStatus(rawValue: versioning.rawValue) }
            }
        }
    }

    public func putBucketVersioning(
        _ input: S3.PutBucketVersioningRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard let status = input.versioningConfiguration.status?.rawValue else {
                throw AWSError(
                    "IllegalVersioningConfigurationException", "The Versioning element must be specified", status: 400)
            }
            guard let state = VersioningState(rawValue: status), state != .off else { throw AWSError.malformedXML() }
            if state == .suspended, try await lockConfiguration(bucket) != nil {
                throw AWSError(
                    "InvalidBucketState",
                    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
                    status: 409)
            }
            try await store.setVersioning(state, of: input.bucket)
        }
    }

    // MARK: Encryption

    public func getBucketEncryption(
        _ input: S3.GetBucketEncryptionRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketEncryptionOutput {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let stored: S3.ServerSideEncryptionConfiguration? = RecordDocument.read(
                try await store.document(.encryption, of: input.bucket))
            return S3.GetBucketEncryptionOutput { $0.serverSideEncryptionConfiguration = stored ?? Self.ownKeys }
        }
    }

    /// What every bucket has: S3's own keys.
    private static var ownKeys: S3.ServerSideEncryptionConfiguration {
        S3.ServerSideEncryptionConfiguration {
            $0.rules = [
                S3.ServerSideEncryptionRule {
                    $0.applyServerSideEncryptionByDefault = S3.ServerSideEncryptionByDefault {
                        $0.sseAlgorithm = .aes256
                    }
                    $0.bucketKeyEnabled = false
                }
            ]
        }
    }

    public func putBucketEncryption(
        _ input: S3.PutBucketEncryptionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            var configuration = input.serverSideEncryptionConfiguration
            guard configuration.rules.count == 1, var rule = configuration.rules.first,
                let standard = rule.applyServerSideEncryptionByDefault
            else { throw AWSError.malformedXML() }
            guard ["AES256", "aws:kms", "aws:kms:dsse"].contains(standard.sseAlgorithm.rawValue) else {
                throw AWSError.malformedXML()
            }
            guard standard.sseAlgorithm != .aes256 || standard.kmsMasterKeyID == nil else {
                throw AWSError.invalidArgument(
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                    "ApplyServerSideEncryptionByDefault")
            }
            if rule.bucketKeyEnabled == nil { rule.bucketKeyEnabled = false }
            configuration.rules = [rule]
            try await store.setDocument(.encryption, RecordDocument.text(configuration), of: input.bucket)
        }
    }

    public func deleteBucketEncryption(
        _ input: S3.DeleteBucketEncryptionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await keep(.encryption, nil, input.bucket, input.expectedBucketOwner) }
    }

    // MARK: Ownership

    public func getBucketOwnershipControls(
        _ input: S3.GetBucketOwnershipControlsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketOwnershipControlsOutput {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let text = try await store.document(.ownershipControls, of: input.bucket)
            guard text != Self.removed else {
                throw AWSError.notConfigured(
                    "OwnershipControlsNotFoundError", "The bucket ownership controls were not found", input.bucket)
            }
            return S3.GetBucketOwnershipControlsOutput {
                $0.ownershipControls = RecordDocument.read(text) ?? Ownership.controls(.bucketOwnerEnforced)
            }
        }
    }

    /// Stands for a default that was deleted.
    static let removed = "removed"

    public func putBucketOwnershipControls(
        _ input: S3.PutBucketOwnershipControlsRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            let known: [S3.ObjectOwnership] = [.bucketOwnerPreferred, .objectWriter, .bucketOwnerEnforced]
            guard let rules = Optional(input.ownershipControls.rules), rules.count == 1, let rule = rules.first,
                known.contains(rule.objectOwnership)
            else { throw AWSError.malformedXML() }
            let text = RecordDocument.text(input.ownershipControls)
            try await keep(.ownershipControls, text, input.bucket, input.expectedBucketOwner)
        }
    }

    public func deleteBucketOwnershipControls(
        _ input: S3.DeleteBucketOwnershipControlsRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await keep(.ownershipControls, Self.removed, input.bucket, input.expectedBucketOwner)
        }
    }

    // MARK: Public access

    public func getPublicAccessBlock(
        _ input: S3.GetPublicAccessBlockRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetPublicAccessBlockOutput {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard let block = try await publicAccessBlock(input.bucket) else {
                throw AWSError.notConfigured(
                    "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found",
                    input.bucket)
            }
            return S3.GetPublicAccessBlockOutput { $0.publicAccessBlockConfiguration = block }
        }
    }

    public func putPublicAccessBlock(
        _ input: S3.PutPublicAccessBlockRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            let given = input.publicAccessBlockConfiguration
            guard !given.record.isEmpty else { throw AWSError.malformedXML() }
            let whole = S3.PublicAccessBlockConfiguration {
                $0.blockPublicAcls = given.blockPublicAcls ?? false
                $0.ignorePublicAcls = given.ignorePublicAcls ?? false
                $0.blockPublicPolicy = given.blockPublicPolicy ?? false
                $0.restrictPublicBuckets = given.restrictPublicBuckets ?? false
            }
            try await keep(.publicAccessBlock, RecordDocument.text(whole), input.bucket, input.expectedBucketOwner)
        }
    }

    public func deletePublicAccessBlock(
        _ input: S3.DeletePublicAccessBlockRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await keep(.publicAccessBlock, Self.removed, input.bucket, input.expectedBucketOwner)
        }
    }
}
