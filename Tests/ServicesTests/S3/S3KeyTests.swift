import Core
import Testing
import Wire

/// Objects under keys of KMS.
@Suite struct S3KeyTests {
    private static let encryption = "x-amz-server-side-encryption"
    private static let keyHeader = "x-amz-server-side-encryption-aws-kms-key-id"
    private static let scope = "us-east-1:000000000000"

    private func kms(_ host: S3Host, _ operation: String, _ input: JSON) async throws -> JSON {
        let step = Step(
            method: "POST", target: "/",
            headers: [
                ("X-Amz-Target", "TrentService.\(operation)"), ("Content-Type", "application/x-amz-json-1.1"),
            ], body: input.text())
        let (response, bytes) = try await host.respond(to: step)
        #expect(response.status == 200, "\(operation): \(String(decoding: bytes, as: UTF8.self))")
        return bytes.isEmpty ? .null : try JSON(parsing: bytes)
    }

    private func put(_ key: String?, to target: String = "/box/k") -> Step {
        Step(
            method: "PUT", target: target,
            headers: [(Self.encryption, "aws:kms")] + (key.map { [(Self.keyHeader, $0)] } ?? []),
            body: "0123456789")
    }

    struct Refusal: Sendable {
        var key: String
        var code = "KMS.NotFoundException"
        var message: String
    }

    @Test(
        "keys that are not there",
        arguments: [
            Refusal(key: "fake-key-id", message: "Invalid keyId 'fake-key-id'"),
            Refusal(
                key: "134f2428-cec1-4b25-a1ae-9048164dba47",
                message: "Key 'arn:aws:kms:\(scope):key/134f2428-cec1-4b25-a1ae-9048164dba47' does not exist"),
            Refusal(
                key: "arn:aws:kms:\(scope):key/134f2428-cec1-4b25-a1ae-9048164dba47",
                message: "Key 'arn:aws:kms:\(scope):key/134f2428-cec1-4b25-a1ae-9048164dba47' does not exist"),
            Refusal(
                key: "arn:aws:kms:us-west-2:000000000000:key/134f2428-cec1-4b25-a1ae-9048164dba47",
                message: "Invalid arn us-west-2"),
            Refusal(key: "alias/none", message: "Alias arn:aws:kms:\(scope):alias/none is not found."),
        ]) func missing(_ refusal: Refusal) async throws
    {
        let host = try await S3Host()
        _ = try await host.respond(to: Step(method: "PUT", target: "/box"))
        _ = try await host.respond(to: Step(method: "PUT", target: "/box/source", body: "x"))
        let copy = put(refusal.key).headers + [("x-amz-copy-source", "/box/source")]
        let upload = Step(method: "POST", target: "/box/u?uploads", headers: put(refusal.key).headers)
        for step in [put(refusal.key), Step(method: "PUT", target: "/box/c", headers: copy), upload] {
            let (response, bytes) = try await host.respond(to: step)
            let text = String(decoding: bytes, as: UTF8.self).replacing("&apos;", with: "'").replacing(
                "&#39;", with: "'")
            #expect(response.status == 400)
            #expect(text.contains("<Code>\(refusal.code)</Code>") && text.contains(refusal.message), "\(text)")
        }
        await host.close()
    }

    @Test("what a key's state does to its objects") func states() async throws {
        let host = try await S3Host()
        _ = try await host.respond(to: Step(method: "PUT", target: "/box"))
        let made = try await kms(host, "CreateKey", [:])
        let id = try #require(made["KeyMetadata"]?["KeyId"]?.stringValue)
        let arn = "arn:aws:kms:\(Self.scope):key/\(id)"
        let input: JSON = ["KeyId": .string(id)]
        _ = try await kms(host, "CreateAlias", ["AliasName": "alias/mine", "TargetKeyId": .string(id)])
        for name in [id, arn, "alias/mine"] {
            let (response, _) = try await host.respond(to: put(name))
            #expect(response.status == 200 && response.headers[Self.keyHeader] == arn, "\(name)")
        }
        let get = Step(target: "/box/k")
        #expect(try await host.respond(to: get).0.headers[Self.keyHeader] == arn)
        _ = try await kms(host, "DisableKey", input)
        for step in [get, put(id), put("alias/mine", to: "/box/other")] {
            let (response, bytes) = try await host.respond(to: step)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(response.status == 400 && text.contains("<Code>KMS.DisabledException</Code>"), "\(text)")
            #expect(text.contains("\(arn) is disabled."))
        }
        #expect(try await host.respond(to: Step(method: "HEAD", target: "/box/k")).0.status == 200)
        let summed = Step(method: "HEAD", target: "/box/k", headers: [("x-amz-checksum-mode", "ENABLED")])
        #expect(try await host.respond(to: summed).0.status == 400)
        _ = try await kms(host, "EnableKey", input)
        #expect(try await host.respond(to: get).0.status == 200)
        _ = try await kms(host, "ScheduleKeyDeletion", input)
        let (_, bytes) = try await host.respond(to: get)
        #expect(String(decoding: bytes, as: UTF8.self).contains("\(arn) is pending deletion."))
        await host.close()
    }

    @Test("the key that AWS keeps for S3") func managed() async throws {
        let host = try await S3Host()
        _ = try await host.respond(to: Step(method: "PUT", target: "/box"))
        let (first, _) = try await host.respond(to: put(nil))
        let arn = try #require(first.headers[Self.keyHeader])
        let (second, _) = try await host.respond(to: put("alias/aws/s3"))
        #expect(second.headers[Self.keyHeader] == arn)
        let described = try await kms(host, "DescribeKey", ["KeyId": .string(arn)])
        #expect(described["KeyMetadata"]?["KeyManager"] == "AWS")
        let text = "Default key that protects my S3 objects when no other key is defined"
        #expect(described["KeyMetadata"]?["Description"]?.stringValue == text)
        await host.close()
    }
}
