public import NIOCore
import Synchronization

/// An answer read part by part, and the result that follows its last part.
public struct StreamedInvocation: Sendable {
    public typealias Parts = NIOAsyncSequenceProducer<
        ByteBuffer, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, StreamedInvocationDelegate
    >

    /// Ends with the function; read it to its end before ``result()``.
    public let parts: Parts
    private let box: ResultBox

    /// The result, once the function has ended.
    public func result() async -> InvocationResult { await box.value() }

    static func make() -> (StreamCollector, StreamedInvocation) {
        let delegate = StreamedInvocationDelegate()
        let made = NIOAsyncSequenceProducer.makeSequence(
            elementType: ByteBuffer.self,
            backPressureStrategy: NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark(
                lowWatermark: 2, highWatermark: 8), finishOnDeinit: true, delegate: delegate)
        let box = ResultBox()
        let collector = StreamCollector(source: made.source, delegate: delegate, box: box)
        return (collector, StreamedInvocation(parts: made.sequence, box: box))
    }
}

/// Passes the reader's pace on to the function.
public final class StreamedInvocationDelegate: NIOAsyncSequenceProducerDelegate {
    private let flow = Mutex<ResponseFlow?>(nil)

    func attach(_ attached: ResponseFlow) { flow.withLock { $0 = attached } }

    func pause() { flow.withLock { $0 }?.pause() }

    public func produceMore() { flow.withLock { $0 }?.resume() }

    /// Nobody reads any more: the rest goes nowhere, as fast as it comes.
    public func didTerminate() { flow.withLock { $0 }?.resume() }
}

/// Takes an answer's parts on the event loop of its instance.
struct StreamCollector: ResponseStreamConsumer {
    let source: StreamedInvocation.Parts.Source
    let delegate: StreamedInvocationDelegate
    let box: ResultBox

    func responseBegan(contentType: String?, flow: ResponseFlow) { delegate.attach(flow) }

    func responsePart(_ part: ByteBuffer) {
        if case .stopProducing = source.yield(part) { delegate.pause() }
    }

    func finish(_ result: InvocationResult) {
        box.set(result)
        source.finish()
    }
}

/// A result that one side sets and the other waits for.
final class ResultBox: Sendable {
    private enum State {
        case empty
        case set(InvocationResult)
        case waiting([CheckedContinuation<InvocationResult, Never>])
    }

    private let state = Mutex(State.empty)

    func set(_ result: InvocationResult) {
        let waiting = state.withLock { state -> [CheckedContinuation<InvocationResult, Never>] in
            defer { state = .set(result) }
            if case .waiting(let continuations) = state { return continuations }
            return []
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }

    func value() async -> InvocationResult {
        await withCheckedContinuation { continuation in
            let present = state.withLock { state -> InvocationResult? in
                switch state {
                case .set(let result): return result
                case .empty: state = .waiting([continuation])
                case .waiting(let others): state = .waiting(others + [continuation])
                }
                return nil
            }
            if let present { continuation.resume(returning: present) }
        }
    }
}
