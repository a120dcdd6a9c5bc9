import Core
import StatesLanguage

/// Branches and iterations: how they begin, end, and are cut off.
extension MachineRun {
    mutating func updateChildren(of id: FlowID, _ body: (inout Children) -> Void) {
        guard case .children(var children) = state.flows[id].visit?.activity else { return }
        state.flows[id].visit?.activity = .running
        body(&children)
        state.flows[id].visit?.activity = .children(children)
    }

    func children(of id: FlowID) -> Children? {
        guard case .children(let children) = state.flows[id].visit?.activity else { return nil }
        return children
    }

    /// Adds a flow below the one given.
    mutating func insertChild(
        of id: FlowID, slot: Int, _ graph: StateGraph, input: Payload, item: ItemContext?, lastEvent: Int64
    ) {
        let child = state.flows.insert(
            Flow(
                parent: Flow.Parent(flow: id, slot: slot), graph: graph, variables: state.flows[id].variables,
                mapItem: item ?? state.flows[id].mapItem, lastEventID: lastEvent, pending: (graph.startAt, input)))
        updateChildren(of: id) { $0.running[slot] = child }
        schedule(.run(child))
    }

    // MARK: Success

    mutating func childSucceeded(_ parent: Flow.Parent, _ output: Payload, lastEvent: Int64) {
        let id = parent.flow
        guard let visit = state.flows[id].visit else { return }
        updateChildren(of: id) { children in
            children.running[parent.slot] = nil
            children.outputs[parent.slot] = output
            children.finished += 1
        }
        if case .map = visit.state.kind {
            let event = record(
                .mapIterationSucceeded, .mapIteration(name: visit.state.name, index: Int64(parent.slot)),
                previous: lastEvent)
            // The next iteration follows the last state of this one; the end of the Map follows this event.
            state.flows[id].lastEventID = lastEvent
            guard startIterations(id) else { return }
            if children(of: id)?.isComplete == true { state.flows[id].lastEventID = event }
        } else {
            state.flows[id].lastEventID = lastEvent
        }
        guard let children = children(of: id), children.isComplete else { return }
        childrenComplete(id, visit, children)
    }

    mutating func childrenComplete(_ id: FlowID, _ visit: Visit, _ children: Children) {
        let type: HistoryEventType =
            if case .map = visit.state.kind { .mapStateSucceeded } else { .parallelStateSucceeded }
        record(type, previous: state.flows[id].lastEventID)
        let result = Payload(elements: children.outputs.map { $0 ?? Payload(.null) })
        inspection?.result = result
        complete(id, result: result)
    }

    // MARK: Failure

    /// A branch or iteration failed: the others are cut off, and the state around them fails.
    mutating func childFailed(_ parent: Flow.Parent, _ child: FlowID, _ failure: StateFailure) {
        let id = parent.flow
        guard let visit = state.flows[id].visit, let children = children(of: id) else { return }
        let cause = state.flows[child].lastEventID
        let isMap = if case .map = visit.state.kind { true } else { false }
        let name = visit.state.name
        if isMap {
            record(.mapIterationFailed, .mapIteration(name: name, index: Int64(parent.slot)), previous: cause)
        }
        recordOwnStateAborted(child, cause: cause)
        state.flows[child].isHalted = true
        for (slot, sibling) in children.running.sorted(by: { $0.key < $1.key }) where sibling != child {
            guard state.flows.isActive(sibling) else { continue }
            if isMap {
                record(.mapIterationAborted, .mapIteration(name: name, index: Int64(slot)), previous: cause)
            }
            abort(sibling, cause: cause)
        }
        state.flows[id].lastEventID = cause
        fail(id, StateFailure(failure.output, origin: .children, isFromTask: failure.isFromTask))
    }

    /// The state in which a flow failed was entered and will not be left, which the history says of tasks and waits.
    private mutating func recordOwnStateAborted(_ id: FlowID, cause: Int64) {
        switch state.flows[id].visit?.state.kind.type {
        case .task: record(.taskStateAborted, previous: cause)
        case .wait: record(.waitStateAborted, previous: cause)
        default: break
        }
    }

    /// Cuts a flow off, with all that is below it.
    private mutating func abort(_ id: FlowID, cause: Int64) {
        guard let visit = state.flows[id].visit else {
            state.flows[id].isHalted = true
            return
        }
        switch visit.activity {
        case .task(let task): effects.append(.cancel(task.id))
        case .mapRun(let run): effects.append(.cancelMapRun(run.request.id))
        case .children(let children):
            let isMap = visit.state.kind.type == .map
            for (slot, child) in children.running.sorted(by: { $0.key < $1.key }) where state.flows.isActive(child) {
                if isMap {
                    record(
                        .mapIterationAborted, .mapIteration(name: visit.state.name, index: Int64(slot)),
                        previous: cause)
                }
                abort(child, cause: cause)
            }
        case .running, .waiting, .retrying: break
        }
        if let type = visit.state.kind.type.abortedEvent { record(type, previous: cause) }
        state.flows[id].isHalted = true
    }

    /// Cuts off what runs below a state that has failed by itself.
    mutating func abortChildren(of id: FlowID) {
        guard let visit = state.flows[id].visit, let children = children(of: id) else { return }
        let cause = state.flows[id].lastEventID
        for (slot, child) in children.running.sorted(by: { $0.key < $1.key }) where state.flows.isActive(child) {
            record(
                .mapIterationAborted, .mapIteration(name: visit.state.name, index: Int64(slot)), previous: cause)
            abort(child, cause: cause)
        }
    }

    /// Forgets the flows below a state that is left or begun anew.
    mutating func removeChildren(of id: FlowID) {
        guard let children = children(of: id) else { return }
        for child in children.running.values where state.flows.contains(child) {
            removeChildren(of: child)
            state.flows.remove(child)
        }
        updateChildren(of: id) { $0.running = [:] }
    }
}
