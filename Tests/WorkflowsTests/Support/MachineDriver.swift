import Core
import StatesLanguage

@testable import Workflows

/// Drives the bare machine: hands tasks their scripted answers, and lets time pass when nothing else can happen.
struct MachineDriver {
    enum Answer {
        case success(JSON)
        case failure(ErrorOutput)
        /// The request is taken, then answered.
        case submitted(JSON, then: [Answer])
        case worker(String?, then: [Answer])
        /// No answer at all.
        case silence

        init(_ json: JSON) {
            if let output = json["success"] {
                self = .success(output)
            } else if let failure = json["failure"] {
                self = .failure(ErrorOutput(error: failure["error"]?.stringValue, cause: failure["cause"]?.stringValue))
            } else if let submitted = json["submitted"] {
                self = .submitted(submitted, then: (json["then"]?.arrayValue ?? []).map { Answer($0) })
            } else if let worker = json["worker"] {
                self = .worker(worker.stringValue, then: (json["then"]?.arrayValue ?? []).map { Answer($0) })
            } else {
                self = .silence
            }
        }
    }

    let machine: WorkflowMachine
    private(set) var state: ExecutionState
    private(set) var events: [HistoryEvent] = []
    private(set) var signals: [Signal] = []
    private(set) var invocations: [TaskInvocation] = []
    private var answers: [String: [Answer]]
    private var waiting: [(TaskID, Answer)] = []
    private(set) var now = Timestamp(milliseconds: 1_767_225_600_000)

    init(
        _ machine: WorkflowMachine, input: String, answers: [String: [Answer]] = [:],
        type: StateMachineType = .standard
    ) throws {
        self.machine = machine
        self.answers = answers
        state = ExecutionState(Self.identity(input: try JSON(parsing: input), text: input, type: type))
    }

    static func identity(input: JSON, text: String, type: StateMachineType) -> ExecutionIdentity {
        ExecutionIdentity(
            key: 7, arn: "arn:aws:states:us-east-1:000000000000:execution:machine:run", name: "run", input: input,
            inputText: text, roleARN: "arn:aws:iam::000000000000:role/r",
            stateMachineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:machine",
            stateMachineName: "machine", startedAt: Timestamp(milliseconds: 1_767_225_600_000), type: type,
            account: "000000000000", region: "us-east-1", redriveCount: 0)
    }

    mutating func send(_ kind: Signal.Kind) {
        let signal = Signal(kind, at: now, seed: UInt64(signals.count) &* 7919)
        signals.append(signal)
        let (events, effects) = machine.apply(signal, to: &state)
        self.events += events
        for effect in effects { take(effect) }
    }

    private mutating func take(_ effect: Effect) {
        switch effect {
        case .start(let task):
            invocations.append(task)
            var scripted = answers[task.stateName] ?? []
            let answer = scripted.isEmpty ? Answer.silence : scripted.removeFirst()
            // The last answer stays for all further attempts.
            if !scripted.isEmpty { answers[task.stateName] = scripted }
            waiting.append((task.id, answer))
        case .startMapRun, .cancelMapRun, .redriveMapRun, .cancel, .finish: break
        case .yield: waiting.append((0, .silence))
        }
    }

    /// Runs until the execution ends, or nothing more can happen.
    mutating func run(from kind: Signal.Kind = .start, limit: Int = 10_000) {
        send(kind)
        var left = limit
        while state.status == .running, left > 0 {
            left -= 1
            if let (task, answer) = waiting.first {
                waiting.removeFirst()
                give(answer, to: task)
            } else if let due = state.nextDue {
                now = max(now, due)
                send(.clock)
            } else {
                return
            }
        }
    }

    private mutating func give(_ answer: Answer, to task: TaskID) {
        switch answer {
        case .success(let output): send(.taskSucceeded(task, output: output))
        case .failure(let failure): send(.taskFailed(task, failure))
        case .submitted(let output, let then):
            send(.taskSubmitted(task, output: output))
            for answer in then { give(answer, to: task) }
        case .worker(let name, let then):
            send(.taskStarted(task, worker: name))
            for answer in then { give(answer, to: task) }
        case .silence: if task == 0 { send(.clock) }
        }
    }
}

extension HistoryEvent {
    /// `4<3 MapIterationStarted Each#0`, with the error of failures.
    var line: String {
        var line = "\(id)<\(previousID) \(type.name)"
        switch details {
        case .stateEntered(let name, _), .stateExited(let name, _, _): line += " \(name)"
        case .mapIteration(let name, let index): line += " \(name)#\(index)"
        case .failure(let failure), .taskFailure(_, _, let failure):
            if let error = failure.error { line += " \(error)" }
        case .evaluationFailed(_, let location, let state): line += " \(state) \(location ?? "-")"
        case .mapStarted(let length): line += " \(length)"
        case .taskScheduled(let task): line += " \(task.resourceType):\(task.resource)"
        default: break
        }
        return line
    }
}
