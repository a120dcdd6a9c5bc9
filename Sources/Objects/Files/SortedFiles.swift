import Core

/// The files of a bucket's directory in the byte order of their paths, found as they are asked for: what is held is the
/// entries of the directories on the way to the current one.
struct SortedFiles {
    private struct Level {
        /// The directory's path with a slash behind it; empty for the bucket itself.
        var prefix: String
        /// In reverse, so that the next is the last. A directory's name has a slash behind it, which sorts it among its
        /// neighbours as its content's paths sort.
        var names: [String]
    }

    private let directory: BucketDirectory
    private var levels: [Level] = []
    /// Directories that could not be read, and why.
    private(set) var failures: [FileError] = []

    /// - Parameter prefix: empty, or a directory's path with a slash behind it.
    init(of directory: BucketDirectory, below prefix: String) {
        self.directory = directory
        enter(prefix)
    }

    /// The path of the next file and what identifies its content.
    mutating func next() -> (path: String, identity: FileIdentity)? {
        while !levels.isEmpty {
            guard let name = levels[levels.count - 1].names.popLast() else {
                levels.removeLast()
                continue
            }
            let path = levels[levels.count - 1].prefix + name
            // A longer path is no key; this also bounds how deep the walk goes.
            guard path.utf8.count <= ObjectKey.maximumLength else { continue }
            if name.utf8.last == UInt8(ascii: "/") {
                enter(path)
            } else if case .file(let identity)? = try? directory.status(path) {
                return (path, identity)
            }
        }
        return nil
    }

    private mutating func enter(_ prefix: String) {
        do throws(FileError) {
            let entries = try directory.entries(String(prefix.dropLast()))
            var names = entries.compactMap { entry -> String? in
                if prefix.isEmpty, entry.name == ReservedName.directory { return nil }
                switch entry.kind {
                case .file: return entry.name
                case .directory: return entry.name + "/"
                case .other: return nil
                }
            }
            names.sort { $1.utf8.lexicographicallyPrecedes($0.utf8) }
            levels.append(Level(prefix: prefix, names: names))
        } catch  where BucketDirectory.isAbsence(error.code) {
        } catch {
            failures.append(error)
        }
    }
}
