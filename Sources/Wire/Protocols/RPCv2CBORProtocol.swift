/// Smithy's RPC v2 protocol: `/service/NAME/operation/NAME`, input and output as CBOR.
struct RPCv2CBORProtocol: WireProtocol {
    static let mediaType = "application/cbor"

    var name: ProtocolName { .rpcV2CBOR }

    func decodeInput(
        _ request: WireRequest, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record {
        try CBORCodec.record(request.bytes(), operation.input)
    }

    func encodeOutput(
        _ output: Record, _ operation: OperationSchema, of model: ServiceModel, requestID: String
    ) throws(AWSError) -> WireResponse {
        var response = WireResponse(status: 200, headers: headers(requestID))
        if let member = output.schema.members.first(where: \.target.isEventStream) {
            guard case .events(let events) = output.values[member.index] else { return response }
            response.headers["Content-Type"] = EventStreamCodec.mediaType
            response.body = EventStreamCodec.body(events, initial: CBORCodec.bytes(output.without(member)), .cbor)
            return response
        }
        if operation.output.name != "Unit" {
            response.headers["Content-Type"] = Self.mediaType
            response.body = ByteStream(CBORCodec.bytes(output))
        }
        return response
    }

    func encodeError(_ error: AWSError, of model: ServiceModel, requestID: String) -> WireResponse {
        let fault = Fault(error, model)
        var headers = headers(requestID)
        headers["Content-Type"] = Self.mediaType
        if model.traits.isQueryCompatible {
            headers["x-amzn-query-error"] = "\(fault.code);\(fault.isSender ? "Sender" : "Receiver")"
        }
        for (name, value) in error.headers { headers[name] = value }
        let body = CBORCodec.error(type: fault.name, message: error.message, details: error.details)
        return WireResponse(status: fault.status, headers: headers, body: ByteStream(body))
    }

    private func headers(_ requestID: String) -> HTTPFields {
        ["smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": requestID]
    }

    func encodeInput(
        _ input: Record, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> WireRequest {
        WireRequest(
            method: "POST",
            path: "/service/\(model.traits.targetPrefix ?? model.traits.id)/operation/\(operation.name)",
            headers: [
                "smithy-protocol": "rpc-v2-cbor", "Accept": Self.mediaType, "Content-Type": Self.mediaType,
            ], body: ByteStream(CBORCodec.bytes(input)))
    }

    func decodeOutput(
        _ response: WireResponse, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record {
        guard (200..<300).contains(response.status) else { throw decodeError(response, of: model) }
        if let member = operation.output.members.first(where: \.target.isEventStream) {
            var output = Record(operation.output)
            output.values[member.index] = .events(EventStreamCodec.events(response.body, member.target, .cbor))
            return output
        }
        return try CBORCodec.record(response.bytes(), operation.output)
    }

    func decodeError(_ response: WireResponse, of model: ServiceModel) -> AWSError {
        var text = "UnknownError"
        var message: String?
        if let bytes = try? response.bytes() {
            var reader = CBORReader(bytes)
            if case .map(let pairs)? = try? reader.document() {
                for case (let key, .text(let value)) in pairs {
                    if key == "__type" { text = value.split(separator: "#").last.map(String.init) ?? value }
                    if key == "message" || key == "Message" { message = value }
                }
            }
        }
        return AWSError(text, message, status: response.status, isSender: response.status < 500)
    }
}
