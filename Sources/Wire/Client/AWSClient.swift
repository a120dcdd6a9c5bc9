public import Core

/// Carries a client's requests to a server.
public protocol ClientTransport: Sendable {
    func send(_ request: WireRequest) async throws(AWSError) -> WireResponse
}

/// Calls the operations of services with their types, over any transport.
///
///     let identity = try await client.call(STS.Operations.getCallerIdentity) { _ in }
public struct AWSClient: Sendable {
    /// Of an answer that is no stream.
    private static let bodyLimit = 256 * 1024 * 1024

    private let transport: any ClientTransport
    private let host: String
    private let credentials: Credentials
    private let region: String
    private let clock: any HostClock
    private let random: any RandomSource

    /// - Parameter host: name and port of the server, such as `127.0.0.1:4566`.
    public init(
        _ transport: any ClientTransport, host: String, credentials: Credentials, region: String = "us-east-1",
        clock: any HostClock = SystemClock(), random: any RandomSource = SystemRandomSource()
    ) {
        self.transport = transport
        self.host = host
        self.credentials = credentials
        self.region = region
        self.clock = clock
        self.random = random
    }

    public func call<Input: Shape, Output: Shape>(
        _ operation: Operation<Input, Output>, _ input: Input
    ) async throws(AWSError) -> Output {
        Output(record: try await call(operation.schema, of: operation.model, input.record))
    }

    public func call<Input: Shape, Output: Shape>(
        _ operation: Operation<Input, Output>, _ fill: (inout Input) -> Void
    ) async throws(AWSError) -> Output {
        try await call(operation, Input(fill))
    }

    /// The same without types, for tools that get the names of operations from outside.
    public func call(
        _ operation: OperationSchema, of model: ServiceModel, _ input: Record
    ) async throws(AWSError) -> Record {
        guard let wire = model.traits.protocols.first?.implementation else {
            throw .internalFailure("the model of \(model.traits.id) names no protocol")
        }
        var request = try wire.encodeInput(withToken(input, operation), operation, of: model)
        request.headers["Host"] = host
        RequestSigner(credentials, region: region, service: model.traits.signingName, clock: clock).sign(&request)
        var response = try await transport.send(request)
        let streams = operation.output.members.contains { $0.isStreaming }
        if !streams || !(200..<300).contains(response.status) {
            response.body = ByteStream(try await response.body.collect(upTo: Self.bodyLimit))
        }
        return try wire.decodeOutput(response, operation, of: model)
    }

    /// Requests that the server is to recognise when they are repeated carry a random token.
    private func withToken(_ input: Record, _ operation: OperationSchema) -> Record {
        var input = input
        for member in operation.input.members where member.isIdempotencyToken && !input.has(member.index) {
            input.values[member.index] = .string(UUIDText.random(using: random))
        }
        return input
    }
}
