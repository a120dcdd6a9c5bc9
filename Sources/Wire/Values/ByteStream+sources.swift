import Glibc
import Synchronization

/// Bytes in memory as a source of one chunk.
final class BytesOnce: ByteChunkSource {
    private let remaining: Mutex<[UInt8]?>

    init(_ bytes: [UInt8]) { remaining = Mutex(bytes.isEmpty ? nil : bytes) }

    func next() async throws(AWSError) -> [UInt8]? {
        remaining.withLock { bytes in
            defer { bytes = nil }
            return bytes
        }
    }
}

/// A part of a file as chunks of 64 KB.
final class FileChunks: ByteChunkSource {
    private static let chunkSize: Int64 = 65_536
    private let rest: Mutex<FileRange>

    init(_ range: FileRange) { rest = Mutex(range) }

    func next() async throws(AWSError) -> [UInt8]? {
        let part = rest.withLock { range in
            var part = range
            part.length = min(range.length, Self.chunkSize)
            range.offset += part.length
            range.length -= part.length
            return part
        }
        return part.length > 0 ? try FileReader.read(part) : nil
    }
}

enum FileReader {
    /// The bytes of the range; a file that is shorter is an error.
    static func read(_ range: FileRange) throws(AWSError) -> [UInt8] {
        let descriptor = range.openDescriptor()
        guard descriptor >= 0 else {
            throw .internalFailure("cannot open \(range.name): \(String(cString: strerror(-descriptor)))")
        }
        defer { close(descriptor) }
        let count = Int(range.length)
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let got = pread(descriptor, base + filled, count - filled, off_t(range.offset) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                if got <= 0 { break }
                filled += got
            }
        }
        guard bytes.count == count else {
            throw .internalFailure("\(range.name) is shorter than \(range.offset + range.length) bytes")
        }
        return bytes
    }
}

extension FileRange {
    fileprivate var name: String { if case .path(let path) = source { path } else { "the content" } }
}
