import Core

/// What is kept with an object beside its bytes.
public struct ObjectAttributes: Hashable, Sendable {
    public var contentType: String?
    public var contentEncoding: String?
    public var contentDisposition: String?
    public var contentLanguage: String?
    public var cacheControl: String?
    public var expires: String?
    public var websiteRedirectLocation: String?
    /// Nil for `STANDARD`.
    public var storageClass: String?
    /// The user's own metadata, names without `x-amz-meta-`.
    public var metadata: [Pair] = []
    public var tags: [Pair] = []
    /// Base64 values by algorithm (`CRC32`, `CRC32C`, `CRC64NVME`, `SHA1`, `SHA256`).
    public var checksums: [Pair] = []
    /// `FULL_OBJECT` or `COMPOSITE`.
    public var checksumType: String?
    /// The parts of a multipart upload, in order; empty otherwise.
    public var parts: [Part] = []
    /// Documents that are given back as they came: access control list, retention, legal hold, encryption.
    public var documents: [Pair] = []

    public init() {}

    public struct Pair: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public struct Part: Hashable, Sendable {
        public var number: Int
        /// Bytes.
        public var size: Int64
        public var checksums: [Pair]
        /// With what it was encrypted besides the key, where it was.
        public var nonce: String?

        public init(number: Int, size: Int64, checksums: [Pair] = [], nonce: String? = nil) {
            self.number = number
            self.size = size
            self.checksums = checksums
            self.nonce = nonce
        }
    }

    public func document(_ name: String) -> String? { documents.first { $0.name == name }?.value }

    public mutating func setDocument(_ name: String, _ value: String?) {
        documents.removeAll { $0.name == name }
        if let value { documents.append(Pair(name, value)) }
    }

    /// The bytes of one part within the object.
    public func range(ofPart number: Int) -> Range<Int64>? {
        var start: Int64 = 0
        for part in parts {
            if part.number == number { return start..<start + part.size }
            start += part.size
        }
        return nil
    }
}

// The form in which attributes lie in the database: members that are not set are left out.
extension ObjectAttributes {
    private static let texts: [(String, any WritableKeyPath<ObjectAttributes, String?> & Sendable)] = [
        ("contentType", \.contentType), ("contentEncoding", \.contentEncoding),
        ("contentDisposition", \.contentDisposition), ("contentLanguage", \.contentLanguage),
        ("cacheControl", \.cacheControl), ("expires", \.expires),
        ("websiteRedirectLocation", \.websiteRedirectLocation), ("storageClass", \.storageClass),
        ("checksumType", \.checksumType),
    ]
    private static let lists: [(String, any WritableKeyPath<ObjectAttributes, [Pair]> & Sendable)] = [
        ("metadata", \.metadata), ("tags", \.tags), ("checksums", \.checksums), ("documents", \.documents),
    ]

    var json: JSON {
        var object = JSONObject()
        for (name, path) in Self.texts { if let value = self[keyPath: path] { object[name] = .string(value) } }
        for (name, path) in Self.lists where !self[keyPath: path].isEmpty {
            object[name] = .array(self[keyPath: path].map { [.string($0.name), .string($0.value)] })
        }
        if !parts.isEmpty {
            object["parts"] = .array(
                parts.map { part in
                    let checksums = part.checksums.map { JSON.array([.string($0.name), .string($0.value)]) }
                    let nonce = part.nonce.map { [JSON.string($0)] } ?? []
                    return .array([JSON(part.number), .int(part.size), .array(checksums)] + nonce)
                })
        }
        return .object(object)
    }

    init(json: JSON) {
        self.init()
        for (name, path) in Self.texts { self[keyPath: path] = json[name]?.stringValue }
        for (name, path) in Self.lists { self[keyPath: path] = Self.pairs(json[name]) }
        parts = (json["parts"]?.arrayValue ?? []).compactMap { part in
            guard let number = part[0]?.intValue, let size = part[1]?.intValue else { return nil }
            return Part(
                number: Int(number), size: size, checksums: Self.pairs(part[2]), nonce: part[3]?.stringValue)
        }
    }

    private static func pairs(_ json: JSON?) -> [Pair] {
        (json?.arrayValue ?? []).compactMap { pair in
            guard let name = pair[0]?.stringValue, let value = pair[1]?.stringValue else { return nil }
            return Pair(name, value)
        }
    }
}
