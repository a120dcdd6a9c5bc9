import Core
import Synchronization

/// Hands a body on and compares, at its end, what came with what was announced.
public final class VerifiedBody: ByteChunkSource {
    private struct State: ~Copyable {
        var sha256: IncrementalDigest?
        var md5: IncrementalDigest?
        var checksum: RunningChecksum?
    }

    private let upstream: any ByteChunkSource
    private let expectations: BodyExpectations
    private let state: Mutex<State>

    public init(_ upstream: any ByteChunkSource, _ expectations: BodyExpectations) {
        self.upstream = upstream
        self.expectations = expectations
        state = Mutex(
            State(
                sha256: expectations.sha256 == nil ? nil : IncrementalDigest(.sha256),
                md5: expectations.md5 == nil ? nil : IncrementalDigest(.md5),
                checksum: expectations.checksum.map { RunningChecksum($0.algorithm) }))
    }

    public func next() async throws(AWSError) -> [UInt8]? {
        if let chunk = try await upstream.next() {
            state.withLock { state in
                chunk.withUnsafeBytes { bytes in
                    state.sha256?.update(bytes)
                    state.md5?.update(bytes)
                    state.checksum?.update(bytes)
                }
            }
            return chunk
        }
        let (sha256, md5, checksum) = state.withLock { state in
            (state.sha256.take()?.finish(), state.md5.take()?.finish(), state.checksum.take()?.finish())
        }
        try expectations.check(sha256: sha256, md5: md5, checksum: checksum)
        return nil
    }
}

/// What the header of a request announces of its body.
public struct BodyExpectations: Sendable {
    /// Of `x-amz-content-sha256`, in hexadecimal digits.
    var sha256: String?
    var md5: [UInt8]?
    private let isPart: Bool
    var checksum: (algorithm: ChecksumAlgorithm, value: [UInt8])?

    public var isEmpty: Bool { sha256 == nil && md5 == nil && checksum == nil }

    /// - Parameters:
    ///   - checksDigest: whether the signature's own digest is to be compared too.
    ///   - isPart: the body is a part of an object. S3 names the announced digest of a part as it came, and that of a
    ///     whole object in hexadecimal digits.
    public init(_ headers: HTTPFields, checksDigest: Bool, isPart: Bool = false) throws(AWSError) {
        self.isPart = isPart
        if checksDigest, let text = headers["x-amz-content-sha256"], case .digest(let digest) = PayloadHash(text) {
            sha256 = digest.lowercased()
        }
        if let text = headers["Content-MD5"] {
            guard let bytes = Base64.decode(text), bytes.count == 16 else {
                throw AWSError("InvalidDigest", "The Content-MD5 you specified was invalid.", status: 400)
                    .with("Content-MD5", .string(text))
            }
            md5 = bytes
        }
        guard ChecksumAlgorithm.allCases.count(where: { headers[$0.header] != nil }) <= 1 else {
            throw AWSError(
                "InvalidRequest",
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.", status: 400)
        }
        for algorithm in ChecksumAlgorithm.allCases {
            guard let text = headers[algorithm.header] else { continue }
            guard let bytes = Base64.decode(text), bytes.count == algorithm.size else {
                throw AWSError("InvalidRequest", "Value for \(algorithm.header) header is invalid.", status: 400)
            }
            checksum = (algorithm, bytes)
        }
    }

    func check(sha256: [UInt8]?, md5: [UInt8]?, checksum: [UInt8]?) throws(AWSError) {
        if let sha256, hexadecimal(sha256) != self.sha256 { throw SignatureFailure.wrongPayload.error(.restXML) }
        if let md5, md5 != self.md5 {
            let announced = self.md5 ?? []
            throw AWSError(
                "BadDigest", "The Content-MD5 you specified did not match what we received.", status: 400
            ).with("ExpectedDigest", .string(isPart ? Base64.encode(announced) : hexadecimal(announced))).with(
                "CalculatedDigest", .string(Base64.encode(md5)))
        }
        if let checksum, let expected = self.checksum, checksum != expected.value {
            throw .badChecksum(expected.algorithm)
        }
    }

    /// Compares a body that is all at hand.
    public func check(_ bytes: [UInt8]) throws(AWSError) {
        try check(
            sha256: sha256 == nil ? nil : Digest.sha256(bytes), md5: md5 == nil ? nil : Digest.md5(bytes),
            checksum: checksum.map { RunningChecksum.of(bytes, $0.algorithm) })
    }
}
