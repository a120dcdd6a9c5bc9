import CSQLite
import Glibc
import Synchronization

/// A thread outside the Swift pool, for calls that block.
final class WorkerThread: Sendable {
    private let thread: pthread_t
    private let isJoined = Atomic(false)

    /// Starts at once; throws `internal` when the system lets the process start no more threads. The name shows in `ps -L` and debuggers (at most 15 bytes).
    init(name: String, _ body: @escaping @Sendable () -> Void) throws(StorageError) {
        let box = Unmanaged.passRetained(Body(name: name, run: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        // Closures of all modules run here: give them the room they have on a main thread, of which only what is
        // touched becomes memory.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, { Body.start($0) }, box.toOpaque())
        pthread_attr_destroy(&attributes)
        guard code == 0 else {
            box.release()
            throw StorageError(
                .internal, "the thread \(name) could not be started: is a process limit reached?", code: code)
        }
        self.thread = thread
    }

    /// Waits for the thread to end.
    func join() {
        if !isJoined.exchange(true, ordering: .relaxed) { pthread_join(thread, nil) }
    }

    deinit {
        if !isJoined.load(ordering: .relaxed) { pthread_detach(thread) }
    }

    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }

        static func start(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            guard let context else { return nil }
            let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
            millrace_name_thread(body.name)
            body.run()
            return nil
        }
    }
}
