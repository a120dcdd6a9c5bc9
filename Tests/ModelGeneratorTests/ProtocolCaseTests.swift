import Core
import Foundation
import Testing
import Wire

@testable import ModelGenerator

/// Runs protocol cases in botocore's form, from the folder that MILLRACE_PROTOCOL_CASES names (with `input` and
/// `output` below it), through the codecs in both directions.
@Suite struct ProtocolCaseTests {
    static let folder = ProcessInfo.processInfo.environment["MILLRACE_PROTOCOL_CASES"]

    static let protocols = [
        "json", "json_1_0", "json_1_0-query-compatible", "query", "rest-json", "rest-xml", "smithy-rpc-v2-cbor",
    ]

    /// Parts of cases that mean something else than the codecs: what clients put in of themselves, names that the cases
    /// give otherwise than any service's model does, and types that the selected services do not have.
    private static let leftOut = [
        "PutWithContentEncoding": "clients compress large requests",
        "HostWithPath": "the path of an endpoint belongs to the client's configuration",
        "IdempotencyTokenAutoFill": "clients fill the token",
        "QueryPrecedence": "what a map of all parameters gets is the client's view",
        "AllQueryStringTypes": "what a map of all parameters gets is the client's view",
        "QueryStringMap": "what a map of all parameters gets is the client's view",
        "QueryStringEscaping": "what a map of all parameters gets is the client's view",
        "MediaTypeHeader": "no selected service has JSON in a header",
        "NullAndEmptyHeaders": "empty lists are left out",
        "OmitsEmptyListQueryValues": "empty lists are left out",
        "EmptyQueryMaps": "empty maps are left out",
        "XmlLists": "models older than the cases name flattened lists by their elements",
        "HttpChecksumRequired": "the only such operations here are S3's, whose clients add checksums",
        "HttpPrefixHeadersAreNotPresent": "empty maps are left out",
        "HttpPrefixHeadersResponse": "every answer has further fields",
        "IgnoreQueryParamsInResponse": "no selected service has such an output",
        "HttpWithEmptyStructurePayload": "a structure without members is the same as none",
        "HttpWithHeadersButNoPayload": "a structure without members is the same as none",
    ]

    private static func isLeftOut(_ id: String) -> Bool { leftOut.keys.contains { id.contains($0) } }

    private static func suites(_ side: String, _ name: String) throws -> [ProtocolSuite] {
        let path = "\(folder ?? "")/\(side)/\(name).json"
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return ProtocolSuite.list(try JSON(parsing: [UInt8](data)))
    }

    @Test(
        .enabled(if: folder != nil, "MILLRACE_PROTOCOL_CASES names no folder of protocol cases"), arguments: protocols)
    func inputs(name: String) throws {
        for suite in try Self.suites("input", name) {
            for item in suite.cases {
                let id = "\(suite.description)/\(item["id"]?.stringValue ?? "")"
                if Self.isLeftOut(id) { continue }
                let (model, operation) = try suite.service(item["given"] ?? .null)
                let wire = try #require(model.traits.protocols.first).implementation
                let expected = CaseValue.record(item["params"] ?? .null, operation.input)
                let serialized = item["serialized"] ?? .null
                #expect(throws: Never.self, "\(id)") {
                    let request = Self.request(serialized, isBase64: name.contains("cbor"))
                    let input = try wire.decodeInput(request, operation, of: model)
                    #expect(CaseValue.text(input) == CaseValue.text(expected), "decoded: \(id)")
                    let encoded = try wire.encodeInput(expected, operation, of: model)
                    let again = try wire.decodeInput(encoded, operation, of: model)
                    #expect(CaseValue.text(again) == CaseValue.text(expected), "encoded: \(id)")
                    let uri = encoded.query.isEmpty ? encoded.path : "\(encoded.path)?\(encoded.query)"
                    if let wanted = serialized["uri"]?.stringValue {
                        #expect(Self.sorted(uri) == Self.sorted(wanted), "\(id)")
                    }
                    for (header, value) in serialized["headers"]?.objectValue ?? JSONObject() {
                        #expect(encoded.headers[header] == value.stringValue, "\(id) \(header)")
                    }
                }
            }
        }
    }

    @Test(
        .enabled(if: folder != nil, "MILLRACE_PROTOCOL_CASES names no folder of protocol cases"), arguments: protocols)
    func outputs(name: String) throws {
        for suite in try Self.suites("output", name) {
            for item in suite.cases where item["result"] != nil {
                let id = "\(suite.description)/\(item["id"]?.stringValue ?? "")"
                if Self.isLeftOut(id) { continue }
                let (model, operation) = try suite.service(item["given"] ?? .null)
                let wire = try #require(model.traits.protocols.first).implementation
                let expected = CaseValue.record(item["result"] ?? .null, operation.output)
                #expect(throws: Never.self, "\(id)") {
                    let response = Self.response(item["response"] ?? .null, isBase64: name.contains("cbor"))
                    let output = try wire.decodeOutput(response, operation, of: model)
                    #expect(CaseValue.text(output) == CaseValue.text(expected), "decoded: \(id)")
                    let encoded = try wire.encodeOutput(expected, operation, of: model, requestID: "id")
                    let again = try wire.decodeOutput(encoded, operation, of: model)
                    #expect(CaseValue.text(again) == CaseValue.text(expected), "encoded: \(id)")
                }
            }
        }
    }

    private static func request(_ json: JSON, isBase64: Bool) -> WireRequest {
        let uri = (json["uri"]?.stringValue ?? "/").split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return WireRequest(
            method: json["method"]?.stringValue ?? "POST", path: String(uri[0]),
            query: uri.count > 1 ? String(uri[1]) : "", headers: fields(json["headers"]),
            body: body(json["body"], isBase64: isBase64))
    }

    private static func response(_ json: JSON, isBase64: Bool) -> WireResponse {
        WireResponse(
            status: Int(json["status_code"]?.intValue ?? 200), headers: fields(json["headers"]),
            body: body(json["body"], isBase64: isBase64))
    }

    private static func fields(_ json: JSON?) -> HTTPFields {
        HTTPFields((json?.objectValue ?? JSONObject()).map { (name: $0.key, value: $0.value.stringValue ?? "") })
    }

    private static func body(_ json: JSON?, isBase64: Bool) -> ByteStream {
        let text = json?.stringValue ?? ""
        return ByteStream(isBase64 ? Base64.decode(text) ?? [] : Array(text.utf8))
    }

    private static func sorted(_ uri: String) -> String {
        let halves = uri.split(separator: "?", maxSplits: 1)
        return halves[0] + "?"
            + (halves.count > 1 ? halves[1].split(separator: "&").sorted().joined(separator: "&") : "")
    }
}
