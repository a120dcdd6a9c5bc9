import Glibc

/// A bounded queue from any number of tasks to one or a few threads that wait for work.
///
/// Not a `Mutex`: a thread that waits needs a condition, which the standard library does not have.
final class Mailbox<Element: Sendable>: @unchecked Sendable {
    enum Offer { case accepted, full, closed }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let capacity: Int
    /// What was taken one by one leaves its place empty until a good part is empty, so that taking stays cheap in a long
    /// queue.
    private var elements: [Element?] = []
    private var head = 0
    private var isClosed = false
    private var waiting = 0
    /// A waiting thread is woken only when this many are there.
    private var wanted = 1

    init(capacity: Int) {
        self.capacity = capacity
        // Held for nanoseconds by threads of two cores: spinning briefly beats going to sleep.
        var kind = pthread_mutexattr_t()
        pthread_mutexattr_init(&kind)
        pthread_mutexattr_settype(&kind, Int32(PTHREAD_MUTEX_ADAPTIVE_NP))
        pthread_mutex_init(mutex, &kind)
        pthread_mutexattr_destroy(&kind)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func offer(_ element: Element) -> Offer {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return .closed }
        guard queued < capacity else { return .full }
        elements.append(element)
        if waiting > 0, queued >= wanted { pthread_cond_signal(condition) }
        return .accepted
    }

    /// Lets no more in. What is queued is still handed out.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Waits for the next element; nil when closed and empty.
    func take() -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        waitForOne()
        return removeFirst(1).first
    }

    /// Waits for work and takes up to `limit` of what is there; nil when closed and empty.
    func take(limit: Int) -> [Element]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        waitForOne()
        return queued == 0 ? nil : removeFirst(limit)
    }

    /// Takes up to `limit` as soon as `minimum` are there, or whatever is there at the deadline.
    func take(limit: Int, atLeast minimum: Int, until deadline: UInt64) -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if queued < minimum, !isClosed { wait(for: minimum, until: deadline) }
        return removeFirst(limit)
    }

    private var queued: Int { elements.count - head }

    private func removeFirst(_ limit: Int) -> [Element] {
        let end = head + min(limit, queued)
        let taken = elements[head..<end].compactMap(\.self)
        for place in head..<end { elements[place] = nil }
        head = end
        if head == elements.count {
            elements.removeAll(keepingCapacity: elements.count <= 1024)
            head = 0
        } else if head > 1024, head > elements.count / 2 {
            elements.removeFirst(head)
            head = 0
        }
        return taken
    }

    var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return queued
    }

    private func waitForOne() {
        while queued == 0, !isClosed {
            waiting += 1
            pthread_cond_wait(condition, mutex)
            waiting -= 1
        }
    }

    private func wait(for minimum: Int, until deadline: UInt64) {
        var limit = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        wanted = minimum
        waiting += 1
        while queued < minimum, !isClosed {
            if pthread_cond_timedwait(condition, mutex, &limit) != 0 { break }
        }
        waiting -= 1
        wanted = 1
    }
}

func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
