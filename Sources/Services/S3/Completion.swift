import AWSModels
import Core
import Objects
import Wire

/// The end of a multipart upload: what its checksum is, and whether what the caller says of it holds.
struct Completion {
    let upload: MultipartUpload
    let algorithm: Wire.ChecksumAlgorithm?
    let wanted: [S3.CompletedPart]
    let uploaded: [UploadedPart]

    private var isComposite: Bool { upload.attributes.checksumType == "COMPOSITE" }

    /// The checksum of the object; nil when its parts have none.
    func checksum(_ input: S3.CompleteMultipartUploadRequest) throws(AWSError) -> ObjectAttributes.Pair? {
        if let type = input.checksumType?.rawValue, type != upload.attributes.checksumType {
            let own = upload.attributes.checksumType ?? "null"
            throw .invalidRequest(
                "The upload was created using the \(own) checksum mode. The complete request must use the same checksum mode."
            )
        }
        let parts = try chosen()
        if let size = input.mpuObjectSize {
            let actual = parts.reduce(Int64(0)) { $0 + $1.size }
            guard Int64(size) == actual else {
                throw .invalidRequest(
                    "The provided 'x-amz-mp-object-size' header value \(size) does not match what was computed: \(actual)"
                )
            }
        }
        guard let algorithm else { return fullObject(.crc64nvme, parts) }
        let sum = isComposite ? composite(algorithm, parts) : fullObject(algorithm, parts)
        if let (given, value) = input.givenChecksum, let sum {
            // A checksum without its type is taken for one of parts.
            let isWhole = input.checksumType != nil || isComposite
            guard given == algorithm, isWhole, isComposite || value == sum.value else { throw Self.mismatch(algorithm) }
        }
        return sum
    }

    private static func mismatch(_ algorithm: Wire.ChecksumAlgorithm) -> AWSError {
        AWSError(
            "BadDigest",
            "The \(algorithm.rawValue.lowercased()) you specified did not match the calculated checksum.", status: 400)
    }

    /// The parts in the order of the request; those that are not there are left to the store to refuse.
    private func chosen() throws(AWSError) -> [UploadedPart] {
        var byNumber: [Int: UploadedPart] = [:]
        for part in uploaded { byNumber[part.number] = part }
        var chosen: [UploadedPart] = []
        for each in wanted {
            let number = each.partNumber ?? 0
            try checkPart(each, byNumber[number])
            if let part = byNumber[number] { chosen.append(part) }
        }
        return chosen
    }

    private func checkPart(_ wanted: S3.CompletedPart, _ part: UploadedPart?) throws(AWSError) {
        let number = wanted.partNumber ?? 0
        guard let algorithm else {
            guard wanted.givenChecksum != nil, let part else { return }
            throw invalidPart(number, part)
        }
        guard let given = wanted.givenChecksum else {
            guard isComposite else { return }
            throw .invalidRequest(
                "The upload was created using a \(algorithm.rawValue.lowercased()) checksum. The complete request must include the checksum for each part. It was missing for part \(number) in the request."
            )
        }
        guard given.algorithm == algorithm else {
            throw AWSError(
                "BadDigest",
                "The \(given.algorithm.rawValue.lowercased()) you specified for part \(number) did not match what we received.",
                status: 400)
        }
        guard let part, part.checksums.first?.value != given.value else { return }
        throw invalidPart(number, part)
    }

    private func invalidPart(_ number: Int, _ part: UploadedPart) -> AWSError {
        AWSError(
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
            status: 400
        ).with("UploadId", .string(upload.id)).with("PartNumber", .string(String(number)))
            .with("ETag", .string(part.etag))
    }

    private func composite(
        _ algorithm: Wire.ChecksumAlgorithm, _ parts: [UploadedPart]
    ) -> ObjectAttributes.Pair? {
        var bytes: [UInt8] = []
        for part in parts {
            guard let sum = Self.value(of: part, algorithm) else { return nil }
            bytes += sum
        }
        return .init(
            algorithm.rawValue, "\(Base64.encode(RunningChecksum.of(bytes, algorithm)))-\(parts.count)")
    }

    private func fullObject(
        _ algorithm: Wire.ChecksumAlgorithm, _ parts: [UploadedPart]
    ) -> ObjectAttributes.Pair? {
        var sums: [(value: [UInt8], length: Int64)] = []
        for part in parts {
            guard let sum = Self.value(of: part, algorithm) else { return nil }
            sums.append((sum, part.size))
        }
        return .init(algorithm.rawValue, Base64.encode(CombinedCRC.combine(sums, algorithm)))
    }

    private static func value(of part: UploadedPart, _ algorithm: Wire.ChecksumAlgorithm) -> [UInt8]? {
        part.checksums.first { $0.name == algorithm.rawValue }.flatMap { Base64.decode($0.value) }
    }
}
