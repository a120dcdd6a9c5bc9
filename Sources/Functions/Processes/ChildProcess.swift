import CFunctionSpawn
import Glibc
import Synchronization

/// A running process with its group. Signals never reach a process that took over its number.
final class ChildProcess: Sendable {
    let pid: pid_t
    /// What the system reports as a child's peak is at least the host's own at the time of the start, because the two
    /// shared their memory until the child executed its program. Peaks up to here say nothing.
    let hostPeakKilobytes: Int
    private let isReaped = Mutex(false)

    private init(pid: pid_t, hostPeakKilobytes: Int) {
        self.pid = pid
        self.hostPeakKilobytes = hostPeakKilobytes
    }

    /// Starts a process and watches it, on the reactor's thread. `ended` is called there, once.
    /// The descriptors given are closed here in any case.
    static func start(
        _ request: SpawnRequest, input: CInt, output: CInt, error: CInt, on reactor: ProcessReactor,
        ended: @escaping (ProcessExit) -> Void
    ) throws(FunctionError) -> ChildProcess {
        defer { for descriptor in Set([input, output, error]) { close(descriptor) } }
        let started = try request.start(input: input, output: output, error: error)
        let child = ChildProcess(pid: started.pid, hostPeakKilobytes: fs_host_peak_kilobytes())
        var token: ProcessReactor.Token?
        token = reactor.watch(started.descriptor, events: EPOLLIN) { [unowned reactor] _ in
            guard let exit = child.reap() else { return }
            if let token { reactor.unwatch(token) }
            close(started.descriptor)
            ended(exit)
        }
        return child
    }

    /// Sends a signal to the process and to everything in its group.
    func signalGroup(_ number: CInt) {
        isReaped.withLock { isReaped in
            guard !isReaped else { return }
            kill(-pid, number)
        }
    }

    /// The share of the reported peak that is the child's own, when it can be told from the host's.
    func ownPeakKilobytes(_ exit: ProcessExit) -> Int? {
        exit.peakKilobytes > hostPeakKilobytes ? exit.peakKilobytes : nil
    }

    private func reap() -> ProcessExit? {
        isReaped.withLock { isReaped in
            guard !isReaped else { return nil }
            // The group's number is safe as long as its leader is not collected: what it left behind goes now.
            kill(-pid, SIGKILL)
            var status: CInt = 0
            var peak = 0
            var time = 0
            guard fs_reap(pid, &status, &peak, &time) != 0 else { return nil }
            isReaped = true
            return ProcessExit(waitStatus: status, peakKilobytes: peak, cpuMicroseconds: time)
        }
    }
}
