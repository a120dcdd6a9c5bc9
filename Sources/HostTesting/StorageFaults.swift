import Storage
import Synchronization

/// Which calls of a database fail, for tests of bad days. Counted from the moment the plan is made; statements of the
/// schema count too unless the plan is armed later with ``fail(_:_:times:with:)``.
public final class StorageFaults: Sendable {
    public enum Point: Hashable, Sendable {
        case begin, commit, read
        /// A statement whose text contains this.
        case statement(String)
    }

    private struct Plan {
        let point: Point
        var skip: Int
        var times: Int
        let error: StorageError
    }

    private let plans = Mutex<[Plan]>([])
    private let seen = Mutex<Int>(0)

    public init() {}

    /// Lets the next `after` calls of the kind pass and has the `times` calls that follow fail.
    public func fail(_ point: Point, after skip: Int = 0, times: Int = 1, with error: StorageError) {
        plans.withLock { $0.append(Plan(point: point, skip: skip, times: times, error: error)) }
    }

    /// Every commit fails from now on, as it does on a full disk, until ``clear()``.
    public func fillDisk() {
        fail(.commit, times: .max, with: StorageError(.full, "the disk is full (simulated)"))
    }

    public func clear() { plans.withLock { $0 = [] } }

    /// How many calls have been made to fail.
    public var injected: Int { seen.withLock { $0 } }

    func check(_ matches: (Point) -> Bool) throws(StorageError) {
        let error: StorageError? = plans.withLock { plans in
            for place in plans.indices where matches(plans[place].point) && plans[place].times > 0 {
                guard plans[place].skip == 0 else {
                    plans[place].skip -= 1
                    continue
                }
                plans[place].times -= 1
                return plans[place].error
            }
            return nil
        }
        guard let error else { return }
        seen.withLock { $0 += 1 }
        throw error
    }
}

/// A driver that fails where the plan says and is the wrapped one everywhere else. A failing commit has been rolled
/// back, as a real one.
public final class FaultInjectingDriver: SQLDriver {
    private let wrapped: any SQLDriver
    private let faults: StorageFaults

    public init(_ wrapped: any SQLDriver, _ faults: StorageFaults) {
        self.wrapped = wrapped
        self.faults = faults
    }

    public var location: String { wrapped.location }

    public func connect(_ role: ConnectionRole) throws(StorageError) -> any SQLConnection {
        FaultInjectingConnection(try wrapped.connect(role), faults)
    }

    public func shutdown() { wrapped.shutdown() }
}

private final class FaultInjectingConnection: SQLConnection {
    private let wrapped: any SQLConnection
    private let faults: StorageFaults

    init(_ wrapped: any SQLConnection, _ faults: StorageFaults) {
        self.wrapped = wrapped
        self.faults = faults
    }

    func run(_ sql: String, _ parameters: [SQLValue], row: ((Row) -> Bool)?) throws(StorageError) -> Int {
        try faults.check { point in
            if case .statement(let part) = point { contains(sql, part) } else { false }
        }
        return try wrapped.run(sql, parameters, row: row)
    }

    func control(_ command: TransactionCommand) throws(StorageError) {
        do throws(StorageError) {
            switch command {
            case .beginWrite: try faults.check { $0 == .begin }
            case .beginRead: try faults.check { $0 == .read }
            case .commit: try faults.check { $0 == .commit }
            default: break
            }
        } catch {
            if wrapped.isInTransaction { try wrapped.control(.rollback) }
            throw error
        }
        try wrapped.control(command)
    }

    var isInTransaction: Bool { wrapped.isInTransaction }

    func maintain() { wrapped.maintain() }

    func close() { wrapped.close() }
}

/// Substring search on bytes: Foundation stays out.
private func contains(_ text: String, _ part: String) -> Bool {
    let bytes = Array(text.utf8)
    let wanted = Array(part.utf8)
    guard wanted.count <= bytes.count else { return false }
    return (0...bytes.count - wanted.count).contains { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
}
