import Core
import Wire
import Workflows

/// A task's call of an operation, and how its end is told.
struct ServiceCall {
    let service: AWSService
    let operation: OperationSchema
    let names: SDKService
    let context: RequestContext

    func failure(_ error: AWSError) -> TaskFailure {
        let model = service.model
        let trait = model.fault(error.code)?.fault
        let status = error.status ?? trait?.status ?? (error.isSender ? 400 : 500)
        let name = "\(names.errorPrefix).\(names.exceptionName(error.code, model))"
        let message = error.message ?? "null"
        switch names.style {
        case .optimized:
            return TaskFailure(
                error: name,
                cause: "\(message) (Service: \(names.serviceName); Status Code: \(status); Error Code: "
                    + "\(trait?.code ?? error.code); Request ID: \(context.requestID); Proxy: null)")
        case .sdk:
            let extended = names.modelID == "s3" ? ", Extended Request ID: \(extendedRequestID)" : ""
            return TaskFailure(
                error: name,
                cause: "\(message) (Service: \(names.serviceName), Status Code: \(status), Request ID: "
                    + "\(context.requestID)\(extended)) (SDK Attempt Count: 1)")
        }
    }

    /// S3's second identifier of a request.
    private var extendedRequestID: String { Base64.encode(Array(context.requestID.utf8)) }

    /// The metadata of the exchange as it would have been over HTTP.
    func metadata(of output: Record, at now: Timestamp) -> SDKResponseMetadata {
        let wire = context.protocolName.implementation
        let response = try? wire.encodeOutput(
            output, operation, of: service.model, requestID: context.requestID)
        return SDKResponseMetadata(
            requestID: context.requestID,
            contentType: response?.headers["Content-Type"] ?? "application/x-amz-json-1.0",
            contentLength: response?.body.length.map { Int($0) } ?? 0, date: now)
    }

    /// The SDK sends a CRC-32 with every object that has no other checksum, and says that a body made of a text is one.
    func describeBody(of input: inout Record) {
        guard case .stream(let body) = input[member: "Body"], case .bytes(let bytes) = body.source else { return }
        if let type = input.schema.member(named: "ContentType"), !input.has(type.index) {
            input[raw: type.index] = .string("text/plain; charset=UTF-8")
        }
        guard let checksum = input.schema.member(named: "ChecksumCRC32") else { return }
        let given = input.schema.members.contains { $0.name.hasPrefix("Checksum") && input.has($0.index) }
        if !given { input[raw: checksum.index] = .string(Base64.encode(RunningChecksum.of(bytes, .crc32))) }
    }
}
