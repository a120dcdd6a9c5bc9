import Core
import Wire

/// Brings a request into the form that the protocols expect: no `aws-chunked`, verified checksums, and the header
/// fields that a presigned address carries in its query.
enum RequestPreparation {
    private static let signatureParameters: Set<String> = [
        "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders", "x-amz-signature",
        "x-amz-security-token",
    ]

    /// The conditions of a request may be part of its signed address too.
    private static let conditions: Set<String> = [
        "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
    ]

    static func prepare(
        _ request: inout WireRequest, _ operation: OperationSchema, isSigned: Bool, _ caller: Caller
    ) throws(AWSError) {
        guard operation.streamsInput || operation.checksumAlgorithmMember != nil else { return }
        let hash = request.headers["x-amz-content-sha256"].map(PayloadHash.init)
        if hash?.isChunked ?? false || hasChunkedEncoding(request) {
            try unchunk(&request, caller)
        }
        let isPart = operation.input.members.contains { $0.location == .query && $0.wireName == "partNumber" }
        try verify(&request, checksDigest: isSigned, isPart: isPart)
    }

    /// `x-amz-` parameters of a presigned address stand for header fields.
    static func hoist(_ request: inout WireRequest) {
        for (name, value) in PercentCoding.pairs(request.query, plusIsSpace: false) ?? [] {
            let name = name.lowercased()
            guard name.hasPrefix("x-amz-") || conditions.contains(name), !signatureParameters.contains(name),
                request.headers[name] == nil
            else {
                continue
            }
            request.headers.append(name, value)
        }
    }

    private static func hasChunkedEncoding(_ request: WireRequest) -> Bool {
        request.headers["Content-Encoding"]?.hasBytes("aws-chunked") ?? false
    }

    private static func unchunk(_ request: inout WireRequest, _ caller: Caller) throws(AWSError) {
        var length: Int64?
        if let text = request.headers["x-amz-decoded-content-length"] {
            guard let number = Int64(text), number >= 0 else {
                throw AWSError("InvalidRequest", "x-amz-decoded-content-length is no number.", status: 400)
            }
            length = number
        }
        var trailer: ChecksumAlgorithm?
        if let name = request.headers["x-amz-trailer"] {
            guard let known = ChecksumAlgorithm(header: name) else {
                throw AWSError(
                    "InvalidRequest", "The value specified in the x-amz-trailer header is not supported", status: 400)
            }
            trailer = known
        }
        let body = ChunkedBody(
            request.body.chunks(), signatures: caller.chunks, decodedLength: length, trailer: trailer)
        request.body = ByteStream(.chunks(length: length, body))
        if let length { request.headers["Content-Length"] = String(length) }
        if let encoding = request.headers["Content-Encoding"] {
            let rest = encoding.split(separator: ",").map { $0.drop { $0 == " " } }.filter { $0 != "aws-chunked" }
            request.headers["Content-Encoding"] = rest.isEmpty ? nil : rest.joined(separator: ",")
        }
    }

    private static func verify(_ request: inout WireRequest, checksDigest: Bool, isPart: Bool) throws(AWSError) {
        let expectations = try BodyExpectations(request.headers, checksDigest: checksDigest, isPart: isPart)
        guard !expectations.isEmpty else { return }
        switch request.body.source {
        case .bytes(let bytes): try expectations.check(bytes)
        case .file: break
        case .chunks(let length, let chunks):
            request.body = ByteStream(.chunks(length: length, VerifiedBody(chunks, expectations)))
        }
    }
}
