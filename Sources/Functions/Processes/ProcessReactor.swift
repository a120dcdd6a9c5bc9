import CFunctionSpawn
import Glibc
import Synchronization

/// A thread that starts processes and waits for what happens to them: output, room for input, their end.
///
/// Starting a process suspends the calling thread until the child has executed its program, and children die with the
/// thread that started them, so neither is for event loops or for the Swift pool. Handlers run on the reactor's thread
/// and must not block.
///
/// `@unchecked`: what is not in the mutex is touched by the reactor's own thread alone, which `watch` and `unwatch`
/// check.
final class ProcessReactor: @unchecked Sendable {
    struct Token: Hashable, Sendable {
        fileprivate var number: UInt64
    }

    typealias Handler = (_ events: UInt32) -> Void
    typealias Work = @Sendable (ProcessReactor) -> Void

    private struct Inbox {
        var work: [Work] = []
        var isStopped = false
    }

    private let inbox = Mutex(Inbox())
    private let epoll: CInt
    private let wakeUp: CInt
    private var thread = pthread_t()
    private var handlers: [UInt64: (descriptor: CInt, handler: Handler)] = [:]
    private var timers: [UInt64: (at: UInt64, handler: () -> Void)] = [:]
    private var nextNumber: UInt64 = 1

    private static let readable = EPOLLIN.rawValue

    init() throws(FunctionError) {
        fs_observe_children()
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard epoll >= 0, wakeUp >= 0 else {
            throw FunctionError(.host, "cannot watch processes: \(systemMessage(errno))")
        }
        var event = epoll_event(events: Self.readable, data: epoll_data_t(u64: 0))
        epoll_ctl(epoll, EPOLL_CTL_ADD, wakeUp, &event)
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ProcessReactor>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard failure == 0 else {
            throw FunctionError(.host, "cannot start a thread that watches processes: \(systemMessage(failure))")
        }
    }

    deinit {
        close(epoll)
        close(wakeUp)
    }

    /// Runs the work on the reactor's thread, in the order of the calls. False when the reactor has stopped.
    @discardableResult
    func execute(_ work: @escaping Work) -> Bool {
        let (accepted, first) = inbox.withLock { inbox in
            guard !inbox.isStopped else { return (false, false) }
            inbox.work.append(work)
            return (true, inbox.work.count == 1)
        }
        if first { wake() }
        return accepted
    }

    /// Ends the thread, and with it every process that it started. Work already handed over still runs.
    func stop() {
        let first = inbox.withLock { inbox in
            defer { inbox.isStopped = true }
            return !inbox.isStopped
        }
        guard first else { return }
        wake()
        pthread_join(thread, nil)
    }

    private func wake() { eventfd_write(wakeUp, 1) }

    // MARK: On the reactor's thread

    /// Calls the handler whenever the descriptor is ready, until ``unwatch(_:)``.
    func watch(_ descriptor: CInt, events: EPOLL_EVENTS, handler: @escaping Handler) -> Token {
        checkThread()
        let number = nextNumber
        nextNumber += 1
        handlers[number] = (descriptor, handler)
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(u64: number))
        if epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0 { poll(number, on: events) }
        return Token(number: number)
    }

    /// The system watches no more for its user: looked at a hundred times a second, so that nobody waits for ever.
    private func poll(_ number: UInt64, on events: EPOLL_EVENTS) {
        _ = schedule(afterMilliseconds: 10) { [unowned self] in
            guard let (descriptor, handler) = handlers[number] else { return }
            var polled = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events.rawValue), revents: 0)
            if Glibc.poll(&polled, 1, 0) > 0 { handler(UInt32(UInt16(bitPattern: polled.revents))) }
            poll(number, on: events)
        }
    }

    /// To be called before the descriptor is closed.
    func unwatch(_ token: Token) {
        checkThread()
        guard let (descriptor, _) = handlers.removeValue(forKey: token.number) else { return }
        epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
    }

    /// Calls the handler once, after so many milliseconds of real time.
    func schedule(afterMilliseconds delay: Int64, handler: @escaping () -> Void) -> Token {
        checkThread()
        let number = nextNumber
        nextNumber += 1
        timers[number] = (Self.now() + UInt64(max(0, delay)) * 1_000_000, handler)
        return Token(number: number)
    }

    func cancel(_ token: Token) {
        checkThread()
        timers[token.number] = nil
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func checkThread() {
        precondition(pthread_equal(thread, pthread_self()) != 0, "only the reactor's own thread watches descriptors")
    }

    private func run() {
        // The creator may not have stored it yet.
        thread = pthread_self()
        fs_name_thread("processes")
        // Writing to a process that has closed its input must be an error, not the host's end.
        var blocked = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let count = epoll_wait(epoll, &events, CInt(events.count), millisecondsToTimer())
            guard count >= 0 || errno == EINTR else { return }
            for event in events.prefix(Int(max(0, count))) {
                if event.data.u64 == 0 {
                    var value: eventfd_t = 0
                    eventfd_read(wakeUp, &value)
                } else {
                    handlers[event.data.u64]?.handler(event.events)
                }
            }
            runTimers()
            if !runInbox() { return }
        }
    }

    private func millisecondsToTimer() -> CInt {
        guard let first = timers.values.lazy.map(\.at).min() else { return -1 }
        let now = Self.now()
        // Rounded up: waking early would only mean waiting again.
        return first <= now ? 0 : CInt(clamping: (first - now + 999_999) / 1_000_000)
    }

    private func runTimers() {
        guard !timers.isEmpty else { return }
        let now = Self.now()
        for (number, timer) in timers where timer.at <= now {
            // One handler may have cancelled another.
            if timers.removeValue(forKey: number) != nil { timer.handler() }
        }
    }

    private func runInbox() -> Bool {
        let (work, isStopped) = inbox.withLock { inbox in
            defer { inbox.work.removeAll() }
            return (inbox.work, inbox.isStopped)
        }
        for item in work { item(self) }
        return !isStopped
    }
}
