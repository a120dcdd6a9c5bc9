/// awsJson 1.0 and 1.1: the operation in a header, input and output as JSON bodies.
struct AWSJSONProtocol: WireProtocol {
    enum Version: String, Sendable { case v10 = "1.0", v11 = "1.1" }

    let version: Version

    var name: ProtocolName { version == .v10 ? .json10 : .json11 }

    private var contentType: String { "application/x-amz-json-\(version.rawValue)" }

    func decodeInput(
        _ request: WireRequest, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record {
        try JSONCodec.record(request.bytes(), operation.input)
    }

    func encodeOutput(
        _ output: Record, _ operation: OperationSchema, of model: ServiceModel, requestID: String
    ) throws(AWSError) -> WireResponse {
        var response = WireResponse(status: 200, headers: ["x-amzn-RequestId": requestID])
        if let member = output.schema.members.first(where: \.target.isEventStream) {
            guard case .events(let events) = output.values[member.index] else { return response }
            response.headers["Content-Type"] = EventStreamCodec.mediaType
            response.body = EventStreamCodec.body(events, initial: JSONCodec.bytes(output.without(member)), .json)
            return response
        }
        response.headers["Content-Type"] = contentType
        response.body = ByteStream(JSONCodec.bytes(output))
        return response
    }

    func encodeError(_ error: AWSError, of model: ServiceModel, requestID: String) -> WireResponse {
        let fault = Fault(error, model)
        var headers: HTTPFields = ["x-amzn-RequestId": requestID, "Content-Type": contentType]
        if model.traits.isQueryCompatible {
            headers["x-amzn-query-error"] = "\(fault.code);\(fault.isSender ? "Sender" : "Receiver")"
        }
        for (name, value) in error.headers { headers[name] = value }
        return WireResponse(status: fault.status, headers: headers, body: ByteStream(fault.json(error, typed: true)))
    }

    func encodeInput(
        _ input: Record, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> WireRequest {
        var headers: HTTPFields = [
            "X-Amz-Target": "\(model.traits.targetPrefix ?? model.traits.id).\(operation.name)",
            "Content-Type": contentType,
        ]
        if model.traits.isQueryCompatible { headers["x-amzn-query-mode"] = "true" }
        return WireRequest(method: "POST", path: "/", headers: headers, body: ByteStream(JSONCodec.bytes(input)))
    }

    func decodeOutput(
        _ response: WireResponse, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record {
        guard (200..<300).contains(response.status) else { throw decodeError(response, of: model) }
        if let member = operation.output.members.first(where: \.target.isEventStream) {
            var output = Record(operation.output)
            output.values[member.index] = .events(EventStreamCodec.events(response.body, member.target, .json))
            return output
        }
        return try JSONCodec.record(response.bytes(), operation.output)
    }

    func decodeError(_ response: WireResponse, of model: ServiceModel) -> AWSError { Fault.decodeJSON(response) }
}

extension Record {
    func without(_ member: MemberSchema) -> Record {
        var copy = self
        copy.values[member.index] = .absent
        return copy
    }
}
