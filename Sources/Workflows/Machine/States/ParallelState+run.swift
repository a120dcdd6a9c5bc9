import Core
import StatesLanguage

extension MachineRun {
    mutating func runParallel(
        _ parallel: ParallelState, _ visit: Visit, in id: FlowID
    ) throws(StateFailure) -> StateOutcome {
        var scope = scope(of: visit, in: id)
        var input = try input(of: visit, in: id)
        scope.filtered = input.json
        if let template = parallel.arguments { input = Payload(try arguments(template, &scope)) }
        let started = record(.parallelStateStarted, in: id)
        state.flows[id].visit?.activity = .children(Children(count: parallel.branches.count))
        for (slot, branch) in parallel.branches.enumerated() {
            updateChildren(of: id) { $0.nextSlot = slot + 1 }
            insertChild(of: id, slot: slot, branch, input: input, item: nil, lastEvent: started)
        }
        if parallel.branches.isEmpty, let children = children(of: id) { childrenComplete(id, visit, children) }
        return .waiting
    }
}
