import Core
import StatesLanguage

extension ItemReading {
    /// The first items of an object; of a manifest, those of the files that it names.
    func parse(
        _ bytes: [UInt8], _ objects: any ObjectStore, _ bucket: String, _ limit: Int
    ) async throws(TaskFailure) -> [SourceItem] {
        let type = reader.configuration.inputType
        switch reader.configuration.manifestType ?? (type == .manifest ? .s3Inventory : nil) {
        case .s3Inventory: return try await inventory(bytes, objects, bucket, limit)
        case .athenaData: return try await athenaData(bytes, objects, limit)
        case nil: return try items(bytes, type, limit)
        }
    }

    private func items(
        _ bytes: [UInt8], _ type: ReaderConfiguration.InputType?, _ limit: Int
    ) throws(TaskFailure) -> [SourceItem] {
        switch type {
        case .csv, .manifest:
            let headers: [String]? =
                if case .given(let names) = reader.configuration.csvHeaders { names } else { nil }
            var table = CSVTable(bytes, delimiter: reader.configuration.csvDelimiter.byte)
            return try table.items(headers: headers, limit: limit)
        case .json:
            let items = try JSONItems.document(bytes, pointer: reader.configuration.itemsPointer)
            return Array(items.prefix(limit))
        case .jsonLines: return try JSONItems.lines(bytes, limit: limit)
        case .parquet: throw Self.failure("Items cannot be read from Parquet files here: convert them to JSONL or CSV.")
        case nil: throw Self.failure("ReaderConfig needs an InputType for s3:getObject.")
        }
    }

    // MARK: Manifests

    /// The manifest of a query's results lists its files one a line; the input type is theirs.
    private func athenaData(
        _ bytes: [UInt8], _ objects: any ObjectStore, _ limit: Int
    ) async throws(TaskFailure) -> [SourceItem] {
        var items: [SourceItem] = []
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) where items.count < limit
        {
            guard let address = S3Address(String(line)) else {
                throw Self.failure("'\(line)' in the manifest is no S3 address.")
            }
            let data = try await load(objects, address.bucket, address.key, nil)
            items += try self.items(data, reader.configuration.inputType, limit - items.count)
        }
        return items
    }

    /// The manifest of an inventory names its files, which lie in its own bucket, and their columns.
    private func inventory(
        _ bytes: [UInt8], _ objects: any ObjectStore, _ bucket: String, _ limit: Int
    ) async throws(TaskFailure) -> [SourceItem] {
        guard let document = try? JSON(parsing: bytes), let files = document["files"]?.arrayValue,
            let schema = document["fileSchema"]?.stringValue
        else { throw Self.failure("The manifest is not that of an S3 inventory: it needs files and fileSchema.") }
        if let format = document["fileFormat"]?.stringValue, format != "CSV" {
            throw Self.failure("Inventories in the format \(format) cannot be read here, only CSV.")
        }
        let headers = schema.split(separator: ",").map { String($0.drop { $0 == " " }) }
        var items: [SourceItem] = []
        for file in files where items.count < limit {
            guard let key = file["key"]?.stringValue else { throw Self.failure("A file of the manifest has no key.") }
            let data = try await load(objects, bucket, key, nil)
            var table = CSVTable(data, delimiter: UInt8(ascii: ","))
            items += try table.items(headers: headers, limit: limit - items.count)
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
