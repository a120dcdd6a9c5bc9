import Core

/// Reads CSV (RFC 4180) with any one-byte delimiter: quoted fields may hold delimiters, line breaks and doubled quotes.
struct CSVTable {
    private let bytes: [UInt8]
    private let delimiter: UInt8
    private var position = 0

    init(_ bytes: [UInt8], delimiter: UInt8) {
        // A byte order mark is no part of the first header.
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        self.delimiter = delimiter
    }

    /// One item for each of the first rows, by header: missing fields are empty, those beyond the headers are dropped.
    ///
    /// - Parameter headers: Nil when the first row has them.
    mutating func items(headers given: [String]?, limit: Int) throws(TaskFailure) -> [SourceItem] {
        guard let headers = given ?? row() else { return [] }
        guard Set(headers).count == headers.count else {
            throw ItemReading.failure("CSV headers cannot contain duplicates.")
        }
        var items: [SourceItem] = []
        let columns = Self.memberOrder(headers)
        while items.count < limit, let fields = row() {
            var item = JSONObject()
            item.reserveCapacity(headers.count)
            for index in columns {
                item[headers[index]] = .string(fields.indices.contains(index) ? fields[index] : "")
            }
            items.append(SourceItem(key: nil, value: .object(item)))
        }
        return items
    }

    /// The order in which AWS gives the members of an item, which is not that of the columns: it keeps them in a hash
    /// table of Java's, by buckets.
    private static func memberOrder(_ headers: [String]) -> [Int] {
        var buckets: UInt32 = 16
        while headers.count * 4 > Int(buckets) * 3 { buckets *= 2 }
        func bucket(_ header: String) -> UInt32 {
            let hash = header.utf16.reduce(0 as UInt32) { $0 &* 31 &+ UInt32($1) }
            return (hash ^ hash >> 16) & (buckets - 1)
        }
        let places = headers.map(bucket)
        return headers.indices.sorted { (places[$0], $0) < (places[$1], $1) }
    }

    private mutating func row() -> [String]? {
        guard position < bytes.count else { return nil }
        var fields: [String] = []
        while true {
            fields.append(field())
            guard position < bytes.count else { return fields }
            let end = bytes[position]
            position += 1
            if end == delimiter {
                if position == bytes.count { fields.append("") }
                if position == bytes.count { return fields }
                continue
            }
            if end == UInt8(ascii: "\r"), position < bytes.count, bytes[position] == UInt8(ascii: "\n") {
                position += 1
            }
            return fields
        }
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == delimiter || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private mutating func field() -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return plainField() }
        position += 1
        var field: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != UInt8(ascii: "\"") {
                field.append(byte)
            } else if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                field.append(byte)
                position += 1
            } else {
                break
            }
        }
        return String(decoding: field, as: UTF8.self) + plainField()
    }

    private mutating func plainField() -> String {
        let start = position
        while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }
}
