#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

import Synchronization

/// A file operation that failed, with the system's reason in words.
public struct FileError: Error, Sendable {
    public var path: String
    public var code: Int32
    public var reason: String

    public init(path: String, code: Int32) {
        self.path = path
        self.code = code
        reason = "cannot be used: \(String(cString: strerror(code)))"
    }

    public init(path: String, reason: String) {
        self.path = path
        code = 0
        self.reason = reason
    }
}

extension FileError: CustomStringConvertible {
    public var description: String { "\(path) \(reason)" }
}

/// Whole small files, read and written with plain system calls. They block: call them off the concurrency pool when the
/// file system may be slow.
public enum File {
    /// Counts writes, to name what they write to at first.
    private static let writes = Atomic<UInt64>(0)

    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The whole content, refused when it is larger than `limit` bytes.
    public static func read(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(path: path, reason: "is not a regular file")
        }
        var content: [UInt8] = []
        content.reserveCapacity(min(Int(status.st_size) + 1, limit))
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path, code: errno)
            }
            if count == 0 { return content }
            guard content.count + count <= limit else {
                throw FileError(path: path, reason: "is larger than \(limit) bytes")
            }
            content += chunk[..<count]
        }
    }

    /// Replaces the file as a whole: readers see the old content or the new one.
    public static func write(_ bytes: [UInt8], to path: String, permissions: mode_t = 0o644) throws(FileError) {
        // Of its own for every writer: two that write the same file must not take each other's away.
        let number = writes.wrappingAdd(1, ordering: .relaxed).newValue
        let temporary = "\(path).\(getpid()).\(number).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                unlink(temporary)
                throw FileError(path: path, code: code)
            }
            written += count
        }
        fsync(descriptor)
        close(descriptor)
        guard rename(temporary, path) == 0 else { throw FileError(path: path, code: errno) }
    }
}

public enum Directory {
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a directory in order, without hidden ones; none when it does not exist.
    public static func entries(_ path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Creates the directory and those above it.
    public static func create(_ path: String, permissions: mode_t = 0o755) throws(FileError) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += (built.isEmpty || built.hasSuffix("/") ? "" : "/") + part
            if mkdir(built, permissions) != 0, errno != EEXIST { throw FileError(path: built, code: errno) }
        }
        guard exists(path) else { throw FileError(path: path, reason: "is not a directory") }
    }
}
