import Synchronization

/// Connections for closures that find a few rows by their keys and run on the caller's own thread: such a read takes
/// less time than handing it to another thread and being woken by it.
final class Lookups: Sendable {
    private struct State {
        var idle: [Held] = []
        var open = 0
        var isClosed = false
    }

    enum Loan {
        case connection(Held)
        /// All are lent at the moment.
        case none
        case closed
    }

    /// A connection, used by whoever has it.
    struct Held: @unchecked Sendable {
        let connection: any SQLConnection
    }

    private let state = Mutex(State())
    private let driver: any SQLDriver
    private let maximum: Int
    /// Called once, when the last connection is closed.
    private let ended: @Sendable () -> Void

    init(driver: any SQLDriver, maximum: Int, ended: @escaping @Sendable () -> Void) {
        self.driver = driver
        self.maximum = maximum
        self.ended = ended
    }

    /// Lends a connection; the first callers have theirs opened.
    func take() throws(StorageError) -> Loan {
        let (loan, mustOpen) = state.withLock { state -> (Loan, Bool) in
            if state.isClosed { return (.closed, false) }
            if let held = state.idle.popLast() { return (.connection(held), false) }
            guard state.open < maximum else { return (.none, false) }
            state.open += 1
            return (.none, true)
        }
        guard mustOpen else { return loan }
        do throws(StorageError) {
            return .connection(Held(connection: try driver.connect(.reader)))
        } catch {
            leave()
            throw error
        }
    }

    func giveBack(_ held: Held) {
        let isKept = state.withLock { state in
            if !state.isClosed { state.idle.append(held) }
            return !state.isClosed
        }
        guard !isKept else { return }
        held.connection.close()
        leave()
    }

    /// Lends no more, and closes the connections as they come back.
    func close() {
        let (idle, isLast) = state.withLock { state in
            guard !state.isClosed else { return ([] as [Held], false) }
            state.isClosed = true
            let idle = state.idle
            state.idle = []
            state.open -= idle.count
            return (idle, state.open == 0)
        }
        for held in idle { held.connection.close() }
        if isLast { ended() }
    }

    /// A connection is gone.
    private func leave() {
        let isLast = state.withLock { state in
            state.open -= 1
            return state.isClosed && state.open == 0
        }
        if isLast { ended() }
    }
}
