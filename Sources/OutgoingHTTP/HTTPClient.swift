import CCurl
import Core
import ServiceLifecycle
import Synchronization

/// Sends requests through libcurl, all of them on one thread of its own, which reuses connections. Library and thread
/// are there from the first request on.
public final class HTTPClient: Service, Sendable {
    /// Requests that are under way or wait.
    public static let requestLimit = 4096
    private static let connectionLimit = 64

    struct Job: Sendable {
        var request: HTTPRequest
        var caller: UnsafeContinuation<HTTPResponse, any Error>
    }

    struct State {
        var waiting: [Job] = []
        var open = 0
        var isStopped = false
        var multi: Multi?
    }

    let policy: AddressPolicy
    /// A file of certificates to trust instead of the machine's.
    let authorities: String?
    let state = Mutex(State())
    private let thread = BlockingPool(name: "http-client", maximumThreads: 1)
    /// Yields when the first request is there; ends when none will come.
    private let firstRequest = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameter authorities: a file of certificates, in PEM, to trust instead of the machine's.
    public init(policy: AddressPolicy = AddressPolicy(), authorities: String? = nil) {
        self.policy = policy
        self.authorities = authorities
    }

    /// Sends the request and returns the response, whatever its status. Needs ``run()``.
    ///
    /// - Throws: ``HTTPClientError``.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard request.url.hasPrefix("http://") || request.url.hasPrefix("https://") else {
            throw HTTPClientError(.invalidRequest, "'\(request.url)' is no address of a web server")
        }
        return try await withUnsafeThrowingContinuation { caller in
            let refusal = state.withLock { state -> HTTPClientError? in
                if state.isStopped { return HTTPClientError(.stopped, "the host is stopping") }
                guard state.open < Self.requestLimit else {
                    return HTTPClientError(.unreachable, "\(Self.requestLimit) requests are under way already")
                }
                state.open += 1
                state.waiting.append(Job(request: request, caller: caller))
                return nil
            }
            if let refusal { caller.resume(throwing: refusal) } else { wake() }
        }
    }

    private func wake() {
        if let multi = state.withLock({ $0.multi }) { multi.wake() } else { firstRequest.continuation.yield() }
    }

    /// Works until shutdown, then ends when no request is open; their own timeouts bound how long that takes.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            var requests = firstRequest.stream.makeAsyncIterator()
            guard await requests.next() != nil else { return refuse(.stopped, "the host is stopping") }
            try await thread.run { self.loop() }
        } onGracefulShutdown: {
            self.stop()
        }
        thread.close()
    }

    /// Lets no new request in; those under way come to their end.
    public func stop() {
        state.withLock { $0.isStopped = true }
        firstRequest.continuation.finish()
        wake()
    }

    private func loop() {
        if let reason = mc_load() {
            return refuse(.unreachable, "libcurl could not be loaded: \(String(cString: reason))")
        }
        let multi = Multi()
        state.withLock { $0.multi = multi }
        multi.limitConnections(Self.connectionLimit)
        while true {
            let (jobs, isDone) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isStopped && state.open == 0)
            }
            for job in jobs { begin(job, multi) }
            if isDone { return }
            for transfer in multi.perform() { end(transfer) }
            multi.poll(milliseconds: 1000)
        }
    }

    /// Refuses what waits and whatever comes.
    private func refuse(_ kind: HTTPClientError.Kind, _ reason: String) {
        let jobs = state.withLock { state in
            defer { state.waiting = [] }
            state.isStopped = true
            return state.waiting
        }
        for job in jobs { finish(job, .failure(HTTPClientError(kind, reason))) }
    }

    private func begin(_ job: Job, _ multi: Multi) {
        guard let transfer = Transfer(job, policy: policy, authorities: authorities) else {
            finish(job, .failure(HTTPClientError(.invalidRequest, "the request to \(job.request.url) is malformed")))
            return
        }
        multi.add(transfer)
    }

    private func end(_ ended: Multi.Ended) {
        finish(ended.transfer.job, ended.transfer.result(ended.code))
    }

    private func finish(_ job: Job, _ result: Result<HTTPResponse, any Error>) {
        state.withLock { $0.open -= 1 }
        job.caller.resume(with: result)
    }
}
