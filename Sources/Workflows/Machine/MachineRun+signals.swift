import Core
import StatesLanguage

extension MachineRun {
    mutating func take(_ signal: Signal.Kind) {
        switch signal {
        case .start: start()
        case .redrive: redrive()
        default:
            guard state.status == .running else { return }
            takeRunning(signal)
        }
        drain()
    }

    private mutating func takeRunning(_ signal: Signal.Kind) {
        switch signal {
        case .start, .redrive: break
        case .clock: takeClock()
        case .taskStarted(let task, let worker): taskStarted(task, worker: worker)
        case .taskSubmitted(let task, let output): taskSubmitted(task, output)
        case .taskSucceeded(let task, let output): taskSucceeded(task, Payload(output))
        case .taskFailed(let task, let failure): taskFailed(task, failure)
        case .heartbeat(let task): heartbeat(task)
        case .mapRunSucceeded(let run, let output): mapRunSucceeded(run, output)
        case .mapRunFailed(let run, let failure): mapRunFailed(run, failure)
        case .stop(let failure):
            finish(
                ExecutionResult(status: .aborted, output: nil, failure: failure), .executionAborted, previous: 0)
        }
    }

    private mutating func start() {
        guard state.nextEventID == 1 else { return }
        let identity = state.identity
        record(
            .executionStarted,
            .executionStarted(
                input: identity.inputText, roleARN: identity.roleARN, versionARN: identity.versionARN,
                aliasARN: identity.aliasARN),
            previous: 0)
        setDeadline()
        let graph = machine.graph
        let root = state.flows.insert(
            Flow(
                parent: nil, graph: graph, variables: [:], mapItem: identity.mapItem, lastEventID: 0,
                pending: (graph.startAt, Payload(identity.input, spelling: identity.inputText))))
        schedule(.run(root))
    }

    func deadline(after seconds: Int64) -> Timestamp {
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .distantFuture : min(.distantFuture, now.adding(milliseconds: milliseconds))
    }

    private mutating func setDeadline() {
        state.deadline = machine.timeoutSeconds.map { deadline(after: $0) }
    }

    // MARK: Time

    private mutating func takeClock() {
        if let deadline = state.deadline, deadline <= now {
            finish(
                ExecutionResult(status: .timedOut, output: nil, failure: ErrorOutput(error: nil, cause: nil)),
                .executionTimedOut, previous: 0)
            return
        }
        var due: [(at: Timestamp, flow: FlowID)] = []
        state.flows.forEachActive { id, flow in
            if flow.pending != nil {
                due.append((Timestamp(milliseconds: .min), id))
            } else if let at = flow.due, at <= now {
                due.append((at, id))
            }
        }
        due.sort { $0.at == $1.at ? $0.flow < $1.flow : $0.at < $1.at }
        let timedOut = due.compactMap { recordTimeout($0.flow) }
        for (_, flow) in due where state.flows.isActive(flow) { takeDue(flow) }
        // All that is late is on record before the first failure calls its siblings off, as AWS has it.
        for (flow, failure) in timedOut where state.status == .running && state.flows.isActive(flow) {
            fail(flow, failure)
        }
    }

    private mutating func takeDue(_ flow: FlowID) {
        if state.flows[flow].pending != nil {
            schedule(.run(flow))
            return
        }
        guard let visit = state.flows[flow].visit else { return }
        switch visit.activity {
        case .waiting: completeWait(flow, visit)
        case .retrying: retry(flow)
        case .running, .task, .children, .mapRun: break
        }
    }

    private mutating func retry(_ flow: FlowID) {
        state.transitions += 1
        state.flows[flow].visit?.activity = .running
        schedule(.again(flow))
    }

    // MARK: Redrive

    private mutating func redrive() {
        guard state.status.isFinal, state.status != .succeeded else { return }
        state.status = .running
        state.result = nil
        state.identity = state.identity.redriven(at: now)
        let count = state.identity.redriveCount
        record(.executionRedriven, .executionRedriven(count: count), previous: state.nextEventID - 1)
        setDeadline()
        if let root = rootFlow { revive(root) }
    }

    private var rootFlow: FlowID? {
        var root: FlowID?
        state.flows.forEach { id, flow in
            if flow.parent == nil { root = id }
        }
        return root
    }

    /// Takes up a flow where it failed: finished branches and iterations keep their results.
    private mutating func revive(_ id: FlowID) {
        state.flows[id].isHalted = false
        state.flows[id].visit?.retries = []
        state.flows[id].visit?.retryCount = 0
        if state.flows[id].pending != nil { return schedule(.run(id)) }
        guard let visit = state.flows[id].visit else { return }
        switch visit.activity {
        case .waiting: break
        case .children(let children):
            let flows = children.running.sorted { $0.key < $1.key }.map(\.value)
            for child in flows where state.flows.contains(child) { revive(child) }
            startIterations(id)
        case .mapRun(let run):
            let count = state.identity.redriveCount
            record(.mapRunRedriven, .mapRunRedriven(arn: run.request.arn, count: count), in: id)
            effects.append(.redriveMapRun(run.request.id))
        case .running, .retrying, .task:
            state.flows[id].visit?.activity = .running
            schedule(.again(id))
        }
    }
}
