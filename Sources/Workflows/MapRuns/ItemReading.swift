import Core
import StatesLanguage

/// An item that is to be worked on, before the selector shapes it.
struct SourceItem: Sendable {
    var key: String?
    var value: JSON
}

/// The items of a map run and where they come from.
struct ItemCollection: Sendable {
    var items: [SourceItem]
    /// `Map.Item.Source`.
    var source: String
}

/// Reads the items of a distributed Map from a bucket.
struct ItemReading {
    /// The largest object read at once.
    static let objectLimit = 256 * 1024 * 1024
    static let maximumItems: Int64 = 100_000_000

    let objects: (any ObjectStore)?
    let reader: ItemReader
    let arguments: JSON
    let maxItems: Int64?

    func read() async throws(TaskFailure) -> ItemCollection {
        guard let objects else { throw Self.failure("This host has no buckets to read items from.") }
        if let maxItems, maxItems < 0 { throw Self.failure("field MaxItems must be positive") }
        guard let bucket = arguments["Bucket"]?.stringValue else { throw Self.failure("field Bucket must be a string") }
        let limit = Int(min(maxItems.flatMap { $0 == 0 ? nil : $0 } ?? Self.maximumItems, Self.maximumItems))
        if reader.resource.integration?.action == "listObjectsV2" {
            return try await list(objects, bucket, limit)
        }
        guard let key = arguments["Key"]?.stringValue else { throw Self.failure("field Key must be a string") }
        let bytes = try await load(objects, bucket, key, arguments["VersionId"]?.stringValue)
        let items = try await parse(bytes, objects, bucket, limit)
        return ItemCollection(items: items, source: "S3://\(bucket)/\(key)")
    }

    static func failure(_ cause: String) -> TaskFailure {
        TaskFailure(error: ErrorName.itemReaderFailed, cause: cause)
    }

    /// The object, decompressed if it is in the gzip format.
    func load(
        _ objects: any ObjectStore, _ bucket: String, _ key: String, _ version: String?
    ) async throws(TaskFailure) -> [UInt8] {
        let bytes: [UInt8]
        do throws(ObjectStoreFailure) {
            bytes = try await objects.read(bucket: bucket, key: key, versionID: version, limit: Self.objectLimit)
        } catch {
            throw Self.failure(error.cause)
        }
        guard Gzip.isCompressed(bytes) else { return bytes }
        do throws(Gzip.Failure) {
            return try Gzip.decompress(bytes, limit: Self.objectLimit)
        } catch {
            throw Self.failure("The object \(key) cannot be decompressed: \(Self.reason(error))")
        }
    }

    private static func reason(_ failure: Gzip.Failure) -> String {
        switch failure {
        case .outOfMemory: "there is no memory for it."
        case .tooLarge(let limit): "it has more than \(limit) bytes."
        case .invalid: "it is not valid gzip."
        }
    }

    // MARK: Listing

    private func list(
        _ objects: any ObjectStore, _ bucket: String, _ limit: Int
    ) async throws(TaskFailure) -> ItemCollection {
        let prefix = arguments["Prefix"]?.stringValue ?? ""
        var items: [SourceItem] = []
        var after: String?
        repeat {
            let page: ObjectListing
            do throws(ObjectStoreFailure) {
                page = try await objects.list(bucket: bucket, prefix: prefix, after: after)
            } catch {
                throw Self.failure(error.cause)
            }
            for entry in page.entries where items.count < limit {
                guard reader.configuration.transformation == .loadAndFlatten else {
                    items.append(SourceItem(key: nil, value: Self.item(entry)))
                    continue
                }
                // Consoles make an object of every folder.
                if entry.size == 0, entry.key.hasSuffix("/") { continue }
                let bytes = try await load(objects, bucket, entry.key, nil)
                items += try await parse(bytes, objects, bucket, limit - items.count)
            }
            after = page.next
        } while after != nil && items.count < limit
        return ItemCollection(items: items, source: "S3://\(bucket)")
    }

    private static func item(_ entry: ObjectListing.Entry) -> JSON {
        [
            "Etag": .string(entry.eTag), "Key": .string(entry.key),
            "LastModified": .double(entry.lastModified.seconds), "Size": .int(entry.size),
            "StorageClass": .string(entry.storageClass),
        ]
    }
}
