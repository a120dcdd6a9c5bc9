import AWSModels
import Core
import Objects
import Storage
import Wire

// Configurations of which a bucket has several, each with an identifier: metrics, analytics, inventory, tiering.
extension S3Provider {
    private static let missing = AWSError(
        "NoSuchConfiguration", "The specified configuration does not exist.", status: 404)
    /// How many of a kind a bucket may have.
    private static let configurationLimit = 1000
    private static let pageSize = 100

    /// All of a kind by their identifiers.
    private func configurations(_ kind: BucketDocument, _ name: String, _ owner: String?) async throws -> JSONObject {
        _ = try bucket(name, owner: owner)
        guard let text = try await store.document(kind, of: name) else { return JSONObject() }
        return (try? JSON(parsing: text))?.objectValue ?? JSONObject()
    }

    private func configuration<T: Shape>(
        _ kind: BucketDocument, _ id: String, _ name: String, _ owner: String?, as: T.Type = T.self
    ) async throws -> T {
        guard let object = try await configurations(kind, name, owner)[id]?.objectValue else { throw Self.missing }
        return T(record: RecordDocument.record(object, T.schema))
    }

    private func put(
        _ kind: BucketDocument, _ id: String, documentID: String, _ shape: some Shape, _ name: String, _ owner: String?
    ) async throws {
        guard id == documentID else {
            throw AWSError("IdMismatch", "Document ID does not match the specified configuration ID.", status: 400)
        }
        var all = try await configurations(kind, name, owner)
        guard all[id] != nil || all.count < Self.configurationLimit else {
            throw AWSError(
                "TooManyConfigurations",
                "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.",
                status: 400)
        }
        all[id] = .object(RecordDocument.json(shape.record))
        try await store.setDocument(kind, JSON.object(all).text(), of: name)
    }

    private func remove(_ kind: BucketDocument, _ id: String, _ name: String, _ owner: String?) async throws {
        var all = try await configurations(kind, name, owner)
        guard all.removeValue(forKey: id) != nil else { throw Self.missing }
        try await store.setDocument(kind, all.isEmpty ? nil : JSON.object(all).text(), of: name)
    }

    private struct Page<T> {
        var items: [T]?
        var next: String?
    }

    /// In the order of the identifiers.
    private func page<T: Shape>(
        _ kind: BucketDocument, _ name: String, _ owner: String?, _ token: String?
    ) async throws -> Page<T> {
        let after = token.flatMap(ListingToken.read) ?? ""
        let rest = try await configurations(kind, name, owner).filter { $0.key > after }.sorted { $0.key < $1.key }
        let items = rest.prefix(Self.pageSize).map {
            T(record: RecordDocument.record($0.value.objectValue ?? JSONObject(), T.schema))
        }
        let next = rest.count > Self.pageSize ? ListingToken.make(rest[Self.pageSize - 1].key) : nil
        return Page(items: items.isEmpty ? nil : items, next: next)
    }

    // MARK: Metrics

    public func putBucketMetricsConfiguration(
        _ input: S3.PutBucketMetricsConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await put(
                .metrics, input.id, documentID: input.metricsConfiguration.id, input.metricsConfiguration, input.bucket,
                input.expectedBucketOwner)
        }
    }

    public func getBucketMetricsConfiguration(
        _ input: S3.GetBucketMetricsConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketMetricsConfigurationOutput {
        try await answer {
            let found: S3.MetricsConfiguration = try await configuration(
                .metrics, input.id, input.bucket, input.expectedBucketOwner)
            return S3.GetBucketMetricsConfigurationOutput { $0.metricsConfiguration = found }
        }
    }

    public func deleteBucketMetricsConfiguration(
        _ input: S3.DeleteBucketMetricsConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await remove(.metrics, input.id, input.bucket, input.expectedBucketOwner) }
    }

    public func listBucketMetricsConfigurations(
        _ input: S3.ListBucketMetricsConfigurationsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListBucketMetricsConfigurationsOutput {
        try await answer {
            let page: Page<S3.MetricsConfiguration> = try await page(
                .metrics, input.bucket, input.expectedBucketOwner, input.continuationToken)
            return S3.ListBucketMetricsConfigurationsOutput {
                $0.metricsConfigurationList = page.items
                $0.isTruncated = page.next != nil
                $0.continuationToken = input.continuationToken
                $0.nextContinuationToken = page.next
            }
        }
    }

    // MARK: Analytics

    public func putBucketAnalyticsConfiguration(
        _ input: S3.PutBucketAnalyticsConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            guard input.id == input.analyticsConfiguration.id else { throw AWSError.malformedXML() }
            try await put(
                .analytics, input.id, documentID: input.analyticsConfiguration.id, input.analyticsConfiguration,
                input.bucket, input.expectedBucketOwner)
        }
    }

    public func getBucketAnalyticsConfiguration(
        _ input: S3.GetBucketAnalyticsConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketAnalyticsConfigurationOutput {
        try await answer {
            let found: S3.AnalyticsConfiguration = try await configuration(
                .analytics, input.id, input.bucket, input.expectedBucketOwner)
            return S3.GetBucketAnalyticsConfigurationOutput { $0.analyticsConfiguration = found }
        }
    }

    public func deleteBucketAnalyticsConfiguration(
        _ input: S3.DeleteBucketAnalyticsConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await remove(.analytics, input.id, input.bucket, input.expectedBucketOwner) }
    }

    public func listBucketAnalyticsConfigurations(
        _ input: S3.ListBucketAnalyticsConfigurationsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListBucketAnalyticsConfigurationsOutput {
        try await answer {
            let page: Page<S3.AnalyticsConfiguration> = try await page(
                .analytics, input.bucket, input.expectedBucketOwner, input.continuationToken)
            return S3.ListBucketAnalyticsConfigurationsOutput {
                $0.analyticsConfigurationList = page.items
                $0.isTruncated = page.next != nil
                $0.continuationToken = input.continuationToken
                $0.nextContinuationToken = page.next
            }
        }
    }

    // MARK: Inventory

    public func putBucketInventoryConfiguration(
        _ input: S3.PutBucketInventoryConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            let given = input.inventoryConfiguration
            guard input.id == given.id else {
                throw AWSError("IdMismatch", "Document ID does not match the specified configuration ID.", status: 400)
            }
            try Self.check(given)
            try await put(
                .inventory, input.id, documentID: given.id, given, input.bucket, input.expectedBucketOwner)
        }
    }

    private static let inventoryFields: Set<String> = [
        "Size", "LastModifiedDate", "StorageClass", "ETag", "IsMultipartUploaded", "ReplicationStatus",
        "EncryptionStatus", "ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus",
        "IntelligentTieringAccessTier", "BucketKeyStatus", "ChecksumAlgorithm", "ObjectAccessControlList",
        "ObjectOwner", "LifecycleExpirationDate",
    ]

    private static func check(_ inventory: S3.InventoryConfiguration) throws {
        let destination = inventory.destination.s3BucketDestination
        guard ["CSV", "ORC", "Parquet"].contains(destination.format.rawValue) else { throw AWSError.malformedXML() }
        guard let arn = ARN(destination.bucket), arn.service == "s3" else {
            throw AWSError("InvalidS3DestinationBucket", "Invalid bucket ARN.", status: 400)
        }
        guard ["Daily", "Weekly"].contains(inventory.schedule.frequency.rawValue),
            ["All", "Current"].contains(inventory.includedObjectVersions.rawValue),
            (inventory.optionalFields ?? []).allSatisfy({ inventoryFields.contains($0.rawValue) })
        else { throw AWSError.malformedXML() }
    }

    public func getBucketInventoryConfiguration(
        _ input: S3.GetBucketInventoryConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketInventoryConfigurationOutput {
        try await answer {
            let found: S3.InventoryConfiguration = try await configuration(
                .inventory, input.id, input.bucket, input.expectedBucketOwner)
            return S3.GetBucketInventoryConfigurationOutput { $0.inventoryConfiguration = found }
        }
    }

    public func deleteBucketInventoryConfiguration(
        _ input: S3.DeleteBucketInventoryConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await remove(.inventory, input.id, input.bucket, input.expectedBucketOwner) }
    }

    public func listBucketInventoryConfigurations(
        _ input: S3.ListBucketInventoryConfigurationsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListBucketInventoryConfigurationsOutput {
        try await answer {
            let page: Page<S3.InventoryConfiguration> = try await page(
                .inventory, input.bucket, input.expectedBucketOwner, input.continuationToken)
            return S3.ListBucketInventoryConfigurationsOutput {
                $0.inventoryConfigurationList = page.items
                $0.isTruncated = page.next != nil
                $0.continuationToken = input.continuationToken
                $0.nextContinuationToken = page.next
            }
        }
    }

    // MARK: Intelligent tiering

    public func putBucketIntelligentTieringConfiguration(
        _ input: S3.PutBucketIntelligentTieringConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            let given = input.intelligentTieringConfiguration
            guard input.id == given.id else { throw AWSError.malformedXML() }
            try await put(.tiering, input.id, documentID: given.id, given, input.bucket, input.expectedBucketOwner)
        }
    }

    public func getBucketIntelligentTieringConfiguration(
        _ input: S3.GetBucketIntelligentTieringConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketIntelligentTieringConfigurationOutput {
        try await answer {
            let found: S3.IntelligentTieringConfiguration = try await configuration(
                .tiering, input.id, input.bucket, input.expectedBucketOwner)
            return S3.GetBucketIntelligentTieringConfigurationOutput { $0.intelligentTieringConfiguration = found }
        }
    }

    public func deleteBucketIntelligentTieringConfiguration(
        _ input: S3.DeleteBucketIntelligentTieringConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await remove(.tiering, input.id, input.bucket, input.expectedBucketOwner) }
    }

    public func listBucketIntelligentTieringConfigurations(
        _ input: S3.ListBucketIntelligentTieringConfigurationsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListBucketIntelligentTieringConfigurationsOutput {
        try await answer {
            let page: Page<S3.IntelligentTieringConfiguration> = try await page(
                .tiering, input.bucket, input.expectedBucketOwner, input.continuationToken)
            return S3.ListBucketIntelligentTieringConfigurationsOutput {
                $0.intelligentTieringConfigurationList = page.items
                $0.isTruncated = page.next != nil
                $0.continuationToken = input.continuationToken
                $0.nextContinuationToken = page.next
            }
        }
    }
}

extension BucketDocument {
    static let metrics = Self(rawValue: "metrics")
    static let analytics = Self(rawValue: "analytics")
    static let inventory = Self(rawValue: "inventory")
    static let tiering = Self(rawValue: "intelligent-tiering")
}
