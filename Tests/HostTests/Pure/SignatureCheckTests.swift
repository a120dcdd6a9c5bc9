import Core
@testable import Project
import Testing
import Wire
@testable import millrace

/// Signatures of the common senders, among them the examples of their own documents.
@Suite struct SignatureCheckTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var signature: WebhookSignature
        var headers: HTTPFields
        var body: [UInt8]
        var now: Timestamp
        var objection: String?

        init?(_ json: JSON) {
            guard let name = json["name"]?.stringValue, let scheme = json["scheme"]?.stringValue,
                let secret = json["secret"]?.stringValue, let body = json["body"]?.stringValue,
                let headers = json["headers"]?.objectValue, let now = json["now"]?.intValue
            else { return nil }
            testDescription = "\(scheme): \(name)"
            signature = WebhookSignature(scheme: scheme, secret: secret, header: json["header"]?.stringValue)
            self.headers = HTTPFields(headers.map { ($0.key, $0.value.stringValue ?? "") })
            self.body = Array(body.utf8)
            self.now = Timestamp(milliseconds: Int64(now) * 1000)
            objection = json["objection"]?.stringValue
        }
    }

    static let cases: [Case] = {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        guard let bytes = try? File.read("/\(folder)/Cases/signatures.json"), let json = try? JSON(parsing: bytes)
        else {
            return []
        }
        return (json.arrayValue ?? []).compactMap(Case.init)
    }()

    @Test func `every case of the table is read`() { #expect(Self.cases.count == 43) }

    @Test(arguments: cases) func `believes what is signed and nothing else`(_ example: Case) {
        let objection = SignatureCheck(signature: example.signature).objection(
            example.headers, body: example.body, now: example.now)
        #expect(objection == example.objection)
    }
}
