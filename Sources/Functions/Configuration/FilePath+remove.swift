import Glibc

extension FilePath {
    /// Removes a directory with everything in it. Links are removed, never followed.
    ///
    /// What functions leave behind may be named by bytes that are no text, closed to its owner, and nested deeper than
    /// any path can say: directories are brought up to the first one before they are emptied.
    static func removeTree(_ path: String) {
        let root = openDirectory(AT_FDCWD, path)
        guard root >= 0 else {
            unlink(path)
            return
        }
        defer {
            close(root)
            rmdir(path)
        }
        var moved = 0
        var isProgressing = true
        while isProgressing {
            isProgressing = false
            // A list, because what is brought up comes into the same directory.
            var names: [[CChar]] = []
            forEachName(in: root) { names.append(Array($0)) }
            for name in names where remove(name, in: root, &moved) { isProgressing = true }
        }
    }

    /// Removes a file, or a directory once its directories have been brought up. Whether anything has changed.
    private static func remove(_ name: [CChar], in root: CInt, _ moved: inout Int) -> Bool {
        if unlinkat(root, name, 0) == 0 || unlinkat(root, name, AT_REMOVEDIR) == 0 { return true }
        let directory = openDirectory(root, name)
        guard directory >= 0 else { return false }
        var hasChanged = false
        forEachName(in: directory) { entry in
            guard let entry = entry.baseAddress else { return }
            if unlinkat(directory, entry, 0) == 0 || unlinkat(directory, entry, AT_REMOVEDIR) == 0 {
                hasChanged = true
                return
            }
            // The system moves only directories that may be written.
            let inner = openDirectory(directory, entry)
            guard inner >= 0 else { return }
            close(inner)
            moved += 1
            if renameat(directory, entry, root, ".removed-\(getpid())-\(moved)") == 0 { hasChanged = true }
        }
        close(directory)
        return unlinkat(root, name, AT_REMOVEDIR) == 0 || hasChanged
    }

    /// Opens a directory, and for its owner if it was closed to him; negative for anything else.
    private static func openDirectory(_ parent: CInt, _ name: UnsafePointer<CChar>) -> CInt {
        let flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let directory = openat(parent, name, O_RDONLY | flags)
        guard directory < 0 else {
            var status = stat()
            if fstat(directory, &status) == 0, status.st_mode & 0o700 != 0o700 { fchmod(directory, 0o700) }
            return directory
        }
        guard errno == EACCES else { return -1 }
        let place = openat(parent, name, pathOnly | flags)
        guard place >= 0 else { return -1 }
        defer { close(place) }
        chmod("/proc/self/fd/\(place)", 0o700)
        return openat(parent, name, O_RDONLY | flags)
    }

    /// `O_PATH`, which the system's headers give to C alone.
    private static let pathOnly: CInt = 0o10_000_000

    /// Names as the system keeps them, with the zero at their end. The directory stays open.
    private static func forEachName(in directory: CInt, _ body: (UnsafeBufferPointer<CChar>) -> Void) {
        let copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    let bytes = UnsafeBufferPointer(start: name, count: strlen(name) + 1)
                    let dots = bytes.prefix { $0 == CChar(UInt8(ascii: ".")) }.count
                    if bytes.count - 1 != dots || dots > 2 { body(bytes) }
                }
            }
        }
    }
}
