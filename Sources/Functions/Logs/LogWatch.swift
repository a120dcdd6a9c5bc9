import CFunctionSpawn
import Glibc

/// Reads a process's output into its log whenever there is some. Lives on the reactor's thread.
final class LogWatch {
    private let log: FunctionLog
    private unowned let reactor: ProcessReactor
    private var token: ProcessReactor.Token?

    /// Takes the host's end of the pipe.
    init(_ log: FunctionLog, _ descriptor: CInt, on reactor: ProcessReactor) {
        self.log = log
        self.reactor = reactor
        log.attach(descriptor)
        token = reactor.watch(descriptor, events: EPOLLIN) { [unowned self] _ in
            if self.log.readAvailable() == .closed { self.stop() }
        }
    }

    /// The end of the process: takes the rest of its output and closes the pipe.
    func end() {
        stop()
        log.close()
    }

    private func stop() {
        guard let token else { return }
        self.token = nil
        reactor.unwatch(token)
    }
}
