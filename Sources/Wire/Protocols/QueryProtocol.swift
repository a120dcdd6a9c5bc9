import Core

/// The query protocol: the operation and its input as form parameters, the output as XML, or as JSON for whoever asks.
struct QueryProtocol: WireProtocol {
    /// What the caller would rather read; only services that speak nothing but this protocol heed it.
    var prefersJSON = false

    var name: ProtocolName { .query }

    func decodeInput(
        _ request: WireRequest, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record {
        let body = try request.bytes()
        let tree = body.isEmpty ? try FormCodec.tree(request.query) : try FormCodec.tree(body)
        var input = Record(operation.input)
        try FormCodec.read(tree, into: &input)
        return input
    }

    func encodeOutput(
        _ output: Record, _ operation: OperationSchema, of model: ServiceModel, requestID: String
    ) throws(AWSError) -> WireResponse {
        let root = operation.name + "Response"
        let wrapper = operation.resultWrapper ?? (output.schema.name == "Unit" ? nil : operation.name + "Result")
        if answersJSON(model) { return Self.json(output, root: root, wrapper: wrapper, requestID) }
        var writer = Self.writer(model)
        writer.open(root, Self.namespace(model))
        if let wrapper { writer.open(wrapper) }
        XMLCodec.writeMembers(output, XMLCodec.Style(milliseconds: model.traits.writesMilliseconds), to: &writer)
        if let wrapper { writer.close(wrapper) }
        writer.open("ResponseMetadata")
        writer.element("RequestId", requestID)
        writer.close("ResponseMetadata")
        writer.close(root)
        return response(200, writer, requestID)
    }

    func encodeError(_ error: AWSError, of model: ServiceModel, requestID: String) -> WireResponse {
        let fault = Fault(error, model)
        if error.code == "UnknownOperationException" {
            // No operation, so no answer of a service's either.
            var writer = XMLWriter()
            writer.open(error.code)
            writer.close(error.code)
            return response(fault.status, writer, requestID)
        }
        if answersJSON(model) { return Self.json(error, fault, requestID) }
        var writer = Self.writer(model)
        writer.open("ErrorResponse", Self.namespace(model))
        writer.open("Error")
        writer.element("Type", fault.isSender ? "Sender" : "Receiver")
        writer.element("Code", fault.code)
        if let message = error.message { writer.element("Message", message) }
        for (name, value) in error.details { writer.element(name, value.stringValue ?? value.text()) }
        writer.close("Error")
        writer.element("RequestId", requestID)
        writer.close("ErrorResponse")
        var response = response(fault.status, writer, requestID)
        for (name, value) in error.headers { response.headers[name] = value }
        return response
    }

    /// Services that speak nothing but this protocol indent their answers; the others begin them with a declaration.
    private static func writer(_ model: ServiceModel) -> XMLWriter {
        if model.traits.protocols == [.query] { return XMLWriter(isIndented: true) }
        var writer = XMLWriter()
        writer.declaration()
        return writer
    }

    private static func namespace(_ model: ServiceModel) -> [(name: String, value: String)] {
        model.traits.xmlNamespace.map { [("xmlns", $0)] } ?? []
    }

    private func response(_ status: Int, _ writer: XMLWriter, _ requestID: String) -> WireResponse {
        WireResponse(
            status: status, headers: ["x-amzn-RequestId": requestID, "Content-Type": "text/xml"],
            body: ByteStream(writer.bytes))
    }

    func encodeInput(
        _ input: Record, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> WireRequest {
        var pairs: [(name: String, value: String)] = [("Action", operation.name), ("Version", model.traits.apiVersion)]
        FormCodec.write(input, prefix: "", to: &pairs)
        let form = pairs.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }
            .joined(separator: "&")
        return WireRequest(
            method: "POST", path: "/",
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: ByteStream(Array(form.utf8)))
    }

    func decodeOutput(
        _ response: WireResponse, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record {
        guard (200..<300).contains(response.status) else { throw decodeError(response, of: model) }
        var output = Record(operation.output)
        let bytes = try response.bytes()
        guard !bytes.isEmpty else { return output }
        let root = try XMLCodec.parse(bytes)
        try XMLCodec.read(
            operation.resultWrapper.map { root.first($0) ?? root } ?? root.first(operation.name + "Result") ?? root,
            into: &output)
        return output
    }

    func decodeError(_ response: WireResponse, of model: ServiceModel) -> AWSError { Fault.decodeXML(response) }
}
