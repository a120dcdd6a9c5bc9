/// Builds the tables of a machine from rules.
struct MachineBuilder: ~Copyable {
    private struct Condition: Hashable {
        var path: Int32
        var matchers: Int32
    }

    /// One alternative of a rule, before its conditions are put in order.
    private struct RuleDraft {
        var rule: Int32
        var conditions: [(looseness: Int, condition: Condition)]
    }

    private struct EdgeKey: Hashable {
        var state: Int32
        var condition: Condition
    }

    private struct AutomatonKey: Hashable {
        var state: Int32
        var path: Int32
    }

    private struct StateDraft {
        var transitions: [FieldTransition] = []
        var absences: [AbsenceTransition] = []
        var rules: [Int32] = []
    }

    private(set) var names = NameTreeBuilder()
    private(set) var links = TargetLists()
    private(set) var exact = ExactTableBuilder()
    private(set) var bytes = ByteAutomatonBuilder()
    private(set) var ranges = RangeTreeBuilder()
    private(set) var automata: [ValueAutomaton] = []
    private(set) var addressLengths: [Int32] = []
    private(set) var exclusionStates: [Int32] = []
    private(set) var text: [UInt8] = []
    private(set) var ruleIDs: [Int] = []
    private(set) var states: [RuleState] = []
    private(set) var transitions: [FieldTransition] = []
    private(set) var absences: [AbsenceTransition] = []
    private(set) var stateRules: [Int32] = []

    private var drafts = [StateDraft()]
    private var children: [EdgeKey: Int32] = [:]
    private var automatonIndex: [AutomatonKey: Int32] = [:]
    private var matcherSets: [Set<ValueMatcher>: Int32] = [:]
    private var matchersByID: [Set<ValueMatcher>] = []
    /// What each automaton's conditions lead to, until the automata are laid out one by one.
    private var conditions: [[(matchers: Int32, state: Int32)]] = []

    init(_ rules: some Sequence<MachineRule>) {
        var alternatives: [RuleDraft] = []
        for rule in rules {
            ruleIDs.append(rule.id)
            for alternative in rule.pattern.alternatives {
                alternatives.append(draft(of: alternative, rule: Int32(ruleIDs.count - 1)))
            }
        }
        add(alternatives)
        for automaton in automata.indices { layOut(Int32(automaton)) }
        names.freeze(into: &text)
        exact.freeze(into: &text)
        bytes.freeze()
        layOutStates()
    }

    // MARK: Rules

    private mutating func draft(of alternative: PatternAlternative, rule: Int32) -> RuleDraft {
        let conditions = alternative.conditions.map { condition in
            let loosest = condition.matchers.lazy.map(\.looseness).max() ?? 0
            return (
                loosest == 0 && condition.matchers.count > 1 ? 1 : loosest,
                Condition(path: names.path(condition.path), matchers: matcherSet(condition.matchers))
            )
        }
        return RuleDraft(rule: rule, conditions: conditions)
    }

    /// Strict conditions come first, so that few states are open at a time; among them those on fields of few different
    /// conditions, so that rules share states.
    private mutating func add(_ alternatives: [RuleDraft]) {
        var variety = Array(repeating: 0, count: names.pathCount)
        for condition in Set(alternatives.lazy.flatMap(\.conditions).map(\.condition)) {
            variety[Int(condition.path)] += 1
        }
        for alternative in alternatives {
            let ordered = alternative.conditions.sorted { left, right in
                let (a, b) = (left.condition.path, right.condition.path)
                return (left.looseness, variety[Int(a)], a) < (right.looseness, variety[Int(b)], b)
            }
            let state = ordered.reduce(0 as Int32) { next(from: $0, $1.condition) }
            if drafts[Int(state)].rules.last != alternative.rule { drafts[Int(state)].rules.append(alternative.rule) }
        }
    }

    private mutating func matcherSet(_ matchers: [ValueMatcher]) -> Int32 {
        let set = Set(matchers)
        if let known = matcherSets[set] { return known }
        let id = Int32(matchersByID.count)
        matcherSets[set] = id
        matchersByID.append(set)
        return id
    }

    private mutating func next(from state: Int32, _ condition: Condition) -> Int32 {
        let key = EdgeKey(state: state, condition: condition)
        if let known = children[key] { return known }
        let child = Int32(drafts.count)
        drafts.append(StateDraft())
        children[key] = child
        let matchers = matchersByID[Int(condition.matchers)]
        if matchers.contains(.absent) {
            drafts[Int(state)].absences.append(AbsenceTransition(path: condition.path, state: child))
        }
        if matchers.count > (matchers.contains(.absent) ? 1 : 0) {
            let automaton = automaton(at: state, path: condition.path)
            conditions[Int(automaton)].append((condition.matchers, child))
        }
        return child
    }

    private mutating func automaton(at state: Int32, path: Int32) -> Int32 {
        let key = AutomatonKey(state: state, path: path)
        if let known = automatonIndex[key] { return known }
        let index = Int32(automata.count)
        automata.append(ValueAutomaton())
        conditions.append([])
        automatonIndex[key] = index
        drafts[Int(state)].transitions.append(FieldTransition(path: path, automaton: index))
        return index
    }

    // MARK: Automata

    private mutating func layOut(_ index: Int32) {
        var automaton = automata[Int(index)]
        automaton.exclusionStart = Int32(exclusionStates.count)
        var spans: [(range: NumberRange, target: Int32)] = []
        var lengths: Set<Int32> = []
        for (matchers, state) in conditions[Int(index)] {
            for matcher in matchersByID[Int(matchers)] {
                add(matcher, target: state, index, &automaton, &spans, &lengths)
            }
        }
        conditions[Int(index)] = []
        automaton.exclusionCount = Int32(exclusionStates.count) - automaton.exclusionStart
        automaton.addressStart = Int32(addressLengths.count)
        automaton.addressCount = Int32(lengths.count)
        addressLengths += lengths.sorted()
        ranges.add(spans, to: &automaton, &links)
        automata[Int(index)] = automaton
    }

    private mutating func add(
        _ matcher: ValueMatcher, target: Int32, _ index: Int32, _ automaton: inout ValueAutomaton,
        _ spans: inout [(range: NumberRange, target: Int32)], _ lengths: inout Set<Int32>
    ) {
        switch matcher {
        case .exact(let text): addExact(text, .string, target, index, &automaton)
        case .literal(let text): addExact(text, .literal, target, index, &automaton)
        case .number(let number): addExact(ExactKey.bytes(of: number), .number, target, index, &automaton)
        case .address(let block):
            let key = ExactKey.bytes(of: block.prefix, length: block.prefixLength, isV4: block.isV4)
            addExact(key, .address, target, index, &automaton)
            lengths.insert(Int32(block.prefixLength) << 1 | (block.isV4 ? 1 : 0))
        case .range(let range): spans.append((range, target))
        case .exists: automaton.anyValue = links.adding(target, to: automaton.anyValue)
        case .absent: break
        case .anythingBut(let excluded):
            exclusionStates.append(target)
            add(excluded, target: ~Int32(exclusionStates.count - 1), index, &automaton)
        case .wildcard(let expression): addToBytes(expression.simplest, target, &automaton)
        default: addToBytes(matcher, target, &automaton)
        }
    }

    private mutating func addExact(
        _ bytes: [UInt8], _ kind: ValueKinds, _ target: Int32, _ index: Int32, _ automaton: inout ValueAutomaton
    ) {
        automaton.kinds.insert(kind)
        exact.add(bytes, kind, to: index, target: target, &links)
    }

    private mutating func add(
        _ excluded: AnythingBut, target: Int32, _ index: Int32, _ automaton: inout ValueAutomaton
    ) {
        switch excluded {
        case .strings(let texts): for text in texts { addExact(text, .string, target, index, &automaton) }
        case .numbers(let numbers):
            for number in numbers { addExact(ExactKey.bytes(of: number), .number, target, index, &automaton) }
        case .ignoringCase(let texts): for text in texts { addToBytes(.equalsIgnoringCase(text), target, &automaton) }
        case .prefixes(let texts): for text in texts { addToBytes(.prefix(text), target, &automaton) }
        case .suffixes(let texts): for text in texts { addToBytes(.suffix(text), target, &automaton) }
        case .wildcards(let expressions):
            for expression in expressions { addToBytes(expression.simplest, target, &automaton) }
        }
    }

    private mutating func addToBytes(_ matcher: ValueMatcher, _ target: Int32, _ automaton: inout ValueAutomaton) {
        switch matcher {
        case .suffix, .suffixIgnoringCase: if automaton.backward < 0 { automaton.backward = bytes.addRoot() }
        default: if automaton.forward < 0 { automaton.forward = bytes.addRoot() }
        }
        switch matcher {
        case .prefix(let text): bytes.addPrefix(text, from: automaton.forward, target: target, &links)
        case .suffix(let text): bytes.addPrefix(text.reversed(), from: automaton.backward, target: target, &links)
        case .prefixIgnoringCase(let text):
            bytes.add(text.letters, from: automaton.forward, target: target, wholeValue: false, &links)
        case .suffixIgnoringCase(let text):
            bytes.add(
                text.letters.reversed().map(\.reversed), from: automaton.backward, target: target, wholeValue: false,
                &links)
        case .equalsIgnoringCase(let text):
            bytes.add(text.letters, from: automaton.forward, target: target, wholeValue: true, &links)
        case .wildcard(let expression): bytes.add(expression, from: automaton.forward, target: target, &links)
        default: preconditionFailure("not a matter of bytes")
        }
    }

    // MARK: States

    private mutating func layOutStates() {
        states.reserveCapacity(drafts.count)
        for draft in drafts {
            states.append(
                RuleState(
                    transitionStart: Int32(transitions.count), transitionCount: Int32(draft.transitions.count),
                    absenceStart: Int32(absences.count), absenceCount: Int32(draft.absences.count),
                    ruleStart: Int32(stateRules.count), ruleCount: Int32(draft.rules.count)))
            transitions += draft.transitions
            absences += draft.absences
            stateRules += draft.rules
        }
        drafts = []
    }
}

extension WildcardExpression {
    /// A single star at the end asks for a prefix, one at the beginning for a suffix; both take one pass over a value.
    fileprivate var simplest: ValueMatcher {
        guard literals.count == 2 else { return .wildcard(self) }
        if literals[1].isEmpty { return .prefix(literals[0]) }
        return literals[0].isEmpty ? .suffix(literals[1]) : .wildcard(self)
    }
}

/// A rule of a machine.
struct MachineRule: Sendable {
    var id: Int
    var pattern: EventPattern
}
