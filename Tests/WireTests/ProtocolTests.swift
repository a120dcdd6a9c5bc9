import Core
import Testing
import Wire

@Suite struct ProtocolTests {
    private static let bodyProtocols: [ProtocolName] = [.json10, .json11, .query, .restJSON, .restXML, .rpcV2CBOR]

    @Test("what a client writes, the server reads", arguments: bodyProtocols)
    func inputRoundTrip(name: ProtocolName) throws {
        let model = TestModel.model(name)
        let operation = TestModel.operation("PutThing", of: model)
        let input = TestModel.thing(model)
        let request = try name.implementation.encodeInput(input, operation, of: model)
        let decoded = try name.implementation.decodeInput(request, operation, of: model)
        #expect(decoded.text == input.text)
    }

    @Test("what the server writes, a client reads", arguments: bodyProtocols)
    func outputRoundTrip(name: ProtocolName) throws {
        let model = TestModel.model(name)
        let operation = TestModel.operation("PutThing", of: model)
        var output = Record(operation.output)
        output[member: "Arn"] = .string("arn:aws:test:::<x>")
        output[member: "Made"] = .timestamp(Timestamp(milliseconds: 1_700_000_000_000))
        var part = Record(try #require(model.shape(named: "Part")))
        part[member: "Number"] = .integer(1)
        output[member: "Parts"] = .list([.structure(part), .structure(part)])
        let response = try name.implementation.encodeOutput(output, operation, of: model, requestID: "r1")
        let decoded = try name.implementation.decodeOutput(response, operation, of: model)
        #expect(decoded.text == output.text)
        #expect(response.headers["x-amzn-RequestId"] == "r1")
    }

    struct Wanted: Sendable {
        var name: ProtocolName
        var status: Int
        var contentType: String
        /// Parts of the body.
        var body: [String]
        var headers: [String: String] = [:]
    }

    private static let errors: [Wanted] = [
        Wanted(
            name: .json10, status: 404, contentType: "application/x-amz-json-1.0",
            body: [#"{"__type":"NotFound","message":"no \"x\"","Name":"x"}"#]),
        Wanted(
            name: .restJSON, status: 404, contentType: "application/json",
            body: [#"{"message":"no \"x\"","Name":"x"}"#], headers: ["x-amzn-errortype": "NotFound"]),
        Wanted(
            name: .query, status: 404, contentType: "text/xml",
            body: [
                """
                <ErrorResponse xmlns="https://test.example/doc/">
                  <Error>
                    <Type>Sender</Type>
                    <Code>Thing.NotFound</Code>
                    <Message>no "x"</Message>
                    <Name>x</Name>
                  </Error>
                  <RequestId>r1</RequestId>
                </ErrorResponse>

                """
            ]),
        Wanted(
            name: .restXML, status: 404, contentType: "application/xml",
            body: ["<Error><Type>Sender</Type><Code>Thing.NotFound</Code>", "<RequestId>r1</RequestId>"]),
    ]

    @Test("errors have the protocol's envelope", arguments: errors)
    func errorEnvelope(wanted: Wanted) throws {
        let model = TestModel.model(wanted.name)
        let error = AWSError("NotFound", "no \"x\"").with("Name", "x")
        let response = wanted.name.implementation.encodeError(error, of: model, requestID: "r1")
        #expect(response.status == wanted.status)
        #expect(response.headers["Content-Type"] == wanted.contentType)
        let body = try response.text()
        for part in wanted.body { #expect(body.contains(part), "\(body)") }
        for (name, value) in wanted.headers { #expect(response.headers[name] == value) }
        let decoded = wanted.name.implementation.decodeError(response, of: model)
        #expect(decoded.message == "no \"x\"")
        #expect(["NotFound", "Thing.NotFound"].contains(decoded.code))
    }

    @Test("the JSON protocol of a service that spoke query before names the old code too")
    func queryCompatibleError() {
        let model = TestModel.model(.json10, extra: "")
        #expect(
            ProtocolName.json10.implementation.encodeError(AWSError("NotFound", nil), of: model, requestID: "").headers[
                "x-amzn-query-error"] == nil)
        let compatible = try? ServiceModel(
            parsing:
                "service q\n queryCompatible\n protocols json-1.0\nstructure Gone fault=Old.Gone,400,sender\n message T\nstring T"
        )
        let response = compatible.map {
            ProtocolName.json10.implementation.encodeError(AWSError("Gone", "x"), of: $0, requestID: "")
        }
        #expect(response?.headers["x-amzn-query-error"] == "Old.Gone;Sender")
    }

    @Test("path, query and header fields reach their members")
    func bindings() throws {
        let model = TestModel.model(.restXML)
        let operation = TestModel.operation("GetBlob", of: model)
        let request = WireRequest(
            method: "GET", path: "/blobs/a%20b//c/d%2Fe", query: "partNumber=3&other",
            headers: ["range": "bytes=0-1", "X-Amz-Meta-Color": "red"])
        let input = try ProtocolName.restXML.implementation.decodeInput(request, operation, of: model)
        #expect(input.text == "{Key=a b//c/d/e Range=bytes=0-1 Part=3 Meta=[Color:red]}")
        let encoded = try ProtocolName.restXML.implementation.encodeInput(input, operation, of: model)
        #expect(encoded.path == "/blobs/a%20b//c/d/e")
        #expect(encoded.query == "partNumber=3")
    }

    private static let malformed: [(ProtocolName, String, String)] = [
        (.json10, "{", "SerializationException"), (.json10, "[]", "SerializationException"),
        (.json10, #"{"Count":"x"}"#, "SerializationException"), (.json10, #"{"Tags":{}}"#, "SerializationException"),
        (.json10, #"{"Inner":[]}"#, "SerializationException"), (.json10, #"{"Data":"*"}"#, "SerializationException"),
        (.json10, #"{"Count":1e300}"#, "SerializationException"), (.restXML, "<a><b></a>", "MalformedXML"),
        (.restXML, "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "MalformedXML"), (.restXML, "", ""),
        (.query, "Count=x", "SerializationException"), (.query, "Tags.member.x=1", "SerializationException"),
        (.query, "Name=%zz", "MalformedQueryString"), (.rpcV2CBOR, "\u{1}", "SerializationException"),
    ]

    @Test("bodies that cannot be read are errors of the caller", arguments: malformed)
    func malformedInput(name: ProtocolName, body: String, code: String) {
        let model = TestModel.model(name)
        let operation = TestModel.operation("PutThing", of: model)
        let request = WireRequest(method: "POST", path: "/things", query: "put", body: ByteStream(Array(body.utf8)))
        do throws(AWSError) {
            _ = try name.implementation.decodeInput(request, operation, of: model)
            #expect(code == "", "\(body) was read")
        } catch {
            #expect(error.code == code)
            #expect(error.status == 400)
        }
    }
}

extension WireResponse {
    func text() throws -> String {
        guard case .bytes(let bytes) = body.source else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
