struct RESTJSONProtocol: RESTProtocol {
    var name: ProtocolName { .restJSON }
    var mediaType: String { "application/json" }
    var eventFormat: EventStreamCodec.Format { .json }

    func readBody(_ bytes: [UInt8], into record: inout Record) throws(AWSError) {
        try JSONCodec.read(JSONCodec.parse(bytes), into: &record)
    }

    func writeBody(
        _ record: Record, as member: MemberSchema?, _ operation: OperationSchema, _ model: ServiceModel
    ) -> [UInt8]? {
        JSONCodec.bytes(record)
    }

    func encodeError(_ error: AWSError, of model: ServiceModel, requestID: String) -> WireResponse {
        let fault = Fault(error, model)
        var headers: HTTPFields = ["x-amzn-ErrorType": fault.name, "Content-Type": mediaType]
        addRequestID(requestID, model, to: &headers)
        for (name, value) in error.headers { headers[name] = value }
        return WireResponse(status: fault.status, headers: headers, body: ByteStream(fault.json(error, typed: false)))
    }

    func decodeError(_ response: WireResponse, of model: ServiceModel) -> AWSError { Fault.decodeJSON(response) }
}
