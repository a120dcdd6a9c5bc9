import Core

struct RESTXMLProtocol: RESTProtocol {
    var name: ProtocolName { .restXML }
    var mediaType: String { "application/xml" }
    var eventFormat: EventStreamCodec.Format { .xml }

    func readBody(_ bytes: [UInt8], into record: inout Record) throws(AWSError) {
        try XMLCodec.read(XMLCodec.parse(bytes), into: &record)
    }

    func writeBody(
        _ record: Record, as member: MemberSchema?, _ operation: OperationSchema, _ model: ServiceModel
    ) -> [UInt8]? {
        var writer = XMLWriter()
        writer.declaration()
        let shape = record.schema
        let name =
            member.flatMap { $0.isRenamed ? $0.wireName : nil } ?? shape.xmlName ?? member?.wireName ?? shape.name
        let namespace =
            member?.xmlNamespace ?? shape.xmlNamespace ?? model.traits.xmlNamespace.map { XMLNamespace(uri: $0) }
        XMLCodec.write(
            record, name, namespace, XMLCodec.Style(milliseconds: model.traits.writesMilliseconds), isDocument: true,
            to: &writer)
        return writer.bytes
    }

    func encodeError(_ error: AWSError, of model: ServiceModel, requestID: String) -> WireResponse {
        let fault = Fault(error, model)
        var headers: HTTPFields = ["Content-Type": mediaType]
        addRequestID(requestID, model, to: &headers)
        for (name, value) in error.headers { headers[name] = value }
        var writer = XMLWriter()
        writer.declaration()
        if !model.traits.hasBareErrors {
            writer.open("ErrorResponse", model.traits.xmlNamespace.map { [("xmlns", $0)] } ?? [])
        }
        writer.open("Error")
        if !model.traits.hasBareErrors { writer.element("Type", fault.isSender ? "Sender" : "Receiver") }
        writer.element("Code", fault.code)
        if let message = error.message { writer.element("Message", message) }
        for (name, value) in error.details { writer.element(name, value.stringValue ?? value.text()) }
        if model.traits.hasBareErrors {
            writer.element("RequestId", requestID)
            writer.element("HostId", RequestIDs.extended(requestID))
            writer.close("Error")
        } else {
            writer.close("Error")
            writer.element("RequestId", requestID)
            writer.close("ErrorResponse")
        }
        let body = [204, 304].contains(fault.status) ? [] : writer.bytes
        return WireResponse(status: fault.status, headers: headers, body: ByteStream(body))
    }

    func decodeError(_ response: WireResponse, of model: ServiceModel) -> AWSError { Fault.decodeXML(response) }
}
