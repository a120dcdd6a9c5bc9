import Core
import Foundation
import Testing
import Wire

/// Objects under keys that customers keep.
@Suite struct CustomerKeyTests {
    private static let algorithm = "x-amz-server-side-encryption-customer-algorithm"
    private static let key = [
        (algorithm, "AES256"),
        ("x-amz-server-side-encryption-customer-key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("x-amz-server-side-encryption-customer-key-MD5", "tP/LI3N87DFaSk0aoqYgzg=="),
    ]
    private static let other = [
        (algorithm, "AES256"),
        ("x-amz-server-side-encryption-customer-key", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="),
        ("x-amz-server-side-encryption-customer-key-MD5", "WYUzG87JcbJiEiqhylrUEQ=="),
    ]

    /// The same headers for the source of a copy.
    private static func source(_ key: [(String, String)]) -> [(String, String)] {
        key.map { ($0.0.replacing("x-amz-", with: "x-amz-copy-source-"), $0.1) }
    }

    private static func put(_ key: [(String, String)], status: Int = 200, contains: [String] = []) -> Step {
        Step(method: "PUT", target: "/box/k", headers: key, body: "0123456789", status: status, contains: contains)
    }

    private static let stories = [
        S3Story(
            name: "only the key opens",
            steps: [
                Step(method: "PUT", target: "/box"), put(key),
                Step(target: "/box/k", headers: key, contains: ["0123456789"], fields: [algorithm: "AES256"]),
                Step(target: "/box/k", headers: key + [("Range", "bytes=3-5")], status: 206, contains: ["345"]),
                Step(target: "/box/k", status: 400, contains: ["The correct parameters must be provided to retrieve"]),
                Step(target: "/box/k", headers: other, status: 403, contains: ["must provide the correct secret key"]),
                Step(
                    target: "/box/k", headers: [(algorithm, "AES128"), key[1], key[2]], status: 400,
                    contains: ["InvalidEncryptionAlgorithmError"]),
                Step(method: "HEAD", target: "/box/k", headers: other, status: 403),
                Step(
                    method: "HEAD", target: "/box/k", headers: key + [("x-amz-checksum-mode", "ENABLED")],
                    fields: ["x-amz-checksum-crc64nvme": "Ffmx7kz9nB0="]),
            ]),
        S3Story(
            name: "headers that do not belong together",
            steps: [
                Step(method: "PUT", target: "/box"),
                put([key[0], key[1]], status: 400, contains: ["The secret key was invalid"]),
                put([key[0], key[2]], status: 400, contains: ["must provide an appropriate secret key"]),
                put([key[1], key[2]], status: 400, contains: ["must provide a valid encryption algorithm"]),
                put([key[0], key[1], other[2]], status: 400, contains: ["did not match the hash that was provided"]),
                put([key[0], (key[1].0, "AAEC"), key[2]], status: 400, contains: ["The secret key was invalid"]),
                put(
                    key + [("x-amz-server-side-encryption", "AES256")], status: 400,
                    contains: ["is incompatible with the encryption method specified"]),
            ]),
        S3Story(
            name: "copies change keys",
            steps: [
                Step(method: "PUT", target: "/box"), put(key),
                Step(method: "PUT", target: "/box/copy", headers: [("x-amz-copy-source", "box/k")], status: 400),
                Step(
                    method: "PUT", target: "/box/again",
                    headers: [("x-amz-copy-source", "box/k")] + source(key) + other),
                Step(target: "/box/again", headers: other, contains: ["0123456789"]),
                Step(
                    method: "PUT", target: "/box/plain", headers: [("x-amz-copy-source", "box/again")] + source(other),
                    contains: ["781e5e245d69b566979b86e28d23f2c7"]),
                Step(target: "/box/plain", contains: ["0123456789"]),
            ]),
    ]

    @Test("customers keep their keys", arguments: stories) func story(_ story: S3Story) async throws {
        try await story.run()
    }

    @Test("parts are encrypted each on its own, and the file holds nothing that can be read") func parts() async throws
    {
        let host = try await S3Host()
        _ = try await host.respond(to: Step(method: "PUT", target: "/box"))
        let (_, begun) = try await host.respond(to: Step(method: "POST", target: "/box/k?uploads", headers: Self.key))
        let text = String(decoding: begun, as: UTF8.self)
        let id = try #require(text.firstMatch(of: /<UploadId>(.*)<\/UploadId>/)?.1)
        let parts = [String(repeating: "0123456789abcdef", count: 5 << 16), "the end"]
        var listed = ""
        for (position, part) in parts.enumerated() {
            let target = "/box/k?partNumber=\(position + 1)&uploadId=\(id)"
            let (refused, _) = try await host.respond(to: Step(method: "PUT", target: target, body: part))
            #expect(refused.status == 400)
            let (response, _) = try await host.respond(
                to: Step(method: "PUT", target: target, headers: Self.key, body: part))
            let tag = try #require(response.headers["ETag"])
            listed += "<Part><PartNumber>\(position + 1)</PartNumber><ETag>\(tag)</ETag></Part>"
        }
        let (completed, _) = try await host.respond(
            to: Step(
                method: "POST", target: "/box/k?uploadId=\(id)",
                body: "<CompleteMultipartUpload>\(listed)</CompleteMultipartUpload>"))
        #expect(completed.status == 200)
        let whole = Array(parts.joined().utf8)
        let (_, read) = try await host.respond(to: Step(target: "/box/k", headers: Self.key))
        #expect(read == whole)
        // Across the border of the parts, and within a block of the cipher.
        let border = parts[0].utf8.count
        let (_, piece) = try await host.respond(
            to: Step(target: "/box/k", headers: Self.key + [("Range", "bytes=\(border - 3)-\(border + 2)")]))
        #expect(piece == Array("defthe".utf8))
        let atRest = try Data(contentsOf: URL(fileURLWithPath: host.path("box/k")))
        #expect(atRest.count == whole.count && atRest.firstRange(of: Data("0123456789abcdef".utf8)) == nil)
        #expect(atRest.firstRange(of: Data("the end".utf8)) == nil)
        await host.close()
    }
}
