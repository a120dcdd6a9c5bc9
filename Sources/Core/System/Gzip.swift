import CZlib

/// The gzip format (RFC 1952), by zlib.
public enum Gzip {
    /// Why bytes could not be decompressed.
    public enum Failure: Error, Sendable, Equatable {
        case outOfMemory
        /// There would be more bytes than the caller takes.
        case tooLarge(limit: Int)
        case invalid
    }

    /// Fifteen bits of window; sixteen more ask for gzip's header.
    private static let windowBits: Int32 = 15 + 16

    /// Whether the bytes begin as everything in this format does.
    public static func isCompressed(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// Nil when zlib has no memory.
    ///
    /// - Parameter level: 1 for the fastest to 9 for the smallest; little of the size for much of the time is lost beyond
    ///   4.
    public static func compress(_ bytes: [UInt8], level: Int32 = 4) -> [UInt8]? {
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

    /// The bytes that were compressed, which must not be more than the limit. Members that follow one another are one
    /// text, as the format has it.
    public static func decompress(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .outOfMemory
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
                if result == Z_STREAM_END, isCompressed(source.suffix(Int(stream.avail_in))) {
                    result = inflateReset(&stream)
                }
            }
        }
        guard output.count <= limit else { throw .tooLarge(limit: limit) }
        guard result == Z_STREAM_END else { throw .invalid }
        return output
    }
}
