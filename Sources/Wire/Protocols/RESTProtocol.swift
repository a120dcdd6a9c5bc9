import Core

/// What the two REST protocols have in common: bindings to the parts of HTTP, and a payload that one member may be.
protocol RESTProtocol: WireProtocol {
    var mediaType: String { get }

    /// The members of the body, or of the structure that is the payload.
    func readBody(_ bytes: [UInt8], into record: inout Record) throws(AWSError)
    /// Nil when there is nothing to write. `member` is the payload that the record is, if it is one.
    func writeBody(_ record: Record, as member: MemberSchema?, _ operation: OperationSchema, _ model: ServiceModel)
        -> [UInt8]?
    var eventFormat: EventStreamCodec.Format { get }
}

extension RESTProtocol {
    func decodeInput(
        _ request: WireRequest, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record {
        var input = Record(operation.input)
        try HTTPBindings.readRequest(request, operation, into: &input)
        try readPayload(request.body, into: &input)
        return input
    }

    func decodeOutput(
        _ response: WireResponse, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record {
        guard (200..<300).contains(response.status) else { throw decodeError(response, of: model) }
        var output = Record(operation.output)
        try HTTPBindings.readResponse(response, into: &output)
        try readPayload(response.body, into: &output)
        return output
    }

    private func readPayload(_ body: ByteStream, into record: inout Record) throws(AWSError) {
        guard let payload = record.schema.payload else {
            guard record.schema.hasBody else { return }
            guard case .bytes(let bytes) = body.source, !bytes.isEmpty else { return }
            return try readBody(bytes, into: &record)
        }
        let member = record.schema.members[payload]
        if member.target.isEventStream {
            record.values[payload] = .events(EventStreamCodec.events(body, member.target, eventFormat))
            return
        }
        if member.isStreaming {
            record.values[payload] = .stream(body)
            return
        }
        guard case .bytes(let bytes) = body.source, !bytes.isEmpty else { return }
        switch member.target.kind {
        case .blob: record.values[payload] = .blob(bytes)
        case .string:
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .serialization("the body is not valid UTF-8")
            }
            record.values[payload] = .string(text)
        case .document: record.values[payload] = .document(try JSONCodec.parse(bytes))
        default:
            var inner = Record(member.target)
            try readBody(bytes, into: &inner)
            record.values[payload] = .structure(inner)
        }
    }

    func encodeInput(
        _ input: Record, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> WireRequest {
        var request = WireRequest(method: operation.method, path: "/")
        try HTTPBindings.writeRequest(input, operation, to: &request)
        if let (body, type) = payload(of: input, operation, model) {
            request.body = body
            if let type, request.headers["Content-Type"] == nil { request.headers["Content-Type"] = type }
        }
        return request
    }

    func encodeOutput(
        _ output: Record, _ operation: OperationSchema, of model: ServiceModel, requestID: String
    ) throws(AWSError) -> WireResponse {
        var response = WireResponse(status: HTTPBindings.status(output, operation))
        HTTPBindings.writeHeaders(output, to: &response.headers)
        addRequestID(requestID, model, to: &response.headers)
        if let (body, type) = payload(of: output, operation, model) {
            response.body = body
            if let type, response.headers["Content-Type"] == nil { response.headers["Content-Type"] = type }
        }
        return response
    }

    func addRequestID(_ requestID: String, _ model: ServiceModel, to headers: inout HTTPFields) {
        if model.traits.hasBareErrors {
            headers["x-amz-request-id"] = requestID
            headers["x-amz-id-2"] = RequestIDs.extended(requestID)
            headers["Server"] = "Millrace"
        } else {
            headers["x-amzn-RequestId"] = requestID
        }
    }

    private func payload(
        of record: Record, _ operation: OperationSchema, _ model: ServiceModel
    ) -> (body: ByteStream, type: String?)? {
        guard let index = record.schema.payload else {
            guard record.schema.hasBody else { return nil }
            return writeBody(record, as: nil, operation, model).map { (ByteStream($0), mediaType) }
        }
        let member = record.schema.members[index]
        switch record.values[index] {
        case .events(let events):
            return (EventStreamCodec.body(events, initial: nil, eventFormat), EventStreamCodec.mediaType)
        case .stream(let stream): return (stream, record.schema.contentType ?? "application/octet-stream")
        case .blob(let bytes): return (ByteStream(bytes), record.schema.contentType ?? "application/octet-stream")
        case .string(let text): return (ByteStream(Array(text.utf8)), record.schema.contentType ?? "text/plain")
        case .structure(let inner):
            return writeBody(inner, as: member, operation, model).map { (ByteStream($0), mediaType) }
        case .document(let json): return (ByteStream(json.bytes()), mediaType)
        default: return nil
        }
    }
}

/// The identifiers of requests.
public enum RequestIDs {
    /// A second identifier that S3 adds: opaque, and the same for the same request.
    public static func extended(_ requestID: String) -> String { Base64.encode(Array("millrace/\(requestID)".utf8)) }
}
