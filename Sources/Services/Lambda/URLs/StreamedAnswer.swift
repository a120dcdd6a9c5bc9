import Core
import Functions
import NIOCore
import Synchronization

/// A function's answer, read part by part while it is written. The function is slowed down to the reader's pace, and
/// when nobody reads any more the rest goes nowhere.
final class StreamedAnswer: Sendable {
    /// Parts that wait for the reader before the function is slowed down, and those at which it goes on.
    private static let (high, low) = (16, 4)

    private let pipe = AnswerPipe(high: high, low: low)

    deinit { pipe.abandon() }

    /// What the host writes to.
    var consumer: any ResponseStreamConsumer { pipe }

    func finish(_ result: InvocationResult) { pipe.finish(result) }

    /// Returns when the first part is there, or the end: the result, when the function has ended by then.
    func begin() async -> (contentType: String?, result: InvocationResult?) { await pipe.begin() }

    /// The next part, nil after the last. One reader at a time.
    func next() async -> ByteBuffer? { await pipe.next() }

    /// Nil before the end.
    var result: InvocationResult? { pipe.result }
}

private final class AnswerPipe: ResponseStreamConsumer {
    private struct State {
        var parts: [ByteBuffer] = []
        var contentType: String?
        var flow: ResponseFlow?
        var isPaused = false
        var isAbandoned = false
        var result: InvocationResult?
    }

    private let state = Mutex(State())
    private let change = Wakeup()
    private let high: Int
    private let low: Int

    init(high: Int, low: Int) {
        self.high = high
        self.low = low
    }

    var result: InvocationResult? { state.withLock { $0.result } }

    func responseBegan(contentType: String?, flow: ResponseFlow) {
        state.withLock { state in
            state.contentType = contentType
            state.flow = flow
        }
    }

    func responsePart(_ part: ByteBuffer) {
        guard part.readableBytes > 0 else { return }
        let flow = state.withLock { state -> ResponseFlow? in
            guard !state.isAbandoned else { return nil }
            state.parts.append(part)
            guard state.parts.count >= high, !state.isPaused else { return nil }
            state.isPaused = true
            return state.flow
        }
        flow?.pause()
        change.notify()
    }

    func finish(_ result: InvocationResult) {
        state.withLock { $0.result = result }
        change.notify()
    }

    func abandon() {
        let flow = state.withLock { state in
            state.isAbandoned = true
            state.parts = []
            return state.flow
        }
        flow?.resume()
    }

    func begin() async -> (contentType: String?, result: InvocationResult?) {
        while true {
            let begun = state.withLock { state in
                state.parts.isEmpty && state.result == nil ? nil : (state.contentType, state.result)
            }
            if let begun { return begun }
            guard !Task.isCancelled else { return (nil, nil) }
            await change.wait()
        }
    }

    func next() async -> ByteBuffer? {
        while true {
            let (part, isOver, flow) = state.withLock { state -> (ByteBuffer?, Bool, ResponseFlow?) in
                guard !state.parts.isEmpty else { return (nil, state.result != nil, nil) }
                let part = state.parts.removeFirst()
                guard state.isPaused, state.parts.count <= low else { return (part, false, nil) }
                state.isPaused = false
                return (part, false, state.flow)
            }
            flow?.resume()
            if let part { return part }
            guard !isOver, !Task.isCancelled else { return nil }
            await change.wait()
        }
    }
}
