import Core
import Synchronization

/// When each waiting execution is due. Sixteen bytes an execution, twice over, and one sleeper for all.
final class TimerQueue: Sendable {
    struct Entry {
        let due: Int64
        let execution: Int64
    }

    struct State {
        var heap: [Entry] = []
        /// The instant that counts for each execution; heap entries that say otherwise are void.
        var due: [Int64: Int64] = [:]
    }

    private let state = Mutex(State())
    private let alarm: Alarm

    init(clock: any HostClock) { alarm = Alarm(clock: clock) }

    /// Sets the instant, replacing the one before; nil for none.
    func set(_ execution: Int64, due: Timestamp?) {
        guard let due else {
            state.withLock { state in _ = state.due.removeValue(forKey: execution) }
            return
        }
        let isNew = state.withLock { state -> Bool in
            guard state.due[execution] != due.milliseconds else { return false }
            state.due[execution] = due.milliseconds
            state.push(Entry(due: due.milliseconds, execution: execution))
            return true
        }
        if isNew { alarm.set(for: due) }
    }

    /// Takes out the executions that are due, earliest first.
    func takeDue(at now: Timestamp) -> [Int64] {
        let (due, next) = state.withLock { state -> ([Int64], Int64?) in
            var due: [Int64] = []
            while let first = state.heap.first, first.due <= now.milliseconds {
                state.pop()
                guard state.due[first.execution] == first.due else { continue }
                state.due[first.execution] = nil
                due.append(first.execution)
            }
            return (due, state.heap.first?.due)
        }
        if let next { alarm.set(for: Timestamp(milliseconds: next)) }
        return due
    }

    var count: Int { state.withLock { $0.due.count } }

    func run(_ ring: @escaping @Sendable () async -> Void) async { await alarm.run(ring) }

    func stop() { alarm.stop() }
}

extension TimerQueue.State {
    fileprivate mutating func push(_ entry: TimerQueue.Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    fileprivate mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].due < heap[least].due
            {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
