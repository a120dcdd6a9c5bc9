#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import Synchronization

/// A few threads outside the Swift pool for calls that block: file systems, hashing, name resolution.
///
/// Threads are started when they are needed and kept. Work is taken in the order in which it was given.
public final class BlockingPool: Sendable {
    private let core: Core
    private let executor: Executor

    /// - Parameters:
    ///   - name: shown in `ps -L` and debuggers, at most 15 bytes.
    ///   - maximumThreads: how many calls may block at the same time.
    ///   - maximumQueued: how many may wait; one more is refused with ``BlockingPoolError/full``.
    public init(name: String, maximumThreads: Int, maximumQueued: Int = 65_536) {
        core = Core(name: name, maximumThreads: max(1, maximumThreads), maximumQueued: maximumQueued)
        executor = Executor(core: core)
    }

    deinit { core.close() }

    /// Runs the closure on one of the threads and returns its result.
    ///
    /// Cancelling the task does not interrupt the call: its result is waited for. What the closure holds is let go before
    /// this returns.
    ///
    /// - Throws: what the closure throws, or ``BlockingPoolError``.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let work = Work(body)
        return try await withUnsafeThrowingContinuation { (caller: UnsafeContinuation<Value, any Error>) in
            let refusal = core.submit { caller.resume(with: work.perform()) }
            if let refusal { caller.resume(throwing: refusal) }
        }
    }

    /// Runs a part of the task on the threads: what it awaits in between holds none of them, and between its blocking
    /// calls it need not change threads.
    ///
    /// - Throws: what the closure throws, or ``BlockingPoolError``.
    public func runTask<Value>(_ body: () async throws -> Value) async throws -> Value {
        if let refusal = core.refusal { throw refusal }
        return try await withTaskExecutorPreference(executor) { try await body() }
    }

    private final class Executor: TaskExecutor {
        private let core: Core

        init(core: Core) { self.core = core }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            let run: @Sendable () -> Void = { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
            // A job cannot be refused: its task would never end.
            if core.submit(run, always: true) != nil { run() }
        }
    }

    /// Refuses new work, lets the queue run dry and ends the threads; does not wait for it.
    public func close() { core.close() }

    /// A closure that is let go as soon as it has run. Unchecked: performed once, by one thread.
    private final class Work<Value: Sendable>: @unchecked Sendable {
        private var body: (@Sendable () throws -> Value)?

        init(_ body: @escaping @Sendable () throws -> Value) { self.body = body }

        func perform() -> Result<Value, any Error> {
            guard let body = body.take() else { return .failure(BlockingPoolError.closed) }
            return Result { try body() }
        }
    }

    /// The part that the threads hold, so that a pool that nobody holds any more ends.
    private final class Core: Sendable {
        private struct State {
            var queue: [@Sendable () -> Void] = []
            var head = 0
            var threads = 0
            var idle = 0
            var isClosed = false

            var count: Int { queue.count - head }

            mutating func pop() -> (@Sendable () -> Void)? {
                guard head < queue.count else { return nil }
                let job = queue[head]
                queue[head] = {}
                head += 1
                if head == queue.count {
                    queue.removeAll(keepingCapacity: queue.count <= 1024)
                    head = 0
                }
                return job
            }
        }

        private let name: String
        private let maximumThreads: Int
        private let maximumQueued: Int
        private let state = Mutex(State())
        private let semaphore: Semaphore

        init(name: String, maximumThreads: Int, maximumQueued: Int) {
            self.name = name
            self.maximumThreads = maximumThreads
            self.maximumQueued = maximumQueued
            semaphore = Semaphore()
        }

        /// Why new work would be refused now.
        var refusal: BlockingPoolError? {
            state.withLock { $0.isClosed ? .closed : $0.count >= maximumQueued ? .full : nil }
        }

        /// - Parameter always: takes the job even when too much is waiting.
        func submit(_ job: @escaping @Sendable () -> Void, always: Bool = false) -> BlockingPoolError? {
            let (refusal, start) = state.withLock { state -> (BlockingPoolError?, Bool) in
                if state.isClosed { return (.closed, false) }
                if !always, state.count >= maximumQueued { return (.full, false) }
                state.queue.append(job)
                let start = state.count > state.idle && state.threads < maximumThreads
                if start { state.threads += 1 }
                return (nil, start)
            }
            if refusal == nil {
                semaphore.signal()
                if start { startThread() }
            }
            return refusal
        }

        func close() {
            let threads = state.withLock { state in
                state.isClosed = true
                return state.threads
            }
            for _ in 0..<threads { semaphore.signal() }
        }

        private func startThread() {
            let started = startDetachedThread(name: name) { [self] in run() }
            guard !started else { return }
            // Without a new thread the others do the work. Without any, whoever asked does it himself: late and in the
            // wrong place, but not never.
            let remaining = state.withLock { state in
                state.threads -= 1
                return state.threads
            }
            guard remaining == 0 else { return }
            while let job = state.withLock({ $0.pop() }) { job() }
        }

        private func run() {
            while true {
                state.withLock { $0.idle += 1 }
                semaphore.wait()
                let (job, isOver) = state.withLock { state -> ((@Sendable () -> Void)?, Bool) in
                    state.idle -= 1
                    let job = state.pop()
                    return (job, job == nil && state.isClosed)
                }
                job?()
                if isOver { return }
            }
        }
    }
}

public enum BlockingPoolError: Error, Hashable, Sendable {
    /// Too much is waiting: try later.
    case full
    case closed
}

extension BlockingPoolError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full: "too many blocking calls are waiting: try later"
        case .closed: "the host is shutting down"
        }
    }
}

/// A counting semaphore between threads.
private final class Semaphore: @unchecked Sendable {
    private let value: UnsafeMutablePointer<sem_t>

    init() {
        value = .allocate(capacity: 1)
        sem_init(value, 0, 0)
    }

    deinit {
        sem_destroy(value)
        value.deallocate()
    }

    func signal() { sem_post(value) }

    func wait() { while sem_wait(value) != 0 && errno == EINTR {} }
}

/// Starts a thread that nobody joins; says whether the system had one to give.
public func startDetachedThread(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }
    let box = Unmanaged.passRetained(Body(name: name, run: body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
            nameThisThread(body.name)
            body.run()
            return nil
        }, box.toOpaque())
    guard code == 0 else {
        box.release()
        return false
    }
    pthread_detach(thread)
    return true
}

/// Through the file that stands for it, because Swift cannot import the call.
private func nameThisThread(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = Array(name.utf8.prefix(15)).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
}
