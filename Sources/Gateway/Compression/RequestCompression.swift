import Core
import Wire

/// Bodies that clients compress to send less.
enum RequestCompression {
    static func decompress(_ bytes: [UInt8], limit: Int) throws(AWSError) -> [UInt8] {
        do throws(Gzip.Failure) {
            return try Gzip.decompress(bytes, limit: limit)
        } catch {
            switch error {
            case .outOfMemory: throw .internalFailure("zlib has no memory")
            case .tooLarge(let limit): throw .bodyTooLarge(limit: limit)
            case .invalid: throw .serialization("The body is not valid gzip.")
            }
        }
    }
}
