extension MatchContext {
    /// Walks the rules' states as far as the event's values lead; collects the numbers of the rules that match.
    mutating func match(_ tables: MachineTables) throws(EventReadError) {
        if scopes.count == 1 {
            try visit(0, tables)
        } else {
            try visitConsistently(0, tables)
        }
    }

    // MARK: Events without arrays of objects

    /// Every state has one way that leads to it, so a state met before needs no second visit.
    private mutating func visit(_ index: Int32, _ tables: MachineTables) throws(EventReadError) {
        let state = tables.states[index]
        if state.ruleCount > 0 { collectRules(of: state, tables) }
        for offset in 0..<state.transitionCount {
            let transition = tables.transitions[state.transitionStart + offset]
            var value = firstValue[Int(transition.path)]
            while value >= 0 {
                let start = hits.count
                try evaluate(transition.automaton, value, tables)
                let end = hits.count
                for hit in start..<end { try visitOnce(hits[hit].state, tables) }
                hits.truncate(to: start)
                value = values[Int(value)].next
            }
        }
        for offset in 0..<state.absenceCount {
            let absence = tables.absences[state.absenceStart + offset]
            if firstValue[Int(absence.path)] < 0 { try visitOnce(absence.state, tables) }
        }
        try spend(1 + Int(state.transitionCount) + Int(state.absenceCount))
    }

    @inline(__always) private mutating func visitOnce(
        _ index: Int32, _ tables: MachineTables
    ) throws(EventReadError) {
        guard stateMarks[Int(index)] != eventMark else { return }
        stateMarks[Int(index)] = eventMark
        try visit(index, tables)
    }

    func isNew(rule: Int32) -> Bool { ruleMarks[Int(rule)] != eventMark }

    private mutating func collectRules(of state: RuleState, _ tables: MachineTables) {
        for offset in 0..<state.ruleCount {
            let rule = tables.stateRules[state.ruleStart + offset]
            guard isNew(rule: rule) else { continue }
            ruleMarks[Int(rule)] = eventMark
            matched.append(tables.ruleIDs[rule])
        }
    }

    // MARK: Events with arrays of objects

    /// As `visit`, but remembers what satisfied each condition on the way: a rule matches only when one can choose
    /// values that do not lie in different elements of the same array.
    private mutating func visitConsistently(_ index: Int32, _ tables: MachineTables) throws(EventReadError) {
        let state = tables.states[index]
        if state.ruleCount > 0, hasNewRule(state, tables), try isConsistent(tables) {
            collectRules(of: state, tables)
        }
        try spend(1 + Int(state.transitionCount) + Int(state.absenceCount))
        for offset in 0..<state.transitionCount {
            try follow(tables.transitions[state.transitionStart + offset], tables)
        }
        for offset in 0..<state.absenceCount {
            let absence = tables.absences[state.absenceStart + offset]
            // A value outside of arrays is there for every choice of elements.
            guard isOnlyInArrays(absence.path) else { continue }
            evidence.push(Evidence(path: absence.path, hitStart: 0, hitCount: 0))
            try visitConsistently(absence.state, tables)
            evidence.truncate(to: evidence.count - 1)
        }
    }

    private func hasNewRule(_ state: RuleState, _ tables: MachineTables) -> Bool {
        for offset in 0..<state.ruleCount where isNew(rule: tables.stateRules[state.ruleStart + offset]) {
            return true
        }
        return false
    }

    private func isOnlyInArrays(_ path: Int32) -> Bool {
        var value = firstValue[Int(path)]
        while value >= 0 {
            if values[Int(value)].scope == 0 { return false }
            value = values[Int(value)].next
        }
        return true
    }

    private mutating func follow(
        _ transition: FieldTransition, _ tables: MachineTables
    ) throws(EventReadError) {
        let start = hits.count
        var value = firstValue[Int(transition.path)]
        while value >= 0 {
            if isReachable(value) { try evaluate(transition.automaton, value, tables) }
            value = values[Int(value)].next
        }
        let end = sortHits(from: start)
        var first = start
        while first < end {
            let state = hits[first].state
            var next = first + 1
            while next < end, hits[next].state == state { next += 1 }
            evidence.push(
                Evidence(path: transition.path, hitStart: Int32(first), hitCount: Int32(next - first)))
            try visitConsistently(state, tables)
            evidence.truncate(to: evidence.count - 1)
            first = next
        }
        hits.truncate(to: start)
    }

    /// False for values in other elements than the only ones that satisfy an earlier condition.
    private func isReachable(_ value: Int32) -> Bool {
        for index in 0..<evidence.count where evidence[index].hitCount == 1 {
            let chosen = hits[Int(evidence[index].hitStart)].value
            if !isCompatible(values[Int(value)].scope, values[Int(chosen)].scope) { return false }
        }
        return true
    }

    /// Sorts hits by state and value and drops repetitions; returns the new end.
    private mutating func sortHits(from start: Int) -> Int {
        let count = hits.count - start
        guard count > 1 else { return hits.count }
        var own = UnsafeMutableBufferPointer(start: hits.base + start, count: count)
        own.sort { ($0.state, $0.value) < ($1.state, $1.value) }
        var kept = start + 1
        for index in start + 1..<start + count
        where hits[index].state != hits[kept - 1].state || hits[index].value != hits[kept - 1].value {
            hits[kept] = hits[index]
            kept += 1
        }
        hits.truncate(to: kept)
        return kept
    }
}
