import NIOCore
import Synchronization
import Wire

/// The body of a request on its way from the socket to its reader, with a bound on what waits in between.
final class BodyPipe: ByteChunkSource {
    private struct State {
        var chunks: [[UInt8]] = []
        var first = 0
        var waiting = 0
        var end: Result<Void, AWSError>?
        var reader: UnsafeContinuation<Result<[UInt8]?, AWSError>, Never>?
        var hasStarted = false
    }

    private let state = Mutex(State())
    private let bound: Int
    /// Called on any thread when there is room for more, and once before the first read.
    private let wantsMore: @Sendable () -> Void

    init(bound: Int, wantsMore: @escaping @Sendable () -> Void) {
        self.bound = bound
        self.wantsMore = wantsMore
    }

    func next() async throws(AWSError) -> [UInt8]? {
        let (ready, isThirsty) = state.withLock { state in (Self.take(&state), take(thirst: &state)) }
        if isThirsty { wantsMore() }
        if let ready { return try ready.get() }
        let result = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<[UInt8]?, AWSError>, Never>) in
            let ready = state.withLock { state in
                let ready = Self.take(&state)
                if ready == nil { state.reader = continuation }
                return ready
            }
            if let ready { continuation.resume(returning: ready) }
        }
        return try result.get()
    }

    private static func take(_ state: inout State) -> Result<[UInt8]?, AWSError>? {
        if state.first < state.chunks.count {
            let chunk = state.chunks[state.first]
            state.chunks[state.first] = []
            state.first += 1
            if state.first == state.chunks.count {
                state.chunks.removeAll(keepingCapacity: true)
                state.first = 0
            }
            state.waiting -= chunk.count
            return .success(chunk)
        }
        return state.end.map { end in end.map { nil } }
    }

    private func take(thirst state: inout State) -> Bool {
        guard state.end == nil else { return false }
        state.hasStarted = true
        return state.waiting <= bound / 2
    }

    // MARK: The socket's side

    /// Whether more should be read from the socket.
    var hasRoom: Bool { state.withLock { $0.hasStarted && $0.waiting < bound } }

    func push(_ chunk: [UInt8]) {
        guard !chunk.isEmpty else { return }
        let reader = state.withLock { state in
            if let reader = state.reader.take() { return reader as UnsafeContinuation? }
            state.chunks.append(chunk)
            state.waiting += chunk.count
            return nil
        }
        reader?.resume(returning: .success(chunk))
    }

    func finish() { end(.success(())) }

    func fail(_ error: AWSError) { end(.failure(error)) }

    private func end(_ result: Result<Void, AWSError>) {
        let reader = state.withLock { state in
            guard state.end == nil else { return nil as UnsafeContinuation<Result<[UInt8]?, AWSError>, Never>? }
            state.end = result
            return state.reader.take()
        }
        reader?.resume(returning: result.map { nil })
    }
}
