public import Wire

/// Brings a client's requests straight to the dispatcher of this process.
public struct InProcessTransport: ClientTransport {
    private let dispatcher: Dispatcher

    public init(_ dispatcher: Dispatcher) { self.dispatcher = dispatcher }

    public func send(_ request: WireRequest) async throws(AWSError) -> WireResponse {
        await dispatcher.respond(to: request)
    }
}
