struct PatternSyntaxError: Error {
    var reason: String
}

/// Translates the text of a pattern, by recursive descent with bounded depth.
struct PatternCompiler {
    private static let depthLimit = 50
    private static let sizeLimit = 20_000
    private static let repetitionLimit = 2_048

    private let text: [UInt32]
    private var position = 0
    private var program = PatternProgram()

    static func compile(_ source: String) throws(PatternSyntaxError) -> PatternProgram {
        var compiler = PatternCompiler(text: source.unicodeScalars.map(\.value))
        try compiler.alternatives(depth: 0)
        guard compiler.position == compiler.text.count else { throw compiler.failure("unexpected ')'") }
        compiler.program.instructions.append(.accept)
        return compiler.program
    }

    private init(text: [UInt32]) { self.text = text }

    private typealias Instructions = [PatternProgram.Instruction]

    // Every part is compiled at the end of the program; jumps are absolute.

    private mutating func alternatives(depth: Int) throws(PatternSyntaxError) {
        guard depth < Self.depthLimit else { throw failure("nested too deeply") }
        var start = here
        var ends: [Int] = []
        try sequence(depth: depth)
        while take("|") {
            // What came before moves down by one to make room for the choice.
            insertChoice(at: start)
            ends.append(here)
            program.instructions.append(.jump(0))
            program.instructions[start] = .split(start + 1, here)
            start = here
            try sequence(depth: depth)
        }
        for end in ends { program.instructions[end] = .jump(here) }
    }

    private mutating func sequence(depth: Int) throws(PatternSyntaxError) {
        while let scalar = peek, scalar != "|", scalar != ")" {
            let start = here
            let quantifiable = try atom(depth: depth)
            if quantifiable { try quantifier(start) }
            guard here < Self.sizeLimit else { throw failure("too large") }
        }
    }

    /// Returns false after an anchor, which cannot be repeated.
    private mutating func atom(depth: Int) throws(PatternSyntaxError) -> Bool {
        guard let scalar = peek else { return false }
        position += 1
        switch scalar {
        case "^":
            program.instructions.append(.atStart)
            return false
        case "$":
            program.instructions.append(.atEnd)
            return false
        case "(": return try group(depth: depth)
        case "[": emit(try characterClass(depth: depth))
        case ".": emit(.anyButLineEnd)
        case "\\": emit(try escape())
        case "*", "+", "?": throw failure("nothing to repeat")
        default: emit(single(scalar.value))
        }
        return true
    }

    // MARK: Groups

    private mutating func group(depth: Int) throws(PatternSyntaxError) -> Bool {
        guard take("?") else {
            try alternatives(depth: depth + 1)
            try close()
            return true
        }
        if take(":") {
            try alternatives(depth: depth + 1)
            try close()
            return true
        }
        let behind = take("<")
        let negative = take("!")
        guard negative || take("=") else { throw failure("unknown kind of group") }
        try look(behind: behind, negative: negative, depth: depth)
        return false
    }

    private mutating func look(behind: Bool, negative: Bool, depth: Int) throws(PatternSyntaxError) {
        let outer = program
        program = PatternProgram()
        try alternatives(depth: depth + 1)
        try close()
        var inner = program
        program = outer
        if behind {
            guard inner.instructions.count == 1, case .character(let set) = inner.instructions[0] else {
                throw failure("looking behind is only supported for one character")
            }
            program.sets.append(inner.sets[set])
            program.instructions.append(.lookBehind(program.sets.count - 1, negative: negative))
        } else {
            inner.instructions.append(.accept)
            program.instructions.append(.lookAhead(PatternProgram.Box(inner), negative: negative))
        }
    }

    private mutating func close() throws(PatternSyntaxError) {
        guard take(")") else { throw failure("a group is not closed") }
    }

    // MARK: Repetition

    private mutating func quantifier(_ start: Int) throws(PatternSyntaxError) {
        while let (minimum, maximum) = try repetition() {
            // Greedy, lazy and possessive accept the same whole texts here.
            if !take("?") { _ = take("+") }
            try repeatPart(start, minimum, maximum)
        }
    }

    private mutating func repetition() throws(PatternSyntaxError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return nil }
        guard let minimum = number() else { throw failure("expected a number after '{'") }
        var maximum: Int? = minimum
        if take(",") { maximum = number() }
        guard take("}") else { throw failure("a repetition is not closed") }
        guard minimum <= Self.repetitionLimit, maximum ?? 0 <= Self.repetitionLimit, maximum ?? minimum >= minimum
        else {
            throw failure("repetition out of range")
        }
        return (minimum, maximum)
    }

    private mutating func repeatPart(_ start: Int, _ minimum: Int, _ maximum: Int?) throws(PatternSyntaxError) {
        let part = Array(program.instructions[start...])
        let copies = max(minimum, maximum ?? minimum + 1)
        guard part.count * copies + start < Self.sizeLimit else { throw failure("too large") }
        program.instructions.removeSubrange(start...)
        for _ in 0..<minimum { append(part, from: start) }
        guard let maximum else {
            let choice = here
            program.instructions.append(.split(choice + 1, choice))
            append(part, from: start)
            program.instructions.append(.jump(choice))
            program.instructions[choice] = .split(choice + 1, here)
            return
        }
        var choices: [Int] = []
        for _ in minimum..<maximum {
            choices.append(here)
            program.instructions.append(.jump(0))
            append(part, from: start)
        }
        for choice in choices { program.instructions[choice] = .split(choice + 1, here) }
    }

    /// Appends a copy of a part that was compiled at another place.
    private mutating func append(_ part: Instructions, from start: Int) {
        let shift = here - start
        for instruction in part { program.instructions.append(Self.moved(instruction, by: shift)) }
    }

    private mutating func insertChoice(at start: Int) {
        let part = Array(program.instructions[start...])
        program.instructions.removeSubrange(start...)
        program.instructions.append(.jump(0))
        append(part, from: start)
    }

    private static func moved(_ instruction: PatternProgram.Instruction, by shift: Int) -> PatternProgram.Instruction {
        switch instruction {
        case .split(let first, let second): .split(first + shift, second + shift)
        case .jump(let target): .jump(target + shift)
        default: instruction
        }
    }

    // MARK: Characters

    private mutating func characterClass(depth: Int) throws(PatternSyntaxError) -> CharacterSet {
        guard depth < Self.depthLimit else { throw failure("nested too deeply") }
        var set = CharacterSet()
        let negated = take("^")
        var isFirst = true
        while true {
            guard let scalar = peek else { throw failure("a class is not closed") }
            position += 1
            if scalar == "]", !isFirst { break }
            isFirst = false
            if scalar == "[" {
                set.formUnion(try characterClass(depth: depth + 1))
                continue
            }
            let low = scalar == "\\" ? try escape() : single(scalar.value)
            try addRange(low, to: &set)
        }
        set.isNegated = negated
        return set
    }

    /// Adds one character or class, or the range that it begins.
    private mutating func addRange(_ low: CharacterSet, to set: inout CharacterSet) throws(PatternSyntaxError) {
        guard let first = Self.onlyScalar(low), peek == "-", position + 1 < text.count,
            text[position + 1] != UnicodeScalar("]").value, text[position + 1] != UnicodeScalar("[").value
        else { return set.formUnion(low) }
        let mark = position
        position += 1
        guard let scalar = peek else { throw failure("a class is not closed") }
        position += 1
        let high = scalar == "\\" ? try escape() : single(scalar.value)
        guard let last = Self.onlyScalar(high), last >= first else {
            // A dash before a class stands for itself.
            position = mark
            return set.formUnion(low)
        }
        set.insert(first...last)
    }

    private static func onlyScalar(_ set: CharacterSet) -> UInt32? {
        guard !set.isNegated, set.categories.isEmpty, set.excluded.isEmpty, set.ranges.count == 1,
            set.ranges[0].count == 1
        else { return nil }
        return set.ranges[0].lowerBound
    }

    private mutating func escape() throws(PatternSyntaxError) -> CharacterSet {
        guard let scalar = peek else { throw failure("the pattern ends in '\\'") }
        position += 1
        if let set = CharacterSet.escape(scalar.value) { return set }
        switch scalar {
        case "n": return single(0x0A)
        case "r": return single(0x0D)
        case "t": return single(0x09)
        case "f": return single(0x0C)
        case "u": return single(try hex(4))
        case "x": return single(try hex(2))
        case "p", "P":
            guard take("{") else { throw failure("expected '{' after '\\p'") }
            var name = ""
            while let next = peek, next != "}" {
                name.unicodeScalars.append(next)
                position += 1
            }
            guard take("}"), var set = CharacterSet.property(name) else { throw failure("unknown class '\(name)'") }
            set.isNegated = scalar == "P"
            return set
        default: return single(scalar.value)
        }
    }

    private mutating func hex(_ digits: Int) throws(PatternSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let scalar = peek, scalar.isASCII, let digit = PercentCoding.hexValue(UInt8(scalar.value)) else {
                throw failure("expected \(digits) hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    // MARK: Pieces

    private var here: Int { program.instructions.count }

    private var peek: Unicode.Scalar? { position < text.count ? Unicode.Scalar(text[position]) : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek, scalar.value >= 0x30, scalar.value <= 0x39, (value ?? 0) < 100_000 {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            position += 1
        }
        return value
    }

    private func single(_ scalar: UInt32) -> CharacterSet {
        var set = CharacterSet()
        set.insert(scalar)
        return set
    }

    private mutating func emit(_ set: CharacterSet) {
        program.sets.append(set)
        program.instructions.append(.character(program.sets.count - 1))
    }

    private func failure(_ reason: String) -> PatternSyntaxError {
        PatternSyntaxError(reason: "\(reason) (at \(position))")
    }
}
