import Core
import HostTesting
import Testing
import Wire

/// Addresses and forms that somebody with keys has signed for others.
@Suite struct PresignedTests {
    private static let start = Timestamp(milliseconds: 1_795_359_063_000)

    /// A presigned address, and what is changed in it afterwards.
    private static func signed(
        _ method: String, _ target: String, key: Credentials = .customary, expires: Int = 60, age: Int64 = 0,
        _ change: (inout Step) -> Void = { _ in }
    ) -> Step {
        let signer = RequestSigner(
            key, region: "us-east-1", service: "s3",
            clock: VirtualClock(start: start.adding(milliseconds: -age * 1000)))
        let halves = target.split(separator: "?")
        var request = WireRequest(
            method: method, path: String(halves[0]), query: halves.count > 1 ? String(halves[1]) : "",
            headers: ["Host": "127.0.0.1:4566"])
        signer.presign(&request, expires: expires)
        var step = Step(method: method, target: "\(request.path)?\(request.query)")
        change(&step)
        return step
    }

    private static let stranger = Credentials(accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret")
    private static let wrong = Credentials(accessKeyID: "test", secretAccessKey: "other")

    private static let stories = [
        S3Story(
            name: "addresses are good for what was signed",
            steps: [
                Step(method: "PUT", target: "/box"),
                signed("PUT", "/box/k?x-amz-meta-colour=blue") { $0.body = "text" },
                signed("GET", "/box/k") {
                    $0.contains = ["text"]
                    $0.fields = ["x-amz-meta-colour": "blue"]
                },
                signed("GET", "/box/k") {
                    $0.target += "&versionId=null"
                    $0.status = 403
                    $0.contains = [
                        "<Code>SignatureDoesNotMatch</Code>", "<AWSAccessKeyId>test</AWSAccessKeyId>",
                        "<CanonicalRequest>GET\n/box/k", "<StringToSignBytes>41 57 53",
                    ]
                },
                signed("GET", "/box/k") {
                    $0.headers = [("x-amz-checksum-mode", "ENABLED")]
                    $0.status = 403
                    $0.contains = ["<HeadersNotSigned>x-amz-checksum-mode</HeadersNotSigned>"]
                },
                signed("GET", "/box/k", key: wrong) { $0.status = 403 },
                signed("GET", "/box/k", age: 61) {
                    $0.status = 403
                    $0.contains = ["Request has expired", "<X-Amz-Expires>60<", "<ServerTime>2026-11-22T14:51:03Z<"]
                },
            ]),
        S3Story(
            name: "of a key that is not known, only its time is checked",
            steps: [
                Step(method: "PUT", target: "/box"),
                signed("PUT", "/box/k", key: stranger) { $0.body = "text" },
                signed("GET", "/box/k", key: stranger, age: 61) { $0.status = 403 },
            ]),
        S3Story(
            name: "headers are not verified",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    method: "PUT", target: "/box/k",
                    headers: [
                        (
                            "Authorization",
                            "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
                        )
                    ]),
                Step(method: "PUT", target: "/box/k", headers: [("Authorization", "AWS test:0")]),
                Step(method: "PUT", target: "/box/k", headers: [("Authorization", "AWS test")], status: 400),
            ]),
        S3Story(
            name: "the older kind of address",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    target: "/box/k?AWSAccessKeyId=test&Expires=1795359123&Signature=AAAA", status: 403,
                    contains: ["<SignatureProvided>AAAA<", "<StringToSign>GET\n\n\n1795359123\n"]),
                Step(
                    target: "/box/k?AWSAccessKeyId=test&Expires=1795359062&Signature=AAAA", status: 403,
                    contains: ["Request has expired", "<Expires>2026-11-22T14:51:02Z<"]),
                Step(
                    target: "/box/k?AWSAccessKeyId=test&Signature=AAAA", status: 403,
                    contains: ["requires the Signature, Expires and AWSAccessKeyId parameters"]),
            ]),
        S3Story(
            name: "forms are good for what their policy says",
            steps: [
                Step(method: "PUT", target: "/box"),
                form([("key", "k"), ("policy", policy), ("AWSAccessKeyId", "test"), ("Signature", signature)]) {
                    $0.status = 204
                    $0.fields = ["x-amz-checksum-type": "FULL_OBJECT", "Location": "http://127.0.0.1:4566/box/k"]
                },
                form([("key", "other"), ("policy", policy), ("AWSAccessKeyId", "test"), ("Signature", signature)]) {
                    $0.status = 403
                    $0.contains = ["Policy Condition failed"]
                },
                form([("key", "k"), ("policy", policy), ("AWSAccessKeyId", "test"), ("Signature", "AAAA")]) {
                    $0.status = 403
                    $0.contains = ["<Code>SignatureDoesNotMatch</Code>", "<SignatureProvided>AAAA<"]
                },
                form([
                    ("key", "free"), ("success_action_status", "201"), ("x-amz-meta-a", "=?UTF-8?Q?b?="),
                    ("Cache-Control", "a—é"),
                ]) {
                    $0.status = 201
                    $0.contains = ["<PostResponse><Location>http://127.0.0.1:4566/box/free<", "<Key>free<"]
                },
                // What a form says is text already.
                Step(
                    method: "HEAD", target: "/box/free",
                    fields: ["x-amz-meta-a": "=?UTF-8?Q?b?=", "Cache-Control": "a é"]),
                Step(
                    method: "PUT", target: "/box/copy", headers: [("x-amz-copy-source", "box/free")]),
                Step(method: "HEAD", target: "/box/copy", fields: ["Cache-Control": "a é"]),
            ]),
    ]

    private static let policy = Base64.encode(
        Array(
            #"{"expiration":"2027-01-01T00:00:00Z","conditions":[{"bucket":"box"},["eq","$key","k"]]}"#.utf8))
    private static let signature = Base64.encode(
        Digest.hmac(Array(policy.utf8), key: Array("test".utf8), .sha1))

    private static func form(_ fields: [(String, String)], _ change: (inout Step) -> Void) -> Step {
        let parts = (fields + [("file", "bytes")]).map { name, value in
            "--x\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        var step = Step(
            method: "POST", target: "/box", headers: [("Content-Type", "multipart/form-data; boundary=x")],
            body: parts.joined() + "--x--\r\n")
        change(&step)
        return step
    }

    @Test("signatures let others in", arguments: stories) func story(_ story: S3Story) async throws {
        try await story.run(at: Self.start)
    }
}
