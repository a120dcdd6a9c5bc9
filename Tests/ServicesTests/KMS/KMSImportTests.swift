import Core
import HostTesting
import Testing

/// Key material from outside: wrapped by the key that the host hands out, imported, expired and imported again.
@Suite struct KMSImportTests {
    private static let material = [UInt8](repeating: 42, count: 32)

    private func importing(
        _ bytes: [UInt8], into id: String, _ host: KMSServices, _ more: JSONObject = [:]
    ) async throws -> (status: Int, json: JSON) {
        let parameters = try await host.call(
            "GetParametersForImport",
            ["KeyId": .string(id), "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"])
        let publicKey = try #require(parameters.json["PublicKey"]?.stringValue.flatMap { Base64.decode($0) })
        let wrapped = try #require(KeyPair(publicKey: publicKey)?.encrypt(bytes, oaep: .sha256))
        var input: JSONObject = [
            "KeyId": .string(id), "EncryptedKeyMaterial": .string(Base64.encode(wrapped)),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        ]
        input["ImportToken"] = parameters.json["ImportToken"]
        for (name, value) in more { input[name] = value }
        return try await host.call("ImportKeyMaterial", .object(input))
    }

    private func newKey(_ host: KMSServices, _ input: JSON = ["Origin": "EXTERNAL"]) async throws -> String {
        let made = try await host.call("CreateKey", input)
        return try #require(made.json["KeyMetadata"]?["KeyId"]?.stringValue)
    }

    private func state(_ id: String, _ host: KMSServices) async throws -> String? {
        try await host.call("DescribeKey", ["KeyId": .string(id)]).json["KeyMetadata"]?["KeyState"]?.stringValue
    }

    @Test("imported material ends, and the same material revives the key") func expiry() async throws {
        let host = try KMSServices()
        let id = try await newKey(host)
        let end = host.clock.now.adding(milliseconds: 3_600_000)
        let first = try await importing(
            Self.material, into: id, host,
            ["ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": .double(end.seconds)])
        #expect(first.status == 200)
        let sealed = try await host.call("Encrypt", ["KeyId": .string(id), "Plaintext": "eA=="])
        let blob = try #require(sealed.json["CiphertextBlob"])
        await host.clock.advance(by: 3_600_000)
        #expect(try await state(id, host) == "PendingImport")
        #expect(try await host.call("Decrypt", ["CiphertextBlob": blob]).status == 400)
        let other = try await importing([UInt8](repeating: 1, count: 32), into: id, host)
        #expect(other.json["__type"]?.stringValue?.hasSuffix("IncorrectKeyMaterialException") == true)
        let again = try await importing(Self.material, into: id, host)
        #expect(again.json["KeyMaterialId"] == first.json["KeyMaterialId"])
        #expect(try await state(id, host) == "Enabled")
        #expect(try await host.call("Decrypt", ["CiphertextBlob": blob]).json["Plaintext"] == "eA==")
    }

    @Test("new material waits for a rotation on demand") func rotation() async throws {
        let host = try KMSServices()
        let id = try await newKey(host)
        _ = try await importing(Self.material, into: id, host)
        let early = try await host.call("RotateKeyOnDemand", ["KeyId": .string(id)])
        #expect(early.json["message"]?.stringValue?.hasPrefix("No available key material pending rotation") == true)
        let next = try await importing(
            [UInt8](repeating: 1, count: 32), into: id, host, ["ImportType": "NEW_KEY_MATERIAL"])
        #expect(next.status == 200)
        let third = try await importing(
            [UInt8](repeating: 2, count: 32), into: id, host, ["ImportType": "NEW_KEY_MATERIAL"])
        #expect(third.json["message"]?.stringValue?.hasSuffix("is pending rotation.") == true)
        #expect(try await host.call("RotateKeyOnDemand", ["KeyId": .string(id)]).status == 200)
        let described = try await host.call("DescribeKey", ["KeyId": .string(id)])
        #expect(described.json["KeyMetadata"]?["CurrentKeyMaterialId"] == next.json["KeyMaterialId"])
    }

    struct Misfit: Sendable {
        var key: JSON
        var material: [UInt8]
    }

    private static let pair: JSON = ["Origin": "EXTERNAL", "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"]

    private static let misfits = [
        Misfit(key: ["Origin": "EXTERNAL"], material: [UInt8](repeating: 1, count: 31)),
        Misfit(
            key: ["Origin": "EXTERNAL", "KeySpec": "HMAC_512", "KeyUsage": "GENERATE_VERIFY_MAC"], material: material),
        Misfit(key: pair, material: material),
        Misfit(key: pair, material: KeyPair(generating: .curve(.secp256k1)).pkcs8),
    ]

    @Test("only what fits is imported", arguments: misfits) func fitting(_ misfit: Misfit) async throws {
        let host = try KMSServices()
        let id = try await newKey(host, misfit.key)
        let answer = try await importing(misfit.material, into: id, host)
        #expect(answer.json["__type"]?.stringValue?.hasSuffix("IncorrectKeyMaterialException") == true)
        #expect(try await state(id, host) == "PendingImport")
    }

    @Test("an imported private key signs, until it is deleted") func signing() async throws {
        let host = try KMSServices()
        let id = try await newKey(host, Self.pair)
        let pair = KeyPair(generating: .curve(.p256))
        #expect(try await importing(pair.pkcs8, into: id, host).status == 200)
        let signed = try await host.call(
            "Sign", ["KeyId": .string(id), "Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_256"])
        let signature = try #require(signed.json["Signature"]?.stringValue.flatMap { Base64.decode($0) })
        #expect(pair.isValid(signature, of: Digest.sha256(Array("hello".utf8)), .sha256, .ecdsa))
        #expect(try await host.call("DeleteImportedKeyMaterial", ["KeyId": .string(id)]).status == 200)
        #expect(try await state(id, host) == "PendingImport")
    }
}
