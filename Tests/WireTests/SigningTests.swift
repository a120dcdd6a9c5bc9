import Core
import Testing
import Wire

/// The examples of AWS's documentation of Signature Version 4 for S3.
@Suite struct SigningTests {
    private static let credentials = Credentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    private static let emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"

    private static func verifier(at time: String = "2013-05-24T00:00:00Z", _ secret: String? = nil) -> SignatureVerifier
    {
        var known = credentials
        if let secret { known.secretAccessKey = secret }
        return SignatureVerifier(StaticCredentials([known]), clock: FixedClock(time))
    }

    private static func get(signature: String = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        -> WireRequest
    {
        WireRequest(
            method: "GET", path: "/test.txt",
            headers: [
                "Host": "examplebucket.s3.amazonaws.com", "Range": "bytes=0-9", "x-amz-content-sha256": emptyDigest,
                "x-amz-date": "20130524T000000Z",
                "Authorization":
                    "AWS4-HMAC-SHA256 Credential=\(scope),SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=\(signature)",
            ])
    }

    private static func presigned() -> WireRequest {
        WireRequest(
            method: "GET", path: "/test.txt",
            query: "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\(PercentCoding.encode(scope))"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            headers: ["Host": "examplebucket.s3.amazonaws.com"])
    }

    private static func outcome(_ request: WireRequest, _ verifier: SignatureVerifier) -> String {
        do throws(SignatureFailure) {
            guard let signature = try RequestSignature(request) else { return "unsigned" }
            _ = try verifier.verify(request, signature, body: [])
            return "verified"
        } catch {
            return error.error(.restXML).code
        }
    }

    @Test("a signed header") func header() {
        #expect(Self.outcome(Self.get(), Self.verifier()) == "verified")
        #expect(
            Self.outcome(Self.get(signature: String(repeating: "0", count: 64)), Self.verifier())
                == "SignatureDoesNotMatch")
        #expect(Self.outcome(Self.get(), Self.verifier("other")) == "SignatureDoesNotMatch")
        #expect(
            Self.outcome(
                Self.get(), SignatureVerifier(StaticCredentials([]), clock: FixedClock("2013-05-24T00:00:00Z")))
                == "InvalidAccessKeyId")
    }

    private static let tampered: [(String, @Sendable (inout WireRequest) -> Void, String)] = [
        ("path", { $0.path = "/other.txt" }, "SignatureDoesNotMatch"),
        ("query", { $0.query = "acl" }, "SignatureDoesNotMatch"),
        ("method", { $0.method = "DELETE" }, "SignatureDoesNotMatch"),
        ("header", { $0.headers["Range"] = "bytes=0-99" }, "SignatureDoesNotMatch"),
        ("unsigned header", { $0.headers["x-amz-acl"] = "public-read" }, "AccessDenied"),
        ("date", { $0.headers["x-amz-date"] = "20130525T000000Z" }, "AuthorizationHeaderMalformed"),
        ("no date", { $0.headers["x-amz-date"] = nil }, "AuthorizationHeaderMalformed"),
        ("the older algorithm", { $0.headers["Authorization"] = "AWS AKIA:x" }, "unsigned"),
        (
            "half a header", { $0.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=a" },
            "AuthorizationHeaderMalformed"
        ),
        ("no signature", { $0.headers["Authorization"] = nil }, "unsigned"),
    ]

    @Test("whatever is changed is noticed", arguments: tampered.indices)
    func tampering(index: Int) {
        let (name, change, code) = Self.tampered[index]
        var request = Self.get()
        change(&request)
        #expect(Self.outcome(request, Self.verifier()) == code, "\(name)")
    }

    private static let times = [
        ("2013-05-24T00:14:59Z", "verified", "verified"), ("2013-05-24T00:15:01Z", "RequestTimeTooSkewed", "verified"),
        ("2013-05-23T23:44:00Z", "RequestTimeTooSkewed", "RequestTimeTooSkewed"),
        ("2013-05-24T23:59:59Z", "RequestTimeTooSkewed", "verified"),
        ("2013-05-25T00:00:01Z", "RequestTimeTooSkewed", "AccessDenied"),
    ]

    @Test("clocks may differ a quarter of an hour; presigned addresses end", arguments: times)
    func time(now: String, header: String, presigned: String) {
        #expect(Self.outcome(Self.get(), Self.verifier(at: now)) == header)
        #expect(Self.outcome(Self.presigned(), Self.verifier(at: now)) == presigned)
    }

    private static let addresses: [(String, String, String, String)] = [
        (
            "X-Amz-Date=20130524T000000Z", "", "AuthorizationQueryParametersError",
            "version 4 requires the X-Amz-Algorithm"
        ),
        ("%2Faws4_request", "%252Faws4_request", "AuthorizationQueryParametersError", "the Credential is mal-formed"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=x", "AuthorizationQueryParametersError", "should be a number"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=-1", "AuthorizationQueryParametersError", "must be non-negative"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=604801", "AuthorizationQueryParametersError", "less than a week"),
        ("HMAC-SHA256", "HMAC-SHA1", "AuthorizationQueryParametersError", "only supports"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=86401", "SignatureDoesNotMatch", "Check your key and signing method"),
    ]

    @Test("presigned addresses must be whole", arguments: addresses)
    func presignedQuery(part: String, replacement: String, code: String, message: String) {
        var request = Self.presigned()
        request.query = request.query.replacing(part, with: replacement)
        var failure: AWSError?
        do throws(SignatureFailure) {
            if let signature = try RequestSignature(request) {
                _ = try Self.verifier().verify(request, signature, body: [])
            }
        } catch {
            failure = error.error(.restXML)
        }
        #expect(failure?.code == code)
        #expect(failure?.message?.contains(message) ?? false)
    }

    @Test("chunks form a chain of signatures") func chunks() async throws {
        let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
        let names =
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class"
        let request = WireRequest(
            method: "PUT", path: "/examplebucket/chunkObject.txt",
            headers: [
                "Host": "s3.amazonaws.com", "x-amz-date": "20130524T000000Z",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
                "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "Content-Encoding": "aws-chunked",
                "x-amz-decoded-content-length": "66560", "Content-Length": "66824",
                "Authorization": "AWS4-HMAC-SHA256 Credential=\(Self.scope),SignedHeaders=\(names),Signature=\(seed)",
            ])
        let signature = try #require(try RequestSignature(request))
        let verified = try Self.verifier().verify(request, signature, body: nil)
        #expect(verified.payload == .signedChunks(trailer: false))
        let sound = Self.chunked()
        #expect(await Self.read(sound, verified.chunks) == "66560 bytes")
        for position in [100, 66_000, sound.count - 20] {
            var changed = sound
            changed[position] ^= 1
            #expect(await Self.read(changed, verified.chunks) == "SignatureDoesNotMatch")
        }
        #expect(await Self.read(Array(sound.prefix(65_700)), verified.chunks) == "IncompleteBody")
    }

    private static func chunked() -> [UInt8] {
        let signatures = [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ]
        var body: [UInt8] = []
        for (size, signature) in zip([65_536, 1_024, 0], signatures) {
            body += Array("\(String(size, radix: 16));chunk-signature=\(signature)\r\n".utf8)
            body += [UInt8](repeating: UInt8(ascii: "a"), count: size) + [0x0D, 0x0A]
        }
        return body
    }

    private static func read(_ bytes: [UInt8], _ signatures: ChunkSignatures?) async -> String {
        let body = ChunkedBody(Pieces(bytes, size: 8_192), signatures: signatures, decodedLength: 66_560, trailer: nil)
        do throws(AWSError) {
            var count = 0
            while let chunk = try await body.next() { count += chunk.count }
            return "\(count) bytes"
        } catch {
            return error.code
        }
    }

    @Test("what is signed here is verified here", arguments: ["s3", "sqs"])
    func roundTrip(service: String) throws {
        let clock = FixedClock("2026-11-22T10:31:03Z")
        let signer = RequestSigner(Self.credentials, region: "eu-west-1", service: service, clock: clock)
        var request = WireRequest(
            method: "POST", path: "/a%20b//c", query: "y=2&x=%2F&z", headers: ["Host": "h:1", "Content-Type": "a/b"],
            body: ByteStream(Array("body".utf8)))
        var presigned = request
        signer.sign(&request)
        signer.presign(&presigned, expires: 60)
        let verifier = SignatureVerifier(StaticCredentials([Self.credentials]), clock: clock)
        for item in [request, presigned] {
            let signature = try #require(try RequestSignature(item))
            #expect(throws: Never.self) { try verifier.verify(item, signature, body: Array("body".utf8)) }
        }
        let signature = try #require(try RequestSignature(request))
        #expect(throws: SignatureFailure.self) { try verifier.verify(request, signature, body: Array("other".utf8)) }
    }

    private static let checksums: [(ChecksumAlgorithm, String)] = [
        (.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888"),
        (.sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        (.sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ]

    @Test("checksums of the usual nine digits, whole and in parts", arguments: checksums)
    func checksum(algorithm: ChecksumAlgorithm, wanted: String) {
        let bytes = Array("123456789".utf8)
        #expect(hexadecimal(RunningChecksum.of(bytes, algorithm)) == wanted)
        var parts = RunningChecksum(algorithm)
        for byte in bytes { parts.update([byte]) }
        #expect(hexadecimal(parts.finish()) == wanted)
    }

    @Test("access keys name their account")
    func accessKeys() {
        var random = SeededRandom(seed: 1)
        let key = AccessKeyID.make(account: "012345678901", isTemporary: true, using: &random)
        #expect(key.utf8.count == 20)
        #expect(AccessKeyID.account(key) == "012345678901")
        #expect(AccessKeyID.account("123456789012") == "123456789012")
        #expect(AccessKeyID.account("AKIAIOSFODNN7EXAMPLE") == nil)
        #expect(AccessKeyID.account("test") == nil)
    }
}

/// A clock that stands still.
struct FixedClock: HostClock {
    let now: Timestamp

    init(_ text: String) { now = Timestamp(rfc3339: text) ?? .distantFuture }

    func sleep(until deadline: Timestamp) async throws {}
}
