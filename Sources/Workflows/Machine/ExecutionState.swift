public import Core
import StatesLanguage

/// Everything that an execution is between two signals: a value that replaying its signals gives again.
public struct ExecutionState: Sendable {
    public internal(set) var identity: ExecutionIdentity
    public internal(set) var status: ExecutionStatus = .running
    public internal(set) var result: ExecutionResult?
    /// States entered and retries made: what a Standard execution is billed by.
    public internal(set) var transitions: Int64 = 0
    /// When the execution times out as a whole.
    var deadline: Timestamp?
    var flows = FlowArena()
    var nextEventID: Int64 = 1
    var nextTaskID: TaskID = 1
    var nextMapRunID: MapRunID = 1
    /// Of a state tested by itself: the context object that the caller gave, and causes without the sentence that
    /// names the state.
    var test: TestConditions?

    struct TestConditions: Sendable {
        /// What the context object calls the state, whatever it is called in its machine.
        static let stateName = "StateName"

        var context: JSON?
    }

    public init(_ identity: ExecutionIdentity) { self.identity = identity }

    /// Events recorded so far.
    public var eventCount: Int64 { nextEventID - 1 }

    /// The earliest instant at which a `clock` signal has something to do.
    public var nextDue: Timestamp? {
        guard status == .running else { return nil }
        var earliest = deadline
        flows.forEachActive { _, flow in
            if let due = flow.due { earliest = min(earliest ?? due, due) }
        }
        return earliest
    }

    /// Whether nothing but time or a message from outside can move the execution on, so that it needs no memory.
    public var isParked: Bool {
        guard status == .running else { return true }
        var isParked = true
        flows.forEachActive { _, flow in
            if flow.needsHost { isParked = false }
        }
        return isParked
    }

    /// Whether the token's task still waits for an answer.
    func awaits(_ token: TaskToken) -> Bool {
        var isAwaited = false
        guard status == .running else { return false }
        flows.forEachActive { _, flow in
            guard case .task(let task) = flow.visit?.activity, task.id == token.task else { return }
            if task.takesToken, task.token == token.text { isAwaited = true }
        }
        return isAwaited
    }

    /// Stands in while the machine has the real one.
    static let placeholder = ExecutionState(
        ExecutionIdentity(
            key: 0, arn: "", name: "", input: .null, inputText: "", roleARN: "", stateMachineARN: "",
            stateMachineName: "", startedAt: Timestamp(milliseconds: 0), type: .standard, account: "", region: "",
            redriveCount: 0))
}
