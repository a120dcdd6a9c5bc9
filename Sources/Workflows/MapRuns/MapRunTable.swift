import Core
import Synchronization

/// The map runs under way, for those who ask about them or change them.
final class MapRunTable: Sendable {
    private struct State {
        var byARN: [String: MapRunControl] = [:]
        var byExecution: [Int64: [MapRunID: MapRunControl]] = [:]
    }

    private let state = Mutex(State())

    func insert(_ control: MapRunControl, execution: Int64, run: MapRunID) {
        state.withLock { state in
            state.byARN[control.arn] = control
            state.byExecution[execution, default: [:]][run] = control
        }
    }

    func remove(_ control: MapRunControl, execution: Int64, run: MapRunID) {
        state.withLock { state in
            guard state.byARN[control.arn] === control else { return }
            state.byARN[control.arn] = nil
            state.byExecution[execution]?[run] = nil
            if state.byExecution[execution]?.isEmpty == true { state.byExecution[execution] = nil }
        }
    }

    subscript(arn: String) -> MapRunControl? { state.withLock { $0.byARN[arn] } }

    func cancel(execution: Int64, run: MapRunID) {
        let control = state.withLock { $0.byExecution[execution]?[run] }
        control?.cancel()
    }
}

/// A map run under way: its record, and what may be changed while it runs.
final class MapRunControl: Sendable {
    let arn: String
    private let state: Mutex<(record: MapRunRecord, isCancelled: Bool)>
    /// Rung when there may be room for another child, or nothing left to wait for.
    let change = Wakeup()

    init(_ record: MapRunRecord) {
        arn = record.arn
        state = Mutex((record, false))
    }

    var record: MapRunRecord { state.withLock(\.record) }

    var isCancelled: Bool { state.withLock(\.isCancelled) }

    func cancel() {
        state.withLock { $0.isCancelled = true }
        change.notify()
    }

    /// Changes the run's terms, which the runner then looks at.
    func change<Value: Sendable>(_ body: (inout MapRunRecord) -> Value) -> Value {
        let value = count(body)
        change.notify()
        return value
    }

    /// Keeps the run's books.
    @discardableResult
    func count<Value: Sendable>(_ body: (inout MapRunRecord) -> Value) -> Value {
        state.withLock { body(&$0.record) }
    }
}
