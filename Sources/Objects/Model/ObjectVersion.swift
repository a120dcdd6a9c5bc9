import Core

/// One version of an object, or a delete marker; in a bucket without versioning the only one of its key.
public struct ObjectVersion: Sendable {
    public let bucket: String
    public let key: ObjectKey
    /// `null` for versions made while versioning was not enabled.
    public let versionID: String
    public internal(set) var isLatest: Bool
    public let isDeleteMarker: Bool
    /// Bytes.
    public let size: Int64
    /// Without quotes: the MD5 in hexadecimal, with `-` and the number of parts behind it for multipart uploads.
    public let etag: String
    public let lastModified: Timestamp
    public internal(set) var attributes: ObjectAttributes

    /// Rises with every version of a key.
    let sequence: Int64
    var storage: Storage

    /// Where the bytes are.
    struct Storage: Hashable, Sendable {
        var location: ObjectLocation = .plain
        /// Whether `.millrace/versions` has a copy, which outside programs do not touch.
        var isArchived = false
        /// The number of the file in `.millrace/uploads` that becomes the object's file; recovery finds it there when
        /// the host stopped between the commit and the renaming.
        var staged: Int64?
        /// The file at the location, as it was when it became the object.
        var identity = FileIdentity.none
        /// Whether the file was so young when it was read that a later write may have left the same time stamp.
        var isYoung = false
    }

    /// The key's order of change, for comparing events: fixed width, so that texts compare as numbers.
    public var sequencer: String { Self.sequencer(sequence) }

    static func sequencer(_ sequence: Int64) -> String {
        let digits = String(sequence, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 18 - digits.utf8.count)) + digits
    }
}

/// What tells one content of a file from another without reading it.
struct FileIdentity: Hashable, Sendable {
    var inode: Int64
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64

    static let none = FileIdentity(inode: 0, size: 0, modified: 0)
}
