import Core
import Glibc

/// A file opened for reading; closed when the last holder lets go.
public final class OpenFile: Sendable {
    /// For `sendfile` and the like; valid for as long as this value is held.
    public let descriptor: Int32
    public let size: Int64
    let identity: FileIdentity
    let linkCount: Int

    /// Takes over the descriptor. Nil, and closed, when it is not a regular file.
    init?(adopting descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        size = Int64(status.st_size)
        identity = FileIdentity(status)
        linkCount = Int(status.st_nlink)
    }

    deinit { close(descriptor) }

    /// Reads up to so many bytes; fewer only at the end of the file. Blocks.
    public func read(at offset: Int64, count: Int) throws(FileError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let read = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset) + filled)
                if read < 0, errno == EINTR { continue }
                if read < 0 { failure = errno }
                guard read > 0 else { return }
                filled += read
            }
        }
        guard failure == 0 else { throw FileError(path: "an object's file", code: failure) }
        return bytes
    }

    /// Whether the file is still what it was when it was opened.
    func isUnchanged() -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && FileIdentity(status) == identity
    }

    enum Writers { case none, some, unknown }

    /// Whether a program has the file open for writing. Linux grants a read lease only when nobody has; where leases are
    /// not to be had (another owner's file, some network file systems) it cannot be told.
    func writers() -> Writers {
        if fcntl(descriptor, setLease, Int32(F_RDLCK)) == 0 {
            _ = fcntl(descriptor, setLease, Int32(F_UNLCK))
            return .none
        }
        return errno == EAGAIN ? .some : .unknown
    }

    /// The MD5 of all of the file, in hexadecimal. Blocks for as long as reading takes.
    func md5() throws(FileError) -> String {
        var digest = IncrementalDigest(.md5)
        var offset: Int64 = 0
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = pread(descriptor, chunk.baseAddress, chunk.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path: "an object's file", code: errno) }
            if count == 0 { break }
            digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            offset += Int64(count)
        }
        return hexadecimal(digest.finish())
    }
}

/// fcntl(2)'s `F_SETLEASE`, which is not among what Swift imports.
private let setLease: Int32 = 1024

extension FileIdentity {
    init(_ status: stat) {
        self.init(
            inode: Int64(bitPattern: UInt64(status.st_ino)), size: Int64(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
    }

    /// Whether a write could follow within the same tick of the file system's clock.
    func isYoung(within nanoseconds: Int64 = 20_000_000) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec) &- modified < nanoseconds
    }
}
