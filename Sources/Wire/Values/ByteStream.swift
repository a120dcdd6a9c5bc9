import Glibc

/// A body of any size, read once from front to back, or a range of a file that a server can send without copying.
public struct ByteStream: Sendable {
    public enum Source: Sendable {
        case bytes([UInt8])
        case file(FileRange)
        /// `length` in bytes, where it is known beforehand.
        case chunks(length: Int64?, any ByteChunkSource)
    }

    public var source: Source

    public init(_ source: Source) { self.source = source }
    public init(_ bytes: [UInt8]) { source = .bytes(bytes) }

    /// The number of bytes, where it is known beforehand.
    public var length: Int64? {
        switch source {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(let range): range.length
        case .chunks(let length, _): length
        }
    }
}

/// Hands out the bytes of a body as they arrive. Only one reader at a time.
public protocol ByteChunkSource: Sendable {
    /// The next bytes, never empty; nil after the last. Throws when the body breaks off or fails its checks.
    func next() async throws(AWSError) -> [UInt8]?
}

/// A part of a file.
public struct FileRange: Sendable {
    public enum Source: Sendable {
        case path(String)
        /// A file that is open, also one that has no name any more; the owner keeps it open.
        case descriptor(Int32, owner: any Sendable)
    }

    public var source: Source
    public var offset: Int64
    public var length: Int64

    public init(path: String, offset: Int64, length: Int64) {
        source = .path(path)
        self.offset = offset
        self.length = length
    }

    public init(descriptor: Int32, owner: any Sendable, offset: Int64, length: Int64) {
        source = .descriptor(descriptor, owner: owner)
        self.offset = offset
        self.length = length
    }

    /// A descriptor of the caller's own for reading, or the number of the error negated. Its position is not to be
    /// relied on.
    public func openDescriptor() -> Int32 {
        let descriptor =
            switch source {
            case .path(let path): open(path, O_RDONLY | O_CLOEXEC)
            case .descriptor(let number, _): fcntl(number, F_DUPFD_CLOEXEC, 0)
            }
        return descriptor >= 0 ? descriptor : -errno
    }
}

extension ByteStream {
    /// Reads the whole body, which must not be larger than the limit in bytes.
    public func collect(upTo limit: Int) async throws(AWSError) -> [UInt8] {
        switch source {
        case .bytes(let bytes):
            guard bytes.count <= limit else { throw .bodyTooLarge(limit: limit) }
            return bytes
        case .file(let range):
            guard range.length <= Int64(limit) else { throw .bodyTooLarge(limit: limit) }
            return try FileReader.read(range)
        case .chunks(_, let chunks):
            var all: [UInt8] = []
            while let chunk = try await chunks.next() {
                guard all.count + chunk.count <= limit else { throw .bodyTooLarge(limit: limit) }
                all += chunk
            }
            return all
        }
    }

    /// The body as chunks, whatever its source.
    public func chunks() -> any ByteChunkSource {
        switch source {
        case .bytes(let bytes): BytesOnce(bytes)
        case .file(let range): FileChunks(range)
        case .chunks(_, let chunks): chunks
        }
    }
}

extension ByteStream: ShapeValue {
    public init?(wire: Value) {
        switch wire {
        case .stream(let stream): self = stream
        case .blob(let bytes): self.init(bytes)
        case .string(let text): self.init(Array(text.utf8))
        default: return nil
        }
    }
    public var wire: Value { .stream(self) }
    public static var empty: ByteStream { ByteStream([]) }
}
