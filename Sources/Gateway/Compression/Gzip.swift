import CZlib
import Wire

/// The gzip encoding of bodies (RFC 1952), by zlib.
enum Gzip {
    /// Fifteen bits of window; sixteen more ask for gzip's header.
    private static let windowBits: Int32 = 15 + 16
    /// Little of the size for much of the time is lost beyond this level.
    private static let level: Int32 = 4

    /// Nil when zlib has no memory.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit2_(&stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else {
            return nil
        }
        defer { deflateEnd(&stream) }
        var input = bytes
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        var result = Z_OK
        let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            input.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(buffer.count)
                result = deflate(&stream, Z_FINISH)
            }
            count = Int(stream.total_out)
        }
        return result == Z_STREAM_END ? output : nil
    }

    /// The bytes that were compressed, which must not be more than the limit.
    static func decompress(_ bytes: [UInt8], limit: Int) throws(AWSError) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .internalFailure("zlib has no memory")
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var result = Z_OK
        input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while result == Z_OK, output.count <= limit {
                let got = buffer.withUnsafeMutableBufferPointer { target in
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(target.count)
                    result = inflate(&stream, Z_NO_FLUSH)
                    return target.count - Int(stream.avail_out)
                }
                output += buffer[..<got]
            }
        }
        guard output.count <= limit else { throw .bodyTooLarge(limit: limit) }
        guard result == Z_STREAM_END else { throw .serialization("The body is not valid gzip.") }
        return output
    }
}
