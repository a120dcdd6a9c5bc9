import CSQLite
import Glibc

/// The same group commit with as little as possible around it: threads hand rows to one writer through a mutex and wait
/// on a condition for the commit that their row was part of.
final class RawGroupCommit: @unchecked Sendable {
    private let raw: RawSQLite
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let committed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [Int64] = []
    private var batch = 1
    private var lastCommitted = 0
    private var isOver = false

    init(_ raw: RawSQLite) {
        self.raw = raw
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrived, nil)
        pthread_cond_init(committed, nil)
    }

    func run(inserts: Int, producers: Int) {
        isOver = false
        let writer = thread { self.write() }
        let threads = (0..<producers).map { _ in
            thread { for number in 0..<inserts / producers { self.insert(Int64(number)) } }
        }
        for thread in threads { pthread_join(thread, nil) }
        pthread_mutex_lock(mutex)
        isOver = true
        pthread_cond_signal(arrived)
        pthread_mutex_unlock(mutex)
        pthread_join(writer, nil)
    }

    private func insert(_ number: Int64) {
        pthread_mutex_lock(mutex)
        queue.append(number)
        let mine = batch
        pthread_cond_signal(arrived)
        while lastCommitted < mine { pthread_cond_wait(committed, mutex) }
        pthread_mutex_unlock(mutex)
    }

    private func write() {
        pthread_mutex_lock(mutex)
        while true {
            while queue.isEmpty, !isOver { pthread_cond_wait(arrived, mutex) }
            if queue.isEmpty { break }
            let rows = queue
            let mine = batch
            queue = []
            batch += 1
            pthread_mutex_unlock(mutex)
            raw.commit(rows)
            pthread_mutex_lock(mutex)
            lastCommitted = mine
            pthread_cond_broadcast(committed)
        }
        pthread_mutex_unlock(mutex)
    }

    private func thread(_ body: @escaping () -> Void) -> pthread_t {
        final class Body { let run: () -> Void; init(_ run: @escaping () -> Void) { self.run = run } }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Body(body))
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        return thread
    }
}
