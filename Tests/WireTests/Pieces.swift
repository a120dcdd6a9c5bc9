import Synchronization
import Wire

/// A body in pieces of a size.
final class Pieces: ByteChunkSource {
    private let rest: Mutex<ArraySlice<UInt8>>
    private let size: Int

    init(_ bytes: [UInt8], size: Int) {
        rest = Mutex(bytes[...])
        self.size = size
    }

    func next() async throws(AWSError) -> [UInt8]? {
        rest.withLock { rest in
            let piece = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            return piece.isEmpty ? nil : piece
        }
    }
}
