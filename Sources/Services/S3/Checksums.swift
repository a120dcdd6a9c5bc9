import AWSModels
import Core
import Objects
import Wire

/// A generated shape with a member for each checksum.
protocol ChecksumCarrier: Shape {}

extension ChecksumCarrier {
    /// Members are found by name, since every such shape has its own positions.
    func checksum(_ algorithm: Wire.ChecksumAlgorithm) -> String? {
        if case .string(let text) = record[member: "Checksum\(algorithm.rawValue)"] { text } else { nil }
    }

    mutating func setChecksums(_ pairs: [ObjectAttributes.Pair]) {
        for pair in pairs { record[member: "Checksum\(pair.name)"] = .string(pair.value) }
    }

    /// The checksum that was given, with its algorithm.
    var givenChecksum: (algorithm: Wire.ChecksumAlgorithm, value: String)? {
        for algorithm in Wire.ChecksumAlgorithm.allCases {
            if let value = checksum(algorithm) { return (algorithm, value) }
        }
        return nil
    }
}

extension S3.PutObjectRequest: ChecksumCarrier {}
extension S3.PutObjectOutput: ChecksumCarrier {}
extension S3.GetObjectOutput: ChecksumCarrier {}
extension S3.HeadObjectOutput: ChecksumCarrier {}
extension S3.CopyObjectResult: ChecksumCarrier {}
extension S3.CopyPartResult: ChecksumCarrier {}
extension S3.UploadPartRequest: ChecksumCarrier {}
extension S3.UploadPartOutput: ChecksumCarrier {}
extension S3.CompleteMultipartUploadRequest: ChecksumCarrier {}
extension S3.CompleteMultipartUploadOutput: ChecksumCarrier {}
extension S3.CompletedPart: ChecksumCarrier {}
extension S3.Part: ChecksumCarrier {}
extension S3.ObjectPart: ChecksumCarrier {}
extension S3.Checksum: ChecksumCarrier {}

/// The checksum of an upload: which one, and what it must be.
struct UploadChecksum: Sendable {
    var algorithm: Wire.ChecksumAlgorithm
    /// Base64, when the caller sent it beforehand; the wire has compared it with the bytes by the end of the body.
    var given: String?

    /// - Throws: `InvalidRequest` for an unknown algorithm, or a value of the wrong length.
    init(
        _ input: some ChecksumCarrier, named name: String?, standard: Wire.ChecksumAlgorithm = .crc64nvme
    ) throws(AWSError) {
        if let (algorithm, value) = input.givenChecksum {
            guard let bytes = Base64.decode(value), bytes.count == algorithm.size else {
                throw .invalidRequest("Value for \(algorithm.header) header is invalid.")
            }
            if let name, name != algorithm.rawValue, Wire.ChecksumAlgorithm(rawValue: name) != nil {
                throw .invalidRequest(
                    "Value for x-amz-sdk-checksum-algorithm header is invalid.")
            }
            self.algorithm = algorithm
            given = value
        } else {
            algorithm = try Wire.ChecksumAlgorithm.named(name) ?? standard
        }
    }
}

extension Wire.ChecksumAlgorithm {
    /// Whether the checksum of a whole follows from those of its parts.
    var isLinear: Bool { self == .crc32 || self == .crc32c || self == .crc64nvme }

    static func named(_ name: String?) throws(AWSError) -> Wire.ChecksumAlgorithm? {
        guard let name else { return nil }
        guard let algorithm = Wire.ChecksumAlgorithm(rawValue: name.uppercased()) else {
            throw .invalidRequest(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                    + "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
        }
        return algorithm
    }
}

/// CRCs of a whole from those of its parts: appending is multiplication by a power of x modulo the polynomial.
enum CombinedCRC {
    /// - Parameter parts: the parts' checksums, most significant byte first, and their lengths in bytes.
    static func combine(_ parts: [(value: [UInt8], length: Int64)], _ algorithm: Wire.ChecksumAlgorithm) -> [UInt8] {
        let width = algorithm == .crc64nvme ? 64 : 32
        let polynomial: UInt64 =
            switch algorithm {
            case .crc32c: 0x82F6_3B78
            case .crc64nvme: 0x9A6C_9329_AC4B_C9B5
            default: 0xEDB8_8320
            }
        var whole: UInt64 = 0
        for part in parts {
            let value = part.value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            whole = shift(whole, byBytes: part.length, polynomial, width) ^ value
        }
        return (0..<width / 8).reversed().map { UInt8(truncatingIfNeeded: whole >> UInt64($0 * 8)) }
    }

    private static func shift(_ value: UInt64, byBytes count: Int64, _ polynomial: UInt64, _ width: Int) -> UInt64 {
        var value = value
        // The matrix of one zero bit, then of twice as many each time.
        var matrix = (0..<width).map { $0 == 0 ? polynomial : UInt64(1) << UInt64($0 - 1) }
        for _ in 0..<3 { matrix = square(matrix) }
        var rest = count
        while rest > 0, value != 0 {
            if rest & 1 == 1 { value = multiply(matrix, value) }
            rest >>= 1
            if rest > 0 { matrix = square(matrix) }
        }
        return value
    }

    private static func multiply(_ matrix: [UInt64], _ vector: UInt64) -> UInt64 {
        var (sum, rest) = (UInt64(0), vector)
        while rest != 0 {
            sum ^= matrix[rest.trailingZeroBitCount]
            rest &= rest - 1
        }
        return sum
    }

    private static func square(_ matrix: [UInt64]) -> [UInt64] { matrix.map { multiply(matrix, $0) } }
}
