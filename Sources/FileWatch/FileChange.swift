/// Something that happened below a watched directory. It says where to look, not what is there: by the time it is read
/// the file may be another one or gone.
public enum FileChange: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// A program closed the file after writing to it, or moved it here.
        case completed
        /// The file got a name here without being written: a hard link, or the beginning of a file that is still
        /// being written.
        case named
        /// The file was deleted or moved away.
        case removed
    }

    /// The path is relative to the root's directory.
    case file(root: Int, path: String, kind: Kind)
    /// A directory appeared (it is being watched by now) or vanished: compare what is below the path with what is known.
    case directory(root: Int, path: String)
    /// The system dropped events: compare everything below the root.
    case overflow(root: Int)
    /// The root's own directory was deleted, moved or unmounted. It is no longer watched.
    case rootLost(root: Int)
    /// A directory could not be watched: what changes in it goes unnoticed until it is compared.
    case unwatched(root: Int, path: String, FileWatchError)
    /// A file whose name is not UTF-8, and so cannot be named by a text.
    case unnameable(root: Int, directory: String)
}

/// Why directories cannot be watched.
public struct FileWatchError: Error, Hashable, Sendable {
    public let path: String
    /// The system's error number, 0 when it was not the system's.
    public let code: Int32
    public let reason: String

    public init(path: String, code: Int32, reason: String) {
        self.path = path
        self.code = code
        self.reason = reason
    }
}

extension FileWatchError: CustomStringConvertible {
    public var description: String { "\(path) cannot be watched: \(reason)" }
}
