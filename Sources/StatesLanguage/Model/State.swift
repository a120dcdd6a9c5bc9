/// One compiled state.
///
/// A reference to an immutable object, not a value: the engine passes states about on every transition, and a copy of
/// so many fields would cost more than running most of them.
public final class State: Sendable {
    public let name: String
    /// Position in its graph.
    public let index: StateGraph.Index
    public let comment: String?
    public let queryLanguage: QueryLanguage
    /// Where the execution goes after this state; a Choice state's own default lies in its kind.
    public let transition: Transition
    /// `InputPath`: the part of the input that the state sees.
    public let inputPath: PathFilter
    /// `OutputPath`: the part of the output that the next state sees.
    public let outputPath: PathFilter
    /// `Output`, JSONata only.
    public let output: Template?
    /// `Assign`: the variables that the state sets when it succeeds.
    public let assign: [Assignment]
    public let kind: StateKind

    init(
        name: String, index: StateGraph.Index, comment: String?, queryLanguage: QueryLanguage, transition: Transition,
        inputPath: PathFilter, outputPath: PathFilter, output: Template?, assign: [Assignment], kind: StateKind
    ) {
        self.name = name
        self.index = index
        self.comment = comment
        self.queryLanguage = queryLanguage
        self.transition = transition
        self.inputPath = inputPath
        self.outputPath = outputPath
        self.output = output
        self.assign = assign
        self.kind = kind
    }
}

/// What follows a state.
public enum Transition: Sendable, Hashable {
    case next(StateGraph.Index)
    /// The run of the graph ends with the state's output.
    case end
}

/// The eight state types with the fields that only they have.
public enum StateKind: Sendable {
    case pass(PassState)
    case task(TaskState)
    case choice(ChoiceState)
    case wait(WaitState)
    case succeed
    case fail(FailState)
    case parallel(ParallelState)
    case map(MapState)

    public var type: StateType {
        switch self {
        case .pass: .pass
        case .task: .task
        case .choice: .choice
        case .wait: .wait
        case .succeed: .succeed
        case .fail: .fail
        case .parallel: .parallel
        case .map: .map
        }
    }
}

/// The values of `Type`, in the order in which error messages list them.
public enum StateType: String, Sendable, Hashable, CaseIterable {
    case task = "Task"
    case wait = "Wait"
    case pass = "Pass"
    case succeed = "Succeed"
    case fail = "Fail"
    case choice = "Choice"
    case parallel = "Parallel"
    case map = "Map"
}

/// One member of `Assign`: a variable and the template of its value.
public struct Assignment: Sendable {
    /// The variable's name without `$`.
    public let variable: String
    public let value: Template
}
