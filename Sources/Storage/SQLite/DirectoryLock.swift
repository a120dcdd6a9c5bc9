import Glibc
import Synchronization

/// The exclusive right to a data directory, held through `flock` on a file in it, so that it ends with the process
/// however that ends. The file holds the owner's process id for the message a second host gets.
public final class DirectoryLock: Sendable {
    private let descriptor: Mutex<Int32>

    /// - Throws: an error of kind `locked` that names the owner, or `io` when the directory cannot be made or written.
    public init(_ directory: String) throws(StorageError) {
        try Self.makeDirectories(directory)
        let path = "\(directory)/millrace.lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.failure("the lock file \(path) cannot be opened") }
        guard Self.lock(file) else {
            let reason = errno
            defer { Glibc.close(file) }
            guard reason == EWOULDBLOCK else { throw Self.failure("the lock file \(path) cannot be locked") }
            throw StorageError(
                .locked,
                "another host\(Self.owner(file).map { " (process \($0))" } ?? "") is running on the data directory \(directory). "
                    + "Stop it, or start this one on another directory")
        }
        let text = "\(getpid())\n"
        let written = ftruncate(file, 0) == 0 && pwrite(file, text, text.utf8.count, 0) == text.utf8.count
        guard written else {
            defer { Glibc.close(file) }
            throw Self.failure("the lock file \(path) cannot be written")
        }
        descriptor = Mutex(file)
    }

    public func release() {
        descriptor.withLock { file in
            guard file >= 0 else { return }
            // Not left to the closing: a process that is just being spawned holds the same open file until it executes.
            flock(file, LOCK_UN)
            Glibc.close(file)
            file = -1
        }
    }

    deinit { release() }

    /// A process that a killed host was spawning holds the lock for a moment longer than the host itself: it is waited
    /// for, ten seconds at most.
    private static func lock(_ file: Int32) -> Bool {
        for _ in 0..<2000 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK, let owner = owner(file), kill(owner, 0) != 0, errno == ESRCH else { break }
            usleep(5000)
        }
        return flock(file, LOCK_EX | LOCK_NB) == 0
    }

    private static func owner(_ file: Int32) -> pid_t? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(file, &buffer, buffer.count, 0)
        return pid_t(
            String(decoding: buffer.prefix(max(count, 0)).prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
    }

    private static func makeDirectories(_ path: String) throws(StorageError) {
        guard !path.isEmpty, path.utf8.count < 3000, !path.utf8.contains(0) else {
            throw StorageError(.io, "'\(path)' is not a usable data directory: it must have 1 to 3000 bytes")
        }
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            guard mkdir(prefix, 0o755) == 0 || errno == EEXIST || errno == EISDIR else {
                let reason = errno
                // A parent that exists but may not be written is no problem when the next one exists too.
                if access(prefix, F_OK) == 0 { continue }
                throw failure("the data directory \(path) cannot be made", reason)
            }
        }
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw StorageError(.io, "the data directory \(path) is not a directory")
        }
    }

    private static func failure(_ what: String, _ reason: Int32 = errno) -> StorageError {
        let text = strerror(reason).map { String(cString: $0) } ?? "error \(reason)"
        return StorageError(reason == ENOSPC ? .full : .io, "\(what): \(text)", code: reason)
    }
}
