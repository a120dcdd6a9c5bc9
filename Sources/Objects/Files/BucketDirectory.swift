import CFileSystem
import Core
import Glibc
import Synchronization

/// A bucket's directory. Every path is resolved below it, one name at a time and without following symbolic links, so
/// that no key and no link leads out. All calls block.
final class BucketDirectory: Sendable {
    let path: String
    private let root: Int32
    private let uploadsSynchronization = SharedAction()
    /// The directory that every write goes through, kept open.
    private let uploads = Mutex<HeldDirectory?>(nil)

    /// Opens the directory, which must exist.
    init(path: String) throws(FileError) {
        self.path = path
        root = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw FileError(path: path, code: errno) }
    }

    deinit { close(root) }

    /// Makes the host's own directories where they are missing.
    func prepare() throws(FileError) {
        for name in [
            ReservedName.directory, ReservedName.keys, ReservedName.uploads, ReservedName.parts, ReservedName.versions,
        ] {
            guard mkdirat(root, name, 0o755) == 0 || errno == EEXIST else { throw failure(name) }
        }
    }

    var isPrepared: Bool { (try? status(ReservedName.directory)) != nil }

    private func failure(_ name: String) -> FileError { FileError(path: "\(path)/\(name)", code: errno) }

    // MARK: Paths

    /// Calls the body with the directory that holds the path's last name, and that name.
    private func withParent<Value>(
        of path: String, creating: Bool = false, _ body: (Int32, String) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        if let name = Self.upload(path), let held = uploads.withLock({ $0 }) ?? holdUploads() {
            do throws(FileError) {
                return try body(held.descriptor, name)
            } catch  where error.code == ENOENT && held.isRemoved {
                uploads.withLock { $0 = nil }
            }
        }
        var directory = root
        defer { if directory != root { close(directory) } }
        var rest = path[...]
        while let slash = rest.firstIndex(of: "/") {
            let name = String(rest[..<slash])
            rest = rest[rest.index(after: slash)...]
            let next = try descend(directory, name, creating: creating, path)
            if directory != root { close(directory) }
            directory = next
        }
        return try body(directory, String(rest))
    }

    /// The name of a file in the directory of uploads.
    private static func upload(_ path: String) -> String? {
        let prefix = ReservedName.uploads.utf8.count
        guard path.hasPrefix(ReservedName.uploads), path.utf8.dropFirst(prefix).first == UInt8(ascii: "/") else {
            return nil
        }
        let name = path.utf8.dropFirst(prefix + 1)
        return name.contains(UInt8(ascii: "/")) ? nil : String(Substring(name))
    }

    private func holdUploads() -> HeldDirectory? {
        guard let own = try? descend(root, ReservedName.directory, creating: false, path) else { return nil }
        defer { close(own) }
        let name = String(ReservedName.uploads.dropFirst(ReservedName.directory.count + 1))
        guard let descriptor = try? descend(own, name, creating: false, path) else { return nil }
        let held = HeldDirectory(descriptor)
        uploads.withLock { $0 = held }
        return held
    }

    private func descend(_ directory: Int32, _ name: String, creating: Bool, _ path: String) throws(FileError) -> Int32
    {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var next = openat(directory, name, flags)
        if next < 0, errno == ENOENT, creating {
            guard mkdirat(directory, name, 0o755) == 0 || errno == EEXIST else { throw failure(path) }
            next = openat(directory, name, flags)
        }
        guard next >= 0 else { throw failure(path) }
        return next
    }

    func makeParents(of path: String) throws(FileError) {
        try withParent(of: path, creating: true) { _, _ throws(FileError) in }
    }

    // MARK: Files

    /// Nil when there is no regular file of that path, or a link stands in the way.
    func open(_ path: String) throws(FileError) -> OpenFile? {
        do throws(FileError) {
            return try withParent(of: path) { directory, name throws(FileError) in
                // Without waiting, because the name may be a pipe's.
                let descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                guard descriptor >= 0 else { throw failure(path) }
                return OpenFile(adopting: descriptor)
            }
        } catch  where Self.isAbsence(error.code) {
            return nil
        }
    }

    enum Occupant: Equatable {
        case file(FileIdentity)
        case directory
        /// A link, a pipe, a socket or a device.
        case other
    }

    /// What has that path; nil when nothing has.
    func status(_ path: String) throws(FileError) -> Occupant? {
        do throws(FileError) {
            return try withParent(of: path) { directory, name throws(FileError) in
                var status = stat()
                guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw failure(path) }
                switch status.st_mode & S_IFMT {
                case S_IFREG: return .file(FileIdentity(status))
                case S_IFDIR: return .directory
                default: return .other
                }
            }
        } catch  where Self.isAbsence(error.code) {
            return nil
        }
    }

    /// No such path, something on the way that is no directory, or a link.
    static func isAbsence(_ code: Int32) -> Bool { [ENOENT, ENOTDIR, ELOOP, ENXIO, ENAMETOOLONG].contains(code) }

    /// Creates a file that must not exist yet, for writing and reading.
    func create(_ path: String) throws(FileError) -> Int32 {
        try withParent(of: path, creating: true) { directory, name throws(FileError) in
            let descriptor = openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw failure(path) }
            return descriptor
        }
    }

    /// Moves a file to a path whose directories are made where they are missing, over a file that is there.
    func move(_ source: String, to target: String) throws(FileError) {
        for attempt in 0... {
            do throws(FileError) {
                return try withParent(of: source) { sourceDirectory, sourceName throws(FileError) in
                    try withParent(of: target, creating: true) { directory, name throws(FileError) in
                        guard renameat(sourceDirectory, sourceName, directory, name) == 0 else { throw failure(target) }
                    }
                }
            } catch  where error.code == ENOENT && attempt < 8 {
                // Another removal may have taken the empty directory between making and using it.
                guard try status(source) != nil else { throw error }
            }
        }
    }

    func remove(_ path: String) throws(FileError) {
        do throws(FileError) {
            try withParent(of: path) { directory, name throws(FileError) in
                guard unlinkat(directory, name, 0) == 0 else { throw failure(path) }
            }
        } catch  where Self.isAbsence(error.code) {
        }
    }

    /// Removes the directories above a path that are empty.
    func removeEmptyParents(of path: String) {
        var rest = path[...]
        while let slash = rest.lastIndex(of: "/") {
            rest = rest[..<slash]
            let isGone = try? withParent(of: String(rest)) { directory, name throws(FileError) in
                unlinkat(directory, name, AT_REMOVEDIR) == 0
            }
            guard isGone == true else { return }
        }
    }

    func makeDirectory(_ path: String) throws(FileError) {
        try withParent(of: path, creating: true) { directory, name throws(FileError) in
            guard mkdirat(directory, name, 0o755) == 0 || errno == EEXIST else { throw failure(path) }
        }
    }

    /// Removes a directory of ours with the files directly in it.
    func removeDirectory(_ path: String) throws(FileError) {
        for entry in try entries(path) where entry.kind != .directory { try remove("\(path)/\(entry.name)") }
        try withParent(of: path) { directory, name throws(FileError) in
            guard unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw failure(path) }
        }
    }

    /// Makes uploads findable after a power cut, once for all that end at the same time.
    func synchronizeUploads() throws(FileError) {
        try uploadsSynchronization.run { () throws(FileError) in try synchronize(ReservedName.uploads) }
    }

    /// Makes what was written below a directory of ours findable after a power cut.
    func synchronize(_ path: String) throws(FileError) {
        try withParent(of: path) { directory, name throws(FileError) in
            let descriptor = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure(path) }
            defer { close(descriptor) }
            guard fsync(descriptor) == 0 else { throw failure(path) }
        }
    }

    /// Brings everything to disk that was written to the file system of the directory.
    func synchronizeFileSystem() throws(FileError) {
        guard syncfs(root) == 0 else { throw failure(".") }
    }

    // MARK: Listing

    struct Entry {
        enum Kind { case file, directory, other }

        var name: String
        var kind: Kind
    }

    /// The entries of a directory, in no order; names that are not UTF-8 are left out. Empty path: the bucket itself.
    func entries(_ path: String) throws(FileError) -> [Entry] {
        let descriptor =
            path.isEmpty
            ? openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            : try withParent(of: path) { directory, name throws(FileError) in
                openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            }
        guard descriptor >= 0 else { throw failure(path) }
        guard let stream = fdopendir(descriptor) else {
            let error = failure(path)
            close(descriptor)
            throw error
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while let entry = readdir(stream) {
            guard let name = Self.name(entry), name != ".", name != ".." else { continue }
            entries.append(Entry(name: name, kind: kind(entry.pointee.d_type, name, in: descriptor)))
        }
        return entries
    }

    private static func name(_ entry: UnsafeMutablePointer<dirent>) -> String? {
        withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { text in
                text.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    String(validating: UnsafeBufferPointer(start: bytes, count: strlen(text)), as: UTF8.self)
                }
            }
        }
    }

    private func kind(_ type: UInt8, _ name: String, in directory: Int32) -> Entry.Kind {
        switch Int(type) {
        case Int(DT_REG): return .file
        case Int(DT_DIR): return .directory
        case Int(DT_UNKNOWN): break
        default: return .other
        }
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .other }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }
}

/// A directory that is kept open; closed when the last holder lets go.
private final class HeldDirectory: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    var isRemoved: Bool {
        var status = stat()
        return fstat(descriptor, &status) != 0 || status.st_nlink == 0
    }
}
