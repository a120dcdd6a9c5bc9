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
        let items = try await parse(bytes, objects, bucket)
        return ItemCollection(items: Array(items.prefix(limit)), source: "S3://\(bucket)/\(key)")
    }

    static func failure(_ cause: String) -> TaskFailure {
        TaskFailure(error: ErrorName.itemReaderFailed, cause: cause)
    }

    private func load(
        _ objects: any ObjectStore, _ bucket: String, _ key: String, _ version: String?
    ) async throws(TaskFailure) -> [UInt8] {
        do throws(ObjectStoreFailure) {
            return try await objects.read(bucket: bucket, key: key, versionID: version, limit: Self.objectLimit)
        } catch {
            throw Self.failure(error.cause)
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
                if reader.configuration.transformation == .loadAndFlatten {
                    let bytes = try await load(objects, bucket, entry.key, nil)
                    items += try await parse(bytes, objects, bucket)
                } else {
                    items.append(SourceItem(key: nil, value: Self.item(entry)))
                }
            }
            after = page.next
        } while after != nil && items.count < limit
        return ItemCollection(items: Array(items.prefix(limit)), source: "S3://\(bucket)")
    }

    private static func item(_ entry: ObjectListing.Entry) -> JSON {
        [
            "Etag": .string(entry.eTag), "Key": .string(entry.key),
            "LastModified": .double(entry.lastModified.seconds), "Size": .int(entry.size),
            "StorageClass": .string(entry.storageClass),
        ]
    }

    // MARK: Formats

    private func parse(
        _ bytes: [UInt8], _ objects: any ObjectStore, _ bucket: String
    ) async throws(TaskFailure) -> [SourceItem] {
        switch reader.configuration.inputType {
        case .csv:
            let headers: [String]? =
                if case .given(let names) = reader.configuration.csvHeaders { names } else { nil }
            var table = CSVTable(bytes, delimiter: reader.configuration.csvDelimiter.byte)
            return try table.items(headers: headers)
        case .json: return try JSONItems.document(bytes, pointer: reader.configuration.itemsPointer)
        case .jsonLines: return try JSONItems.lines(bytes)
        case .manifest: return try await manifest(bytes, objects, bucket)
        case .parquet: throw Self.failure("Items cannot be read from Parquet files here: convert them to JSONL or CSV.")
        case nil: throw Self.failure("ReaderConfig needs an InputType for s3:getObject.")
        }
    }

    /// An inventory names its CSV files and their columns; a manifest of query results lists its files one a line.
    private func manifest(
        _ bytes: [UInt8], _ objects: any ObjectStore, _ bucket: String
    ) async throws(TaskFailure) -> [SourceItem] {
        if reader.configuration.manifestType == .athenaData {
            var items: [SourceItem] = []
            for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
                guard let address = S3Address(String(line)) else {
                    throw Self.failure("'\(line)' in the manifest is no S3 address.")
                }
                let data = try await load(objects, address.bucket, address.key, nil)
                var table = CSVTable(data, delimiter: UInt8(ascii: ","))
                items += try table.items(headers: nil)
            }
            return items
        }
        guard let document = try? JSON(parsing: bytes), let files = document["files"]?.arrayValue,
            let schema = document["fileSchema"]?.stringValue
        else { throw Self.failure("The manifest is not that of an S3 inventory: it needs files and fileSchema.") }
        if let format = document["fileFormat"]?.stringValue, format != "CSV" {
            throw Self.failure("Inventories in the format \(format) cannot be read here, only CSV.")
        }
        let headers = schema.split(separator: ",").map { String($0.drop { $0 == " " }) }
        var items: [SourceItem] = []
        for file in files {
            guard let key = file["key"]?.stringValue else { throw Self.failure("A file of the manifest has no key.") }
            let data = try await load(objects, bucket, key, nil)
            guard data.starts(with: [0x1F, 0x8B]) == false else {
                throw Self.failure("The inventory file \(key) is compressed, which cannot be read here.")
            }
            var table = CSVTable(data, delimiter: UInt8(ascii: ","))
            items += try table.items(headers: headers)
        }
        return items
    }
}

struct S3Address {
    let bucket: String
    let key: String

    init?(_ text: String) {
        guard text.hasPrefix("s3://") else { return nil }
        let parts = text.dropFirst(5).split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        bucket = String(parts[0])
        key = String(parts[1])
    }
}

/// Items in JSON documents and lines.
enum JSONItems {
    static func document(_ bytes: [UInt8], pointer: String?) throws(TaskFailure) -> [SourceItem] {
        var value = try parse(bytes[...], "The file is not JSON")
        if let pointer, !pointer.isEmpty {
            guard let found = value.value(at: pointer) else {
                throw ItemReading.failure("The ItemsPointer '\(pointer)' leads to nothing.")
            }
            value = found
        }
        switch value {
        case .array(let items): return items.map { SourceItem(key: nil, value: $0) }
        case .object(let object) where pointer != nil:
            return object.map { SourceItem(key: $0.key, value: $0.value) }
        default: throw ItemReading.failure("Attempting to map over non-iterable node.")
        }
    }

    static func lines(_ bytes: [UInt8]) throws(TaskFailure) -> [SourceItem] {
        var items: [SourceItem] = []
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            number += 1
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            items.append(SourceItem(key: nil, value: try parse(line, "Line \(number) is not JSON")))
        }
        return items
    }

    private static func parse(_ bytes: ArraySlice<UInt8>, _ what: String) throws(TaskFailure) -> JSON {
        do throws(JSONParseError) {
            return try JSON(parsing: bytes)
        } catch {
            throw ItemReading.failure("\(what): \(error)")
        }
    }
}

extension JSON {
    /// What a JSON pointer (RFC 6901) leads to.
    fileprivate func value(at pointer: String) -> JSON? {
        var value = self
        for part in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = part.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
                .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
            guard let next = value[key: name] ?? Int(name).flatMap({ value[$0] }) else { return nil }
            value = next
        }
        return value
    }

    private subscript(key name: String) -> JSON? { objectValue?[name] }
}
