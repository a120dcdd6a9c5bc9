import Core
public import Objects
public import Workflows

/// The buckets of this host as the place that distributed Maps read items from and write results to.
public struct BucketItems: Workflows.ObjectStore {
    private let objects: Objects.ObjectStore

    public init(_ objects: Objects.ObjectStore) { self.objects = objects }

    public func read(
        bucket: String, key: String, versionID: String?, limit: Int
    ) async throws(ObjectStoreFailure) -> [UInt8] {
        do {
            let content = try await objects.get(try ObjectKey(key), in: bucket, versionID: versionID)
            guard content.version.size <= Int64(limit) else {
                throw ObjectStoreFailure(
                    "The object s3://\(bucket)/\(key) has \(content.version.size) bytes; at most \(limit) can be read.")
            }
            return try await objects.read(content, 0..<content.version.size)
        } catch {
            throw Self.failure(error)
        }
    }

    public func list(
        bucket: String, prefix: String, after: String?
    ) async throws(ObjectStoreFailure) -> Workflows.ObjectListing {
        do {
            let page = try await objects.list(ListRequest(bucket: bucket, prefix: prefix, after: after ?? ""))
            let entries = page.versions.map { version in
                ObjectListing.Entry(
                    key: version.key.text, eTag: "\"\(version.etag)\"", lastModified: version.lastModified,
                    size: version.size, storageClass: version.attributes.storageClass ?? "STANDARD")
            }
            return ObjectListing(entries: entries, next: page.isTruncated ? page.last : nil)
        } catch {
            throw Self.failure(error)
        }
    }

    public func write(bucket: String, key: String, _ bytes: [UInt8]) async throws(ObjectStoreFailure) {
        do {
            var attributes = ObjectAttributes()
            attributes.contentType = "application/json"
            _ = try await objects.put(
                PutRequest(bucket: bucket, key: try ObjectKey(key), attributes: attributes), bytes)
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: any Error) -> ObjectStoreFailure {
        if let failure = error as? ObjectStoreFailure { return failure }
        return ObjectStoreFailure((error as? ObjectStoreError)?.message ?? "\(error)")
    }
}
