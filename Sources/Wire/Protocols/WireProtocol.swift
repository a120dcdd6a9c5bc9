/// How operations, results and errors of a service travel over HTTP, from both sides.
public protocol WireProtocol: Sendable {
    var name: ProtocolName { get }

    // MARK: The server's side

    /// The body must be in memory, unless the operation streams its input.
    func decodeInput(
        _ request: WireRequest, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record

    func encodeOutput(
        _ output: Record, _ operation: OperationSchema, of model: ServiceModel, requestID: String
    ) throws(AWSError) -> WireResponse

    func encodeError(_ error: AWSError, of model: ServiceModel, requestID: String) -> WireResponse

    // MARK: The client's side

    func encodeInput(
        _ input: Record, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> WireRequest

    /// The body must be in memory, unless the operation streams its output.
    func decodeOutput(
        _ response: WireResponse, _ operation: OperationSchema, of model: ServiceModel
    ) throws(AWSError) -> Record

    /// The error that a response other than 2xx reports.
    func decodeError(_ response: WireResponse, of model: ServiceModel) -> AWSError
}

extension ProtocolName {
    public var implementation: any WireProtocol {
        switch self {
        case .json10: AWSJSONProtocol(version: .v10)
        case .json11: AWSJSONProtocol(version: .v11)
        case .query: QueryProtocol()
        case .restJSON: RESTJSONProtocol()
        case .restXML: RESTXMLProtocol()
        case .rpcV2CBOR: RPCv2CBORProtocol()
        }
    }
}

extension ProtocolName {
    /// The protocol as it answers a request with this `Accept` header.
    public func implementation(accepting types: String?) -> any WireProtocol {
        self == .query ? QueryProtocol(prefersJSON: QueryProtocol.prefersJSON(accept: types)) : implementation
    }
}

extension WireRequest {
    /// The body in memory.
    func bytes() throws(AWSError) -> [UInt8] { try body.inMemory() }
}

extension WireResponse {
    func bytes() throws(AWSError) -> [UInt8] { try body.inMemory() }
}

extension ByteStream {
    fileprivate func inMemory() throws(AWSError) -> [UInt8] {
        guard case .bytes(let bytes) = source else { throw .internalFailure("the body was not read before decoding") }
        return bytes
    }
}
