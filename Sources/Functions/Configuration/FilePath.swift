import Glibc

/// The few file system questions that the module asks, without Foundation.
enum FilePath {
    static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    static func name(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    static func isExecutable(_ path: String) -> Bool { isFile(path) && access(path, X_OK) == 0 }

    /// What a symbolic link says, nil for anything else.
    static func linkTarget(of path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    /// Names in a directory without `.` and `..`; none when it cannot be read.
    static func children(of path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// A small file's text, nil when it cannot be read; what lies beyond the limit is left out.
    static func text(of path: String, limit: Int) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let more = [UInt8](unsafeUninitializedCapacity: min(limit - bytes.count, 16_384)) { buffer, count in
                count = max(0, read(file, buffer.baseAddress, buffer.count))
            }
            if more.isEmpty { break }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Makes a directory and those above it.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(FunctionError) {
        if isDirectory(path) { return }
        let above = parent(of: path)
        if above != path, !isDirectory(above) { try makeDirectory(above, mode: mode) }
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw FunctionError(.host, "cannot make the directory \(path): \(systemMessage(errno))")
        }
    }

    /// Writes a file in one step: readers see the old content or the new, never a part.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(FunctionError) {
        let draft = "\(path).\(getpid()).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw FunctionError(.host, "cannot write \(draft): \(systemMessage(errno))") }
        var failure = bytes.withUnsafeBytes { writeAll($0, to: file) }
        if close(file) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(draft, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(draft)
            throw FunctionError(.host, "cannot write \(path): \(systemMessage(failure))")
        }
    }

    /// Zero, or the system's error number.
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: CInt) -> CInt {
        var offset = 0
        while offset < bytes.count {
            let count = Glibc.write(file, bytes.baseAddress! + offset, bytes.count - offset)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            offset += count
        }
        return 0
    }
}

/// The system's words for an error number.
func systemMessage(_ number: CInt) -> String {
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
