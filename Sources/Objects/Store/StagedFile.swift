import CFileSystem
import Core
import Glibc
import Synchronization

/// Bytes on their way to become an object, in a file of the bucket's hidden directory. Given up when it is let go
/// without having been put.
public final class StagedFile: Sendable {
    /// Unchecked: used under the lock alone.
    private final class RunningDigest: @unchecked Sendable {
        private var digest: IncrementalDigest? = IncrementalDigest(.md5)

        func update(_ bytes: UnsafeRawBufferPointer) { digest?.update(bytes) }

        func finish() -> String? {
            guard let digest = digest.take() else { return nil }
            return hexadecimal(digest.finish())
        }
    }

    private struct State: Sendable {
        var digest: RunningDigest? = RunningDigest()
        var size: Int64 = 0
        var md5: String?
    }

    let bucket: OpenBucket
    let number: Int64
    private let directory: BucketDirectory
    private let descriptor: Int32
    private let state: Mutex<State>
    /// Whether the file has become an object's or has been moved, and is no longer this value's to remove.
    private let isUsed = Atomic(false)

    /// Blocks.
    init(in bucket: OpenBucket, number: Int64, path: String? = nil) throws {
        self.bucket = bucket
        self.number = number
        directory = try bucket.directory()
        descriptor = try directory.create(path ?? StoredName.upload(number))
        state = Mutex(State())
    }

    deinit {
        guard !isUsed.load(ordering: .relaxed) else { return }
        close(descriptor)
        try? directory.remove(StoredName.upload(number))
    }

    /// The file is no longer this value's, which must not be used any more. Closes it, before it is moved to its place:
    /// the watch of that place would report it as written there.
    func markUsed() { if !isUsed.exchange(true, ordering: .relaxed) { close(descriptor) } }

    /// Bytes written so far.
    public var size: Int64 { state.withLock { $0.size } }

    /// Blocks.
    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try FileCopy.write(bytes, to: descriptor)
        let size = state.withLock { state in
            state.digest?.update(bytes)
            state.size += Int64(bytes.count)
            return state.size
        }
        // The disk works on what is there already, so that there is less to wait for at the end.
        let start = size - Int64(bytes.count)
        let written = size / Self.earlySize * Self.earlySize
        if written > start { sync_file_range(descriptor, Int(written - Self.earlySize), Int(Self.earlySize), 2) }
    }

    /// Bytes that are sent to disk together while more of the file arrives.
    private static let earlySize: Int64 = 8 << 20

    /// Takes a file's content for its own, with its known MD5 where there is one. Blocks.
    func clone(_ source: OpenFile, md5: String?) throws(FileError) {
        try FileCopy.clone(source, to: descriptor)
        state.withLock { state in
            state.digest = nil
            state.size = source.size
            state.md5 = md5
        }
    }

    /// Appends a part of a file; the MD5 of the whole is not kept up. Blocks.
    func append(_ source: OpenFile, _ range: Range<Int64>) throws(FileError) {
        try FileCopy.append(source, range, to: descriptor)
        state.withLock { state in
            state.digest = nil
            state.size += Int64(range.count)
        }
    }

    /// Appends what is made of a part of a file, piece by piece. Blocks.
    func append(_ source: OpenFile, _ range: Range<Int64>, _ transform: ObjectStore.ByteTransform) throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let piece = try source.read(at: offset, count: Int(min(range.upperBound - offset, 1 << 20)))
            guard !piece.isEmpty else { throw FileError(path: "an object's file", reason: "is shorter than it was") }
            try transform(piece, offset, offset - range.lowerBound).withUnsafeBytes { try append($0) }
            offset += Int64(piece.count)
        }
    }

    /// Names the entity tag of bytes whose MD5 is not wanted.
    func setMD5(_ md5: String) { state.withLock { $0.md5 = md5 } }

    /// Brings the bytes to disk where that is asked for, and says what the file is. Blocks.
    func finish(isDurable: Bool) throws -> (identity: FileIdentity, md5: String) {
        if isDurable {
            guard fdatasync(descriptor) == 0 else { throw FileError(path: "an upload", code: errno) }
            try directory.synchronizeUploads()
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path: "an upload", code: errno) }
        let known = state.withLock { state -> String? in
            if let md5 = state.md5 { return md5 }
            state.md5 = state.digest?.finish()
            state.digest = nil
            return state.md5
        }
        if let known { return (FileIdentity(status), known) }
        guard let file = reader() else { throw FileError(path: "an upload", code: EBADF) }
        return (FileIdentity(status), try file.md5())
    }

    /// The file for reading.
    func reader() -> OpenFile? { OpenFile(adopting: dup(descriptor)) }
}
