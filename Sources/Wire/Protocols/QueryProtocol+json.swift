import Core

/// The answers of services such as STS to `Accept: application/json`, which clients use that have no XML reader.
extension QueryProtocol {
    /// The first of the types that this protocol can write decides.
    static func prefersJSON(accept: String?) -> Bool {
        for range in accept?.split(separator: ",") ?? [] {
            switch range.prefix(while: { $0 != ";" }).filter({ $0 != " " }).lowercased() {
            case "application/json": return true
            case "application/xml", "text/xml": return false
            default: continue
            }
        }
        return false
    }

    func answersJSON(_ model: ServiceModel) -> Bool { prefersJSON && model.traits.protocols == [.query] }

    static func json(_ output: Record, root: String, wrapper: String?, _ requestID: String) -> WireResponse {
        var writer = JSONWriter()
        writer.writeRaw("{")
        writer.write(root)
        writer.writeRaw(":{")
        if let wrapper {
            writer.write(wrapper)
            writer.writeRaw(":")
            JSONCodec.write(output, to: &writer)
            writer.writeRaw(",")
        }
        writer.writeRaw(#""ResponseMetadata":{"RequestId":"#)
        writer.write(requestID)
        writer.writeRaw("}}}")
        return response(200, writer.finish(), requestID)
    }

    static func json(_ error: AWSError, _ fault: Fault, _ requestID: String) -> WireResponse {
        var object: JSONObject = ["Code": .string(fault.code)]
        if let message = error.message { object["Message"] = .string(message) }
        object["Type"] = .string(fault.isSender ? "Sender" : "Receiver")
        for (name, value) in error.details { object[name] = value }
        let body: JSON = ["Error": .object(object), "RequestId": .string(requestID)]
        var response = response(fault.status, body.bytes(), requestID)
        for (name, value) in error.headers { response.headers[name] = value }
        return response
    }

    private static func response(_ status: Int, _ body: [UInt8], _ requestID: String) -> WireResponse {
        WireResponse(
            status: status, headers: ["x-amzn-RequestId": requestID, "Content-Type": "application/json"],
            body: ByteStream(body))
    }
}
