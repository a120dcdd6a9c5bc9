import CFunctionSpawn
import Glibc

/// The processes of one instance and what they share: the log that they write to, and a control group. Both go with the
/// last of the processes. Lives on the reactor's thread.
final class InstanceProcesses {
    let group: ControlGroup?
    private let watch: LogWatch
    private let output: CInt
    private unowned let reactor: ProcessReactor
    private var running = 0
    private var isOpen = true

    init(_ log: FunctionLog, _ group: ControlGroup?, on reactor: ProcessReactor) throws(FunctionError) {
        let pipe: Pipe
        do throws(FunctionError) {
            pipe = try Pipe()
        } catch {
            group?.remove()
            throw error
        }
        self.group = group
        self.reactor = reactor
        output = pipe.writeEnd
        watch = LogWatch(log, pipe.readEnd, on: reactor)
    }

    /// Starts one more. `ended` is called on the reactor's thread, once, while the control group is still there unless
    /// this was the last process.
    func start(
        _ request: SpawnRequest, ended: @escaping (ProcessExit, ControlGroup.Account?) -> Void
    ) throws(FunctionError) -> ChildProcess {
        let process = try ChildProcess.start(
            request, input: open("/dev/null", O_RDONLY | O_CLOEXEC), output: fcntl(output, F_DUPFD_CLOEXEC, 3),
            error: fcntl(output, F_DUPFD_CLOEXEC, 3), on: reactor
        ) { [self] exit in
            let account = group?.account
            running -= 1
            letGo()
            ended(exit, account)
        }
        running += 1
        return process
    }

    /// No more will be started.
    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(output)
        letGo()
    }

    private func letGo() {
        guard !isOpen, running == 0 else { return }
        watch.end()
        group?.remove()
    }
}
