/// The instructions of a backtracking matcher.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case unit(UInt16, isBackward: Bool)
        case set(Int, isBackward: Bool)
        case run(Run)
        /// Tries the first place, and the second when that fails.
        case split(Int, Int)
        case jump(Int)
        case save(Int)
        /// Forgets what the groups held in the round before.
        case clear(Range<Int>)
        case mark(Int)
        /// Fails when the round since the mark has matched nothing.
        case requireProgress(Int)
        case start
        case end
        case wordBoundary(isNegated: Bool)
        case backreference(Int, isBackward: Bool)
        /// What follows up to `lookEnd` must match here, or must not; the match goes on at the place.
        case look(isNegated: Bool, next: Int)
        case lookEnd
        case match
    }

    /// As many units of a set as the bounds allow.
    struct Run: Sendable {
        var set: Int
        var min: Int
        var max: Int
        var isGreedy: Bool
        var isBackward: Bool
        /// What follows cannot match a unit of the set, so a shorter run would be of no use.
        var isPossessive = false
    }

    static let maximumSize = 20_000

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [UnitSet] = []
    private(set) var registerCount: Int
    let groupCount: Int
    let ignoresCase: Bool
    let isMultiline: Bool
    /// The units that a match can start with; nil when it may be any or none.
    private(set) var firstUnits: (low: UInt64, high: UInt64, others: Bool)?
    /// Matches start at the start of the text only.
    private(set) var isAnchored = false
    private let names: [String: Int]

    init(
        _ tree: RegexTree, groupCount: Int, names: [String: Int], ignoresCase: Bool, isMultiline: Bool
    ) throws(RegexParser.Failure) {
        self.groupCount = groupCount
        self.names = names
        self.ignoresCase = ignoresCase
        self.isMultiline = isMultiline
        registerCount = 2 * (groupCount + 1)
        try add(tree, isBackward: false)
        try emit(.match)
        if !tree.isNullable { firstUnits = Self.firstUnits(of: tree) }
        if case .start = Self.first(of: tree), !isMultiline { isAnchored = true }
        for place in instructions.indices { makePossessive(place) }
    }

    private mutating func makePossessive(_ place: Int) {
        guard case .run(var run) = instructions[place], run.isGreedy, !run.isBackward else { return }
        var next = place + 1
        while case .save = instructions[next] { next += 1 }
        switch instructions[next] {
        case .unit(let unit, false): run.isPossessive = !sets[run.set].contains(unit)
        case .match: run.isPossessive = true
        default: return
        }
        instructions[place] = .run(run)
    }

    private static func first(of tree: RegexTree) -> RegexTree {
        switch tree {
        case .sequence(let parts): parts.first.map(first(of:)) ?? .empty
        case .group(let inner, _): first(of: inner)
        default: tree
        }
    }

    private static func firstUnits(of tree: RegexTree) -> (low: UInt64, high: UInt64, others: Bool)? {
        switch tree {
        case .unit(let unit):
            var set = UnitSet()
            set.insert(unit)
            return set.lowMembers
        case .set(let set): return set.lowMembers
        case .group(let inner, _): return firstUnits(of: inner)
        case .repetition(let inner, let min, _, _, _): return min > 0 ? firstUnits(of: inner) : nil
        case .sequence(let parts):
            var all: (low: UInt64, high: UInt64, others: Bool) = (0, 0, false)
            for part in parts {
                guard let own = firstUnits(ofPart: part) else { return nil }
                all = (all.low | own.low, all.high | own.high, all.others || own.others)
                if !part.isNullable { return all }
            }
            return nil
        case .alternation(let parts):
            var all: (low: UInt64, high: UInt64, others: Bool) = (0, 0, false)
            for part in parts {
                guard let own = firstUnits(of: part) else { return nil }
                all = (all.low | own.low, all.high | own.high, all.others || own.others)
            }
            return all
        default: return nil
        }
    }

    /// The same for a part that may be skipped.
    private static func firstUnits(ofPart tree: RegexTree) -> (low: UInt64, high: UInt64, others: Bool)? {
        switch tree {
        case .repetition(let inner, _, _, _, _): firstUnits(of: inner)
        case .wordBoundary, .start: (0, 0, false)
        default: firstUnits(of: tree)
        }
    }

    // MARK: Translation

    private mutating func emit(_ instruction: Instruction) throws(RegexParser.Failure) {
        guard instructions.count < Self.maximumSize else {
            throw RegexParser.Failure(reason: "The regular expression is too large")
        }
        instructions.append(instruction)
    }

    private mutating func index(of set: UnitSet) -> Int {
        if let index = sets.firstIndex(of: set) { return index }
        sets.append(set)
        return sets.count - 1
    }

    private mutating func add(_ tree: RegexTree, isBackward: Bool) throws(RegexParser.Failure) {
        switch tree {
        case .empty: return
        case .unit(let unit): try emit(.unit(unit, isBackward: isBackward))
        case .set(let set): try emit(.set(index(of: set), isBackward: isBackward))
        case .sequence(let parts):
            for part in isBackward ? parts.reversed() : parts { try add(part, isBackward: isBackward) }
        case .alternation(let parts): try addAlternation(parts, isBackward: isBackward)
        case .group(let inner, let number):
            guard let number else { return try add(inner, isBackward: isBackward) }
            try emit(.save(2 * number + (isBackward ? 1 : 0)))
            try add(inner, isBackward: isBackward)
            try emit(.save(2 * number + (isBackward ? 0 : 1)))
        case .repetition(let inner, let min, let max, let isGreedy, let groups):
            try addRepetition(inner, min, max, isGreedy, groups, isBackward)
        case .start: try emit(.start)
        case .end: try emit(.end)
        case .wordBoundary(let isNegated): try emit(.wordBoundary(isNegated: isNegated))
        case .backreference(let number): try emit(.backreference(number, isBackward: isBackward))
        case .namedBackreference(let name):
            guard let number = names[name] else {
                throw RegexParser.Failure(reason: "Invalid named capture referenced")
            }
            try emit(.backreference(number, isBackward: isBackward))
        case .look(let inner, let isAhead, let isNegated):
            let place = instructions.count
            try emit(.look(isNegated: isNegated, next: 0))
            try add(inner, isBackward: !isAhead)
            try emit(.lookEnd)
            instructions[place] = .look(isNegated: isNegated, next: instructions.count)
        }
    }

    private mutating func addAlternation(_ parts: [RegexTree], isBackward: Bool) throws(RegexParser.Failure) {
        var exits: [Int] = []
        for (index, part) in parts.enumerated() {
            guard index < parts.count - 1 else {
                try add(part, isBackward: isBackward)
                break
            }
            let fork = instructions.count
            try emit(.split(fork + 1, 0))
            try add(part, isBackward: isBackward)
            exits.append(instructions.count)
            try emit(.jump(0))
            instructions[fork] = .split(fork + 1, instructions.count)
        }
        for exit in exits { instructions[exit] = .jump(instructions.count) }
    }

    private mutating func addRepetition(
        _ inner: RegexTree, _ min: Int, _ max: Int?, _ isGreedy: Bool, _ groups: Range<Int>, _ isBackward: Bool
    ) throws(RegexParser.Failure) {
        if let set = Self.singleSet(inner) {
            let run = Run(
                set: index(of: set), min: min, max: max ?? .max, isGreedy: isGreedy, isBackward: isBackward)
            return try emit(.run(run))
        }
        for _ in 0..<min {
            if !groups.isEmpty { try emit(.clear(groups)) }
            try add(inner, isBackward: isBackward)
        }
        guard let max else { return try addLoop(inner, isGreedy, groups, isBackward) }
        var forks: [Int] = []
        for _ in min..<Swift.max(min, max) {
            forks.append(instructions.count)
            try emit(.jump(0))
            try addRound(inner, groups, isBackward)
        }
        for fork in forks { setFork(fork, exit: instructions.count, isGreedy) }
    }

    private mutating func addLoop(
        _ inner: RegexTree, _ isGreedy: Bool, _ groups: Range<Int>, _ isBackward: Bool
    ) throws(RegexParser.Failure) {
        let fork = instructions.count
        try emit(.jump(0))
        try addRound(inner, groups, isBackward)
        try emit(.jump(fork))
        setFork(fork, exit: instructions.count, isGreedy)
    }

    private mutating func setFork(_ fork: Int, exit: Int, _ isGreedy: Bool) {
        instructions[fork] = isGreedy ? .split(fork + 1, exit) : .split(exit, fork + 1)
    }

    private mutating func addRound(
        _ inner: RegexTree, _ groups: Range<Int>, _ isBackward: Bool
    ) throws(RegexParser.Failure) {
        let register = registerCount
        if inner.isNullable {
            registerCount += 1
            try emit(.mark(register))
        }
        if !groups.isEmpty { try emit(.clear(groups)) }
        try add(inner, isBackward: isBackward)
        if inner.isNullable { try emit(.requireProgress(register)) }
    }

    /// The set, when the tree always matches exactly one unit.
    private static func singleSet(_ tree: RegexTree) -> UnitSet? {
        switch tree {
        case .set(let set): return set
        case .unit(let unit):
            var set = UnitSet()
            set.insert(unit)
            return set
        case .group(let inner, nil): return singleSet(inner)
        default: return nil
        }
    }
}

/// A program in memory that the matcher reads without counting references.
final class RegexCode: @unchecked Sendable {
    let instructions: UnsafeMutablePointer<RegexProgram.Instruction>
    let sets: UnsafeMutablePointer<UnitSet>
    let registerCount: Int
    let groupCount: Int
    let ignoresCase: Bool
    let isMultiline: Bool
    let isAnchored: Bool
    let firstUnits: (low: UInt64, high: UInt64, others: Bool)?
    private let instructionCount: Int
    private let setCount: Int

    init(_ program: RegexProgram) {
        instructionCount = program.instructions.count
        setCount = program.sets.count
        instructions = .allocate(capacity: instructionCount)
        _ = UnsafeMutableBufferPointer(start: instructions, count: instructionCount).initialize(
            from: program.instructions)
        sets = .allocate(capacity: setCount)
        _ = UnsafeMutableBufferPointer(start: sets, count: setCount).initialize(from: program.sets)
        registerCount = program.registerCount
        groupCount = program.groupCount
        ignoresCase = program.ignoresCase
        isMultiline = program.isMultiline
        isAnchored = program.isAnchored
        firstUnits = program.firstUnits
    }

    deinit {
        instructions.deinitialize(count: instructionCount)
        instructions.deallocate()
        sets.deinitialize(count: setCount)
        sets.deallocate()
    }
}
