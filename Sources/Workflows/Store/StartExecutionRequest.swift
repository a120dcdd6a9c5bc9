/// `StartExecution` and `StartSyncExecution`.
public struct StartExecutionRequest: Sendable {
    /// A state machine, a version of it, or an alias.
    public var machineARN: String
    /// A UUID when it is nil.
    public var name: String?
    public var input: String
    public var traceHeader: String?

    public init(machineARN: String, name: String? = nil, input: String = "{}", traceHeader: String? = nil) {
        self.machineARN = machineARN
        self.name = name
        self.input = input
        self.traceHeader = traceHeader
    }
}

/// What an execution is started of.
struct ResolvedMachine: Sendable {
    var record: StateMachineRecord
    var machine: WorkflowMachine
    var versionARN: String?
    var aliasARN: String?
}
