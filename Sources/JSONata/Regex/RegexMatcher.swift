import Core

/// Runs a program over a text, by backtracking with an explicit stack and a bound on its steps.
///
/// Registers and choices lie in memory of their own: this is the innermost loop of every pattern.
struct RegexMatcher<Unit: FixedWidthInteger & UnsignedInteger>: ~Copyable {
    private struct Choice: BitwiseCopyable {
        enum Kind {
            case branch
            case restore
            /// A greedy run that can give back units, or a lazy one that can take more.
            case shorten
            case lengthen
        }
        var kind: Kind
        /// An instruction, or a register.
        var target: Int
        var position: Int
        /// How far a run can be shortened, or how many units it may still take.
        var bound: Int = 0
    }

    /// The choices that may be open at once; each takes 32 bytes.
    private static var maximumChoices: Int { 2_000_000 }

    private let program: RegexCode
    private let text: UnsafeBufferPointer<Unit>
    private let registers: UnsafeMutablePointer<Int>
    private var choices: UnsafeMutablePointer<Choice>
    private var choiceCount = 0
    private var choiceCapacity = 32
    private(set) var stepsLeft: Int

    init(_ program: RegexCode, _ text: UnsafeBufferPointer<Unit>, steps: Int) {
        self.program = program
        self.text = text
        registers = .allocate(capacity: program.registerCount)
        registers.initialize(repeating: -1, count: program.registerCount)
        choices = .allocate(capacity: choiceCapacity)
        stepsLeft = steps
    }

    deinit {
        registers.deallocate()
        choices.deallocate()
    }

    func register(_ index: Int) -> Int { registers[index] }

    @inline(__always) private mutating func push(_ choice: Choice) {
        if choiceCount == choiceCapacity { growChoices() }
        choices[choiceCount] = choice
        choiceCount += 1
    }

    private mutating func growChoices() {
        let larger = UnsafeMutablePointer<Choice>.allocate(capacity: choiceCapacity * 2)
        larger.update(from: choices, count: choiceCount)
        choices.deallocate()
        choices = larger
        choiceCapacity *= 2
    }

    /// Finds the first match from there on; nil when there is none. Afterwards the registers hold the groups.
    mutating func search(from start: Int) throws(JSONataError) -> Range<Int>? {
        var position = start
        while position <= text.count {
            if let first = program.firstUnits {
                while position < text.count, !Self.canStart(first, text[position]) {
                    position += 1
                    stepsLeft -= 1
                }
                if position >= text.count { return nil }
            }
            // A failed attempt has put the registers back.
            choiceCount = 0
            if let end = try run(from: 0, at: position) { return position..<end }
            if program.isAnchored { return nil }
            position += 1
        }
        return nil
    }

    @inline(__always) private static func canStart(
        _ first: (low: UInt64, high: UInt64, others: Bool), _ unit: Unit
    ) -> Bool {
        if unit < 64 { return first.low >> UInt64(unit) & 1 == 1 }
        if unit < 128 { return first.high >> UInt64(unit - 64) & 1 == 1 }
        return first.others
    }

    /// - Returns: where the match ends, or nil; choices made on the way stay on the stack.
    private mutating func run(from start: Int, at origin: Int) throws(JSONataError) -> Int? {
        let base = choiceCount
        var counter = start
        var position = origin
        while true {
            stepsLeft -= 1
            if stepsLeft < 0 || choiceCount > Self.maximumChoices { throw Self.exhausted() }
            switch try step(&counter, &position) {
            case .proceed: continue
            case .matched: return position
            case .failed: if !backtrack(&counter, &position, base) { return nil }
            }
        }
    }

    private static func exhausted() -> JSONataError {
        JSONataError(code: "D1012", text: "The regular expression takes too many steps on this text")
    }

    private enum Outcome {
        case proceed
        case failed
        case matched
    }

    @inline(__always) private mutating func step(
        _ counter: inout Int, _ position: inout Int
    ) throws(JSONataError) -> Outcome {
        switch program.instructions[counter] {
        case .unit(let unit, let isBackward):
            guard take(&position, isBackward, { UInt16(truncatingIfNeeded: $0) == unit }) else { return .failed }
        case .set(let index, let isBackward):
            let set = program.sets + index
            guard take(&position, isBackward, { set.pointee.contains(UInt16(truncatingIfNeeded: $0)) }) else {
                return .failed
            }
        case .run(let run):
            guard take(run, counter, &position) else { return .failed }
        case .split(let first, let second):
            push(Choice(kind: .branch, target: second, position: position))
            counter = first
            return .proceed
        case .jump(let target):
            counter = target
            return .proceed
        case .save(let register): set(register, position)
        case .clear(let groups): for register in 2 * groups.lowerBound..<2 * groups.upperBound { set(register, -1) }
        case .mark(let register): set(register, position)
        case .requireProgress(let register): if registers[register] == position { return .failed }
        case .start: guard isAtStart(position) else { return .failed }
        case .end: guard isAtEnd(position) else { return .failed }
        case .wordBoundary(let isNegated):
            guard (isWord(position - 1) != isWord(position)) != isNegated else { return .failed }
        case .backreference(let group, let isBackward):
            guard matchBackreference(group, isBackward, &position) else { return .failed }
        case .look(let isNegated, let next):
            guard try look(counter + 1, position) != isNegated else { return .failed }
            counter = next
            return .proceed
        case .lookEnd, .match: return .matched
        }
        counter += 1
        return .proceed
    }

    private mutating func backtrack(_ counter: inout Int, _ position: inout Int, _ base: Int) -> Bool {
        while choiceCount > base {
            let last = choiceCount - 1
            switch choices[last].kind {
            case .restore:
                registers[choices[last].target] = choices[last].position
                choiceCount -= 1
            case .branch:
                counter = choices[last].target
                position = choices[last].position
                choiceCount -= 1
                return true
            case .shorten, .lengthen:
                if resume(last, &counter, &position) { return true }
            }
        }
        return false
    }

    /// Takes up a run again, one unit shorter or longer.
    private mutating func resume(_ last: Int, _ counter: inout Int, _ position: inout Int) -> Bool {
        let choice = choices[last]
        guard case .run(let run) = program.instructions[choice.target] else {
            choiceCount -= 1
            return false
        }
        counter = choice.target + 1
        if run.isGreedy {
            position = choice.position + (run.isBackward ? 1 : -1)
            if position == choice.bound { choiceCount -= 1 } else { choices[last].position = position }
            return true
        }
        var next = choice.position
        let set = program.sets + run.set
        guard choice.bound > 0,
            take(&next, run.isBackward, { set.pointee.contains(UInt16(truncatingIfNeeded: $0)) })
        else {
            choiceCount -= 1
            return false
        }
        position = next
        choices[last].position = next
        choices[last].bound -= 1
        return true
    }

    // MARK: Pieces

    @inline(__always) private func take(
        _ position: inout Int, _ isBackward: Bool, _ matches: (Unit) -> Bool
    ) -> Bool {
        if isBackward {
            guard position > 0, matches(text[position - 1]) else { return false }
            position -= 1
        } else {
            guard position < text.count, matches(text[position]) else { return false }
            position += 1
        }
        return true
    }

    /// Takes the units of a run, and leaves a choice when it could be shorter or longer.
    @inline(__always) private mutating func take(
        _ run: RegexProgram.Run, _ counter: Int, _ position: inout Int
    ) -> Bool {
        let set = program.sets + run.set
        let wanted = run.isGreedy ? run.max : run.min
        let start = position
        var taken = 0
        if run.isBackward {
            while taken < wanted, position > 0,
                set.pointee.contains(UInt16(truncatingIfNeeded: text[position - 1]))
            {
                position -= 1
                taken += 1
            }
        } else {
            let end = wanted < text.count - position ? position + wanted : text.count
            while position < end, set.pointee.contains(UInt16(truncatingIfNeeded: text[position])) { position += 1 }
            taken = position - start
        }
        stepsLeft -= taken >> 2
        guard taken >= run.min else { return false }
        if run.isGreedy {
            if taken > run.min, !run.isPossessive {
                let shortest = run.isBackward ? start - run.min : start + run.min
                push(Choice(kind: .shorten, target: counter, position: position, bound: shortest))
            }
        } else if run.max > run.min {
            push(Choice(kind: .lengthen, target: counter, position: position, bound: run.max - run.min))
        }
        return true
    }

    private mutating func set(_ register: Int, _ value: Int) {
        guard registers[register] != value else { return }
        push(Choice(kind: .restore, target: register, position: registers[register]))
        registers[register] = value
    }

    private func isAtStart(_ position: Int) -> Bool {
        position == 0 || (program.isMultiline && isLineEnd(text[position - 1]))
    }

    private func isAtEnd(_ position: Int) -> Bool {
        position == text.count || (program.isMultiline && isLineEnd(text[position]))
    }

    private func isLineEnd(_ unit: Unit) -> Bool { UnitSet.lineEnds.contains(UInt16(truncatingIfNeeded: unit)) }

    private func isWord(_ position: Int) -> Bool {
        position >= 0 && position < text.count && UnitSet.word.contains(UInt16(truncatingIfNeeded: text[position]))
    }

    private mutating func matchBackreference(_ group: Int, _ isBackward: Bool, _ position: inout Int) -> Bool {
        let start = registers[2 * group]
        let end = registers[2 * group + 1]
        // A group that took no part matches nothing, which succeeds.
        guard start >= 0, end >= start else { return true }
        let count = end - start
        let from = isBackward ? position - count : position
        guard from >= 0, from + count <= text.count else { return false }
        stepsLeft -= count
        for offset in 0..<count where !isSame(text[start + offset], text[from + offset]) { return false }
        position = isBackward ? from : from + count
        return true
    }

    private func isSame(_ left: Unit, _ right: Unit) -> Bool {
        if left == right { return true }
        guard program.ignoresCase else { return false }
        return UnitCase.canonical(UInt16(truncatingIfNeeded: left))
            == UnitCase.canonical(UInt16(truncatingIfNeeded: right))
    }

    /// Whether a lookaround's inside matches. What a successful one captured stays, and is undone when the match goes
    /// back beyond it; its other choices are gone.
    private mutating func look(_ start: Int, _ position: Int) throws(JSONataError) -> Bool {
        guard case .look(let isNegated, _) = program.instructions[start - 1] else { return false }
        let base = choiceCount
        guard try run(from: start, at: position) != nil else { return false }
        if isNegated {
            while choiceCount > base {
                choiceCount -= 1
                let choice = choices[choiceCount]
                if choice.kind == .restore { registers[choice.target] = choice.position }
            }
        } else {
            var kept = base
            for index in base..<choiceCount where choices[index].kind == .restore {
                choices[kept] = choices[index]
                kept += 1
            }
            choiceCount = kept
        }
        return true
    }
}
