import Core

/// The checksums that S3 knows, by their names in requests.
public enum ChecksumAlgorithm: String, Sendable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    /// `x-amz-checksum-crc32` and so on.
    public var header: String { "x-amz-checksum-\(rawValue.lowercased())" }

    /// Bytes of a value.
    public var size: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    public init?(header: String) {
        guard let found = Self.allCases.first(where: { $0.header == header.lowercased() }) else { return nil }
        self = found
    }
}

/// A checksum that takes its bytes in parts.
public struct RunningChecksum: ~Copyable {
    private var crc32 = CRC32()
    private var crc64 = CRC64NVME()
    private var digest: IncrementalDigest?
    public let algorithm: ChecksumAlgorithm

    public init(_ algorithm: ChecksumAlgorithm) {
        self.algorithm = algorithm
        switch algorithm {
        case .crc32c: crc32 = .c
        case .sha1: digest = IncrementalDigest(.sha1)
        case .sha256: digest = IncrementalDigest(.sha256)
        case .crc32, .crc64nvme: break
        }
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch algorithm {
        case .crc32, .crc32c: crc32.update(bytes)
        case .crc64nvme: crc64.update(bytes)
        case .sha1, .sha256: digest?.update(bytes)
        }
    }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The result, most significant byte first.
    public consuming func finish() -> [UInt8] {
        switch algorithm {
        case .crc32, .crc32c: return withUnsafeBytes(of: crc32.value.bigEndian) { Array($0) }
        case .crc64nvme: return withUnsafeBytes(of: crc64.value.bigEndian) { Array($0) }
        case .sha1, .sha256: return digest.take()?.finish() ?? []
        }
    }

    public static func of(_ bytes: [UInt8], _ algorithm: ChecksumAlgorithm) -> [UInt8] {
        var checksum = RunningChecksum(algorithm)
        checksum.update(bytes)
        return checksum.finish()
    }
}
