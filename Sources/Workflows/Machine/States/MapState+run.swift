import Core
import StatesLanguage

extension MachineRun {
    mutating func runMap(_ map: MapState, _ visit: Visit, in id: FlowID) throws(StateFailure) -> StateOutcome {
        let input = try input(of: visit, in: id)
        var scope = scope(of: visit, in: id)
        scope.filtered = input.json
        let concurrency = try count(map.maxConcurrency, "MaxConcurrency", &scope) ?? 0
        let items = try evaluate(&scope) { evaluation throws(EvaluationFailure) in try evaluation.items(of: map) }
        if let items { inspection?.afterItemsPath = .array(items.map(\.value)) }
        inspection?.maxConcurrency = concurrency
        record(.mapStateStarted, .mapStarted(length: Int64(items?.count ?? 0)), in: id)
        // Tolerances are looked at after the Map has begun, whichever its mode.
        let tolerance = try tolerance(of: map, &scope)
        switch map.processor.mode {
        case .inline: startInline(id, visit, items ?? [], input: input.json, concurrency: concurrency)
        case .distributed(let type):
            try startRun(id, visit, map, type, items, concurrency: concurrency, tolerance, &scope)
        }
        return .waiting
    }

    private mutating func count(
        _ field: FieldValue<Int64>?, _ name: String, _ scope: inout StateScope
    ) throws(StateFailure) -> Int64? {
        guard let field else { return nil }
        return try evaluate(&scope) { evaluation throws(EvaluationFailure) in
            try evaluation.count(field, named: name)
        }
    }

    private mutating func tolerance(
        of map: MapState, _ scope: inout StateScope
    ) throws(StateFailure) -> (count: Int64?, percentage: Double?) {
        let count = try count(map.toleratedFailureCount, "ToleratedFailureCount", &scope)
        inspection?.tolerance = (count, nil)
        guard let field = map.toleratedFailurePercentage else { return (count, nil) }
        let percentage = try evaluate(&scope) { evaluation throws(EvaluationFailure) in
            try evaluation.percentage(field, named: "ToleratedFailurePercentage")
        }
        inspection?.tolerance = (count, percentage)
        return (count, percentage)
    }

    // MARK: Inline

    private mutating func startInline(
        _ id: FlowID, _ visit: Visit, _ items: [MapItem], input: JSON, concurrency: Int64
    ) {
        var children = Children(count: items.count)
        children.items = items
        children.selectorInput = input
        let limit = machine.limits.inlineConcurrency
        children.maxConcurrency = concurrency == 0 ? limit : Int(min(concurrency, Int64(limit)))
        state.flows[id].visit?.activity = .children(children)
        guard startIterations(id), items.isEmpty else { return }
        childrenComplete(id, visit, children)
    }

    /// Begins iterations while there is room for more. False when that failed the state.
    @discardableResult
    mutating func startIterations(_ id: FlowID) -> Bool {
        guard let visit = state.flows[id].visit, case .map(let map) = visit.state.kind else { return true }
        while let children = children(of: id), children.nextSlot < children.outputs.count,
            children.running.count < children.maxConcurrency
        {
            let slot = children.nextSlot
            guard children.items.indices.contains(slot) else { return true }
            updateChildren(of: id) { $0.nextSlot = slot + 1 }
            guard hasHistoryLeft else {
                failHistoryQuota(previous: state.flows[id].lastEventID)
                return false
            }
            do throws(StateFailure) {
                try startIteration(id, visit, map, slot, children)
            } catch {
                abortChildren(of: id)
                fail(id, error)
                return false
            }
        }
        return true
    }

    private mutating func startIteration(
        _ id: FlowID, _ visit: Visit, _ map: MapState, _ slot: Int, _ children: Children
    ) throws(StateFailure) {
        let item = children.items[slot]
        let context = ItemContext(index: Int64(slot), value: item.value, key: item.key, source: nil)
        var input = item.value
        if let selector = map.itemSelector {
            var scope = scope(of: visit, in: id)
            scope.filtered = children.selectorInput
            scope.use(item: context)
            input = try value(of: selector, &scope)
            inspection?.append(selected: input)
        }
        let event = record(
            .mapIterationStarted, .mapIteration(name: visit.state.name, index: Int64(slot)),
            previous: state.flows[id].lastEventID)
        insertChild(of: id, slot: slot, map.processor.graph, input: Payload(input), item: context, lastEvent: event)
    }

    // MARK: Distributed

    private mutating func startRun(
        _ id: FlowID, _ visit: Visit, _ map: MapState, _ type: StateMachineType, _ items: [MapItem]?,
        concurrency: Int64, _ tolerance: (count: Int64?, percentage: Double?), _ scope: inout StateScope
    ) throws(StateFailure) {
        let runID = state.nextMapRunID
        state.nextMapRunID += 1
        let label = map.label ?? UUIDText.random(using: &random)
        let identity = state.identity
        let arn =
            "arn:aws:states:\(identity.region):\(identity.account):mapRun:\(identity.stateMachineName)/\(label):"
            + UUIDText.random(using: &random)
        var request = MapRunRequest(
            id: runID, arn: arn, label: label, stateName: visit.state.name, map: map, type: type,
            items: .values(items ?? []),
            scope: MapRunScope(
                input: scope.filtered, rawInput: visit.input, variables: state.flows[id].variables,
                context: scope.evaluation.context.value, queryLanguage: visit.state.queryLanguage),
            maxConcurrency: concurrency, toleratedFailureCount: tolerance.count,
            toleratedFailurePercentage: tolerance.percentage, execution: identity)
        if case .reader(let reader, _) = map.items {
            request.maxItems = try integer(reader.configuration.maxItems, "MaxItems", &scope)
            request.items = .reader(
                reader,
                arguments: try reader.arguments.map { template throws(StateFailure) in
                    try value(of: template, &scope)
                } ?? .object([:]))
        }
        request.maxItemsPerBatch = try integer(map.itemBatcher?.maxItemsPerBatch, "MaxItemsPerBatch", &scope)
        request.maxInputBytesPerBatch = try integer(
            map.itemBatcher?.maxInputBytesPerBatch, "MaxInputBytesPerBatch", &scope)
        if let arguments = map.resultWriter?.arguments { request.writerArguments = try value(of: arguments, &scope) }
        record(.mapRunStarted, .mapRun(arn: arn), in: id)
        state.flows[id].visit?.activity = .mapRun(MapRunAttempt(request: request))
        effects.append(.startMapRun(request))
    }

    private mutating func integer(
        _ field: FieldValue<Int64>?, _ name: String, _ scope: inout StateScope
    ) throws(StateFailure) -> Int64? {
        guard let field else { return nil }
        return try evaluate(&scope) { evaluation throws(EvaluationFailure) in
            try evaluation.integer(field, named: name)
        }
    }

    private func find(_ run: MapRunID) -> FlowID? {
        var found: FlowID?
        state.flows.forEachActive { id, flow in
            if case .mapRun(let attempt) = flow.visit?.activity, attempt.request.id == run { found = id }
        }
        return found
    }

    mutating func mapRunSucceeded(_ run: MapRunID, _ output: JSON) {
        guard let id = find(run) else { return }
        let event = record(.mapRunSucceeded, in: id)
        record(.mapStateSucceeded, previous: event)
        state.flows[id].visit?.activity = .running
        let result = Payload(output)
        inspection?.result = result
        complete(id, result: result)
    }

    mutating func mapRunFailed(_ run: MapRunID, _ failure: ErrorOutput) {
        guard let id = find(run) else { return }
        record(.mapRunFailed, .failure(failure), in: id)
        fail(id, StateFailure(failure, origin: .mapRun))
    }
}
