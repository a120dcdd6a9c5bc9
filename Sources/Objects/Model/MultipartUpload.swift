import Core
import Storage

/// An upload in parts that has not been completed.
public struct MultipartUpload: Sendable {
    public let id: String
    public let bucket: String
    public let key: ObjectKey
    public let initiated: Timestamp
    public let attributes: ObjectAttributes
    /// Whether the object was deleted since the upload began.
    public let isOvertaken: Bool
    /// Rises with every upload.
    let number: Int64
}

public struct UploadedPart: Sendable {
    /// 1 to 10,000.
    public let number: Int
    public let size: Int64
    public let etag: String
    public let lastModified: Timestamp
    public let checksums: [ObjectAttributes.Pair]
    /// With what it was encrypted besides the key, where it was.
    public let nonce: String?
    let file: Int64

    private static let nonceDocument = "nonce"

    /// What is kept of a part beside its bytes.
    var text: String {
        var holder = ObjectAttributes()
        holder.checksums = checksums
        holder.setDocument(Self.nonceDocument, nonce)
        return holder.json.text()
    }

    init(
        number: Int, size: Int64, etag: String, lastModified: Timestamp, checksums: [ObjectAttributes.Pair],
        nonce: String?, file: Int64
    ) {
        self.number = number
        self.size = size
        self.etag = etag
        self.lastModified = lastModified
        self.checksums = checksums
        self.nonce = nonce
        self.file = file
    }

    init(_ row: Row) throws {
        let kept = ObjectAttributes(json: try JSON(parsing: try row.text("checksums")))
        self.init(
            number: try row.int("number"), size: try row.int64("size"), etag: try row.text("etag"),
            lastModified: Timestamp(milliseconds: try row.int64("modified")), checksums: kept.checksums,
            nonce: kept.document(Self.nonceDocument), file: try row.int64("file"))
    }
}
