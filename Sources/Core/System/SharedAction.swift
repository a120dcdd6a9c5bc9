#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A blocking action of which one run does for all that asked before it began, such as bringing a directory to disk.
public final class SharedAction: @unchecked Sendable {
    // Unchecked: used under the mutex alone.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Callers are numbered as they come; those up to `served` have been served.
    private var asked: UInt64 = 0
    private var served: UInt64 = 0
    private var isRunning = false

    public init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Returns when a run has ended that began after this call. One of those who wait runs the action; when it fails for
    /// him the next one tries.
    public func run<Failure: Error>(_ action: () throws(Failure) -> Void) throws(Failure) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        asked += 1
        let number = asked
        while served < number {
            guard !isRunning else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            isRunning = true
            let last = asked
            pthread_mutex_unlock(mutex)
            let result = Result { () throws(Failure) in try action() }
            pthread_mutex_lock(mutex)
            isRunning = false
            if case .success = result { served = last }
            pthread_cond_broadcast(condition)
            try result.get()
        }
    }
}
