public import NIOCore

/// Receives an answer while the function still writes it. Called on the event loop of the function's instance.
public protocol ResponseStreamConsumer: Sendable {
    /// Comes once, before the first part. Function errors before that come only with the result.
    func responseBegan(contentType: String?, flow: ResponseFlow)
    func responsePart(_ part: ByteBuffer)
}

/// Slows a function's answer down to what its consumer can take. Usable from any thread.
public struct ResponseFlow: Sendable {
    private let set: @Sendable (Bool) -> Void

    init(_ set: @escaping @Sendable (_ reads: Bool) -> Void) { self.set = set }

    public func pause() { set(false) }

    public func resume() { set(true) }
}
