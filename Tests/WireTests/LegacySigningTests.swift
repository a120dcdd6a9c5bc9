import Core
import Testing
import Wire

/// The examples of AWS's documentation of Signature Version 2 for S3.
@Suite struct LegacySigningTests {
    private static let credentials = Credentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var request: WireRequest
        var testDescription: String { name }
    }

    private static func request(
        _ method: String, _ target: String, _ signature: String, _ headers: [(String, String)]
    ) -> WireRequest {
        let halves = target.split(separator: "?", maxSplits: 1)
        var fields = HTTPFields([("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:\(signature)")])
        for (name, value) in headers { fields.append(name, value) }
        return WireRequest(
            method: method, path: String(halves[0]), query: halves.count > 1 ? String(halves[1]) : "", headers: fields)
    }

    private static let cases = [
        Case(
            name: "get an object",
            request: request(
                "GET", "/awsexamplebucket1/photos/puppy.jpg", "qgk2+6Sv9/oM7G3qLEjTH1a1l1g=",
                [("Date", "Tue, 27 Mar 2007 19:36:42 +0000")])),
        Case(
            name: "put an object",
            request: request(
                "PUT", "/awsexamplebucket1/photos/puppy.jpg", "iqRzw+ileNPu1fhspnRs8nOjjIA=",
                [
                    ("Content-Type", "image/jpeg"), ("Content-Length", "94328"),
                    ("Date", "Tue, 27 Mar 2007 21:15:45 +0000"),
                ])),
        Case(
            name: "list",
            request: request(
                "GET", "/awsexamplebucket1/?prefix=photos&max-keys=50&marker=puppy", "m0WP8eCtspQl5Ahe6L1SozdX9YA=",
                [("Date", "Tue, 27 Mar 2007 19:42:41 +0000")])),
        Case(
            name: "get a list of rights",
            request: request(
                "GET", "/awsexamplebucket1/?acl", "82ZHiFIjc+WbcwFKGUVEQspPn+0=",
                [("Date", "Tue, 27 Mar 2007 19:44:46 +0000")])),
    ]

    private static func failure(_ request: WireRequest, at time: String = "2007-03-27T19:36:42Z") -> AWSError? {
        do throws(SignatureFailure) {
            guard let now = Timestamp(rfc3339: time), let signature = try LegacySignature(request) else { return nil }
            try signature.verify(request, credentials, now: now)
            return nil
        } catch {
            return error.error(.restXML)
        }
    }

    @Test("signed headers", arguments: cases) func header(_ item: Case) {
        #expect(Self.failure(item.request)?.code == nil)
        var changed = item.request
        changed.headers.append("x-amz-acl", "public-read")
        let failure = Self.failure(changed)
        #expect(failure?.code == "SignatureDoesNotMatch")
        #expect(failure?.details.map(\.name).contains("StringToSignBytes") ?? false)
    }

    @Test("presigned addresses") func query() {
        var request = WireRequest(
            method: "GET", path: "/awsexamplebucket1/photos/puppy.jpg",
            query: "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=1No4mq5ETf02z8aet9voy6gui6E%3D&Expires=1175139620")
        #expect(Self.failure(request)?.code == nil)
        let late = Self.failure(request, at: "2007-03-29T03:40:21Z")
        #expect(late?.message == "Request has expired")
        #expect(late?.details.first { $0.name == "Expires" }?.value == "2007-03-29T03:40:20Z")
        request.query = request.query.replacing("&Expires=1175139620", with: "")
        #expect(Self.failure(request)?.message?.hasPrefix("Query-string authentication requires") ?? false)
    }
}
