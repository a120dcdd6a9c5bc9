import Core
import HostTesting
import Testing

/// KMS through the gateway without a socket: scenarios of calls and answers in a table.
///
/// A step says what to `do`, `with` what, `in` which region, after how many `days`; what it `gives` and `lacks` at which
/// places of the answer, what of it to `keep` under which name, or which `error` it ends with. `${name}` stands for what
/// was kept.
@Suite struct KMSTests {
    static let scenarios = Scenario.read("kms.json")

    @Test func thereAreScenarios() { #expect(Self.scenarios.count >= 12) }

    @Test(arguments: scenarios) func scenario(_ scenario: Scenario) async throws {
        let host = try KMSServices()
        var kept: [String: String] = [:]
        for step in scenario.steps {
            let text = kept.reduce(step.text()) { $0.replacing("${\($1.key)}", with: $1.value) }
            let step = try JSON(parsing: text)
            if let days = step["days"]?.intValue { await host.clock.advance(by: Int64(days) * 86_400_000) }
            let operation = try #require(step["do"]?.stringValue)
            let answer = try await host.call(
                operation, step["with"] ?? [:], region: step["in"]?.stringValue ?? "us-east-1")
            if let error = step["error"] {
                #expect(answer.json["__type"]?.stringValue?.hasSuffix(error[0]?.stringValue ?? "?") == true, "\(text)")
                if let message = error[1] {
                    #expect((answer.json["message"] ?? answer.json["Message"]) == message, "\(text)")
                }
                continue
            }
            #expect(answer.status == 200, "\(text): \(answer.json.text())")
            for (place, value) in step["gives"]?.objectValue ?? [:] {
                #expect(answer.json.at(place) == value, "\(operation), \(place): \(answer.json.text())")
            }
            for place in step["lacks"]?.arrayValue?.compactMap(\.stringValue) ?? [] {
                #expect(answer.json.at(place) == nil, "\(operation), \(place): \(answer.json.text())")
            }
            for (name, place) in step["keep"]?.objectValue ?? [:] {
                kept[name] = try #require(answer.json.at(place.stringValue ?? "")?.stringValue)
            }
        }
    }

    @Test("what is encrypted by one key is not opened with the material of another") func otherMaterial() async throws {
        let host = try KMSServices()
        var ids: [String] = []
        for _ in 0..<2 {
            let made = try await host.call("CreateKey", [:])
            ids.append(try #require(made.json.at("KeyMetadata.KeyId")?.stringValue))
        }
        let sealed = try await host.call("Encrypt", ["KeyId": .string(ids[0]), "Plaintext": "aGVsbG8="])
        let text = try #require(sealed.json["CiphertextBlob"]?.stringValue)
        let bytes = try #require(Base64.decode(text))
        // Every byte of it is needed as it is: the header, the material's identifier, the nonce, the text and the tag.
        for place in stride(from: 0, to: bytes.count, by: 7) {
            var changed = bytes
            changed[place] ^= 0x10
            let opened = try await host.call("Decrypt", ["CiphertextBlob": .string(Base64.encode(changed))])
            #expect(opened.json["__type"]?.stringValue?.hasSuffix("InvalidCiphertextException") == true, "\(place)")
        }
        let opened = try await host.call("Decrypt", ["CiphertextBlob": .string(text)])
        #expect(opened.json["Plaintext"] == "aGVsbG8=")
    }
}

extension JSON {
    /// What is at a place such as `Keys.0.KeyId`.
    fileprivate func at(_ place: String) -> JSON? {
        place.split(separator: ".").reduce(Optional(self)) { found, part in
            Int(part).map { found?[$0] } ?? found?[String(part)]
        }
    }
}
