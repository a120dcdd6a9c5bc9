import NIOCore
import Wire

/// A part of a file on its way to a socket.
struct FileBody {
    private static let pieceSize: Int64 = 8 * 1024 * 1024

    private let handle: NIOFileHandle
    private var rest: FileRange

    /// Nil when the file cannot be opened.
    init?(_ range: FileRange) {
        let descriptor = range.openDescriptor()
        guard descriptor >= 0 else { return nil }
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        rest = range
    }

    mutating func next() -> FileRegion? {
        guard rest.length > 0 else { return nil }
        let length = min(rest.length, Self.pieceSize)
        let region = FileRegion(
            fileHandle: handle, readerIndex: Int(rest.offset), endIndex: Int(rest.offset + length))
        rest.offset += length
        rest.length -= length
        return region
    }

    func close() { try? handle.close() }
}
