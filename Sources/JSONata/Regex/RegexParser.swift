/// Reads JavaScript's syntax of regular expressions (ECMA-262, without the `u` and `v` flags).
struct RegexParser {
    struct Failure: Error {
        let reason: String
    }

    private static let maximumNesting = 100

    private let units: [UInt16]
    private var index = 0
    private var nesting = 0
    private let ignoresCase: Bool
    private(set) var groupCount = 0
    private(set) var names: [String: Int] = [:]
    /// Groups in the whole pattern: `\12` refers to one only if there are as many.
    private let totalGroups: Int

    init(_ pattern: String, ignoresCase: Bool) {
        units = Array(pattern.utf16)
        self.ignoresCase = ignoresCase
        totalGroups = Self.countGroups(units)
    }

    private static func countGroups(_ units: [UInt16]) -> Int {
        var count = 0
        var index = 0
        var inClass = false
        while index < units.count {
            switch units[index] {
            case "\\": index += 1
            case "[": inClass = true
            case "]": inClass = false
            case "(" where !inClass:
                let next = index + 1 < units.count ? units[index + 1] : 0
                let isNamed =
                    next == "?" && index + 3 < units.count && units[index + 2] == "<"
                    && !(units[index + 3] == "=") && !(units[index + 3] == "!")
                if !(next == "?") || isNamed { count += 1 }
            default: break
            }
            index += 1
        }
        return count
    }

    mutating func parse() throws(Failure) -> RegexTree {
        let tree = try alternation()
        guard index == units.count else { throw Failure(reason: "Unmatched ')'") }
        return tree
    }

    private var current: UInt16? { index < units.count ? units[index] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard index < units.count, units[index] == scalar else { return false }
        index += 1
        return true
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= units.count else { return false }
        for offset in 0..<count where units[index + offset] != UInt16(text.utf8Start[offset]) { return false }
        index += count
        return true
    }

    // MARK: Structure

    private mutating func alternation() throws(Failure) -> RegexTree {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.maximumNesting else { throw Failure(reason: "Too many groups inside one another") }
        var branches = [try sequence()]
        while take("|" as Unicode.Scalar) { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func sequence() throws(Failure) -> RegexTree {
        var parts: [RegexTree] = []
        while let unit = current, !(unit == "|"), !(unit == ")") {
            let firstGroup = groupCount + 1
            let atom = try atom()
            parts.append(try quantified(atom, firstGroup))
        }
        return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func quantified(_ atom: RegexTree, _ firstGroup: Int) throws(Failure) -> RegexTree {
        guard let (min, max) = try quantifier() else { return atom }
        switch atom {
        case .start, .end, .wordBoundary, .look(_, isAhead: false, _): throw Failure(reason: "Nothing to repeat")
        default: break
        }
        if let max, max < min { throw Failure(reason: "numbers out of order in {} quantifier") }
        let isGreedy = !take("?" as Unicode.Scalar)
        return .repetition(atom, min: min, max: max, isGreedy: isGreedy, groups: firstGroup..<groupCount + 1)
    }

    private mutating func quantifier() throws(Failure) -> (Int, Int?)? {
        if take("*" as Unicode.Scalar) { return (0, nil) }
        if take("+" as Unicode.Scalar) { return (1, nil) }
        if take("?" as Unicode.Scalar) { return (0, 1) }
        let start = index
        guard take("{" as Unicode.Scalar), let min = number() else {
            index = start
            return nil
        }
        var max: Int? = min
        if take("," as Unicode.Scalar) { max = number() }
        guard take("}" as Unicode.Scalar) else {
            // A brace that starts no quantifier stands for itself.
            index = start
            return nil
        }
        return (min, max)
    }

    private mutating func number() -> Int? {
        let start = index
        var value = 0
        while let unit = current, isDigit(unit) {
            value = min(value * 10 + Int(unit - 0x30), 1_000_000_000)
            index += 1
        }
        return index > start ? value : nil
    }

    // MARK: Atoms

    private mutating func atom() throws(Failure) -> RegexTree {
        let unit = units[index]
        index += 1
        switch unit {
        case "^": return .start
        case "$": return .end
        case ".": return .set(UnitSet.lineEnds.negated)
        case "(": return try group()
        case "[": return .set(try characterClass())
        case "\\": return try escape()
        case "*", "+", "?": throw Failure(reason: "Nothing to repeat")
        case "{":
            index -= 1
            if try quantifier() != nil { throw Failure(reason: "Nothing to repeat") }
            index += 1
            return literal(unit)
        default: return literal(unit)
        }
    }

    private func literal(_ unit: UInt16) -> RegexTree {
        guard ignoresCase else { return .unit(unit) }
        let isLetter = UnitCase.canonical(unit) != unit || UnitCase.lower(unit) != unit
        guard isLetter else { return .unit(unit) }
        var set = UnitSet()
        set.insert(unit)
        set.insert(UnitCase.lower(unit))
        set.insert(UnitCase.canonical(unit))
        set.closeOverCase()
        return .set(set)
    }

    private mutating func group() throws(Failure) -> RegexTree {
        if take("?:") { return try closed(.group(try alternation(), number: nil)) }
        if take("?=") { return try closed(.look(try alternation(), isAhead: true, isNegated: false)) }
        if take("?!") { return try closed(.look(try alternation(), isAhead: true, isNegated: true)) }
        if take("?<=") { return try closed(.look(try alternation(), isAhead: false, isNegated: false)) }
        if take("?<!") { return try closed(.look(try alternation(), isAhead: false, isNegated: true)) }
        groupCount += 1
        let number = groupCount
        if take("?<") {
            let name = try groupName()
            guard names[name] == nil else { throw Failure(reason: "Duplicate capture group name") }
            names[name] = number
        } else if current.map({ $0 == "?" }) ?? false {
            throw Failure(reason: "Invalid group")
        }
        return try closed(.group(try alternation(), number: number))
    }

    private mutating func closed(_ tree: RegexTree) throws(Failure) -> RegexTree {
        guard take(")" as Unicode.Scalar) else { throw Failure(reason: "Unterminated group") }
        return tree
    }

    private mutating func groupName() throws(Failure) -> String {
        let start = index
        while let unit = current, !(unit == ">") { index += unit == 0 ? 0 : 1 }
        let name = String(decoding: units[start..<index], as: UTF16.self)
        guard take(">" as Unicode.Scalar), !name.isEmpty else { throw Failure(reason: "Invalid capture group name") }
        return name
    }

    // MARK: Escapes

    private mutating func escape() throws(Failure) -> RegexTree {
        guard let unit = current else { throw Failure(reason: "\\ at end of pattern") }
        if let set = Self.classEscape(unit) {
            index += 1
            return .set(set)
        }
        switch unit {
        case "b", "B":
            index += 1
            return .wordBoundary(isNegated: unit == "B")
        case "k" where !names.isEmpty || totalGroups > 0:
            index += 1
            guard take("<" as Unicode.Scalar) else { return literal(unit) }
            return .namedBackreference(try groupName())
        case "1"..."9":
            let start = index
            if let reference = number(), reference <= totalGroups { return .backreference(reference) }
            index = start
            return literal(characterEscape())
        default: return literal(characterEscape())
        }
    }

    private static func classEscape(_ unit: UInt16) -> UnitSet? {
        switch unit {
        case "d": .digits
        case "D": UnitSet.digits.negated
        case "w": .word
        case "W": UnitSet.word.negated
        case "s": .space
        case "S": UnitSet.space.negated
        default: nil
        }
    }

    /// The unit that an escape stands for; the backslash has been passed.
    private mutating func characterEscape() -> UInt16 {
        let unit = units[index]
        index += 1
        switch unit {
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "v": return 0x0B
        case "f": return 0x0C
        case "0"..."7": return octal(unit)
        case "x": return hexadecimal(2) ?? unit
        case "u": return hexadecimal(4) ?? unit
        case "c":
            guard let letter = current, (letter | 0x20) >= 0x61, (letter | 0x20) <= 0x7A else {
                index -= 1
                return 0x5C
            }
            index += 1
            return letter % 32
        default: return unit
        }
    }

    private mutating func octal(_ first: UInt16) -> UInt16 {
        var value = first - 0x30
        while let unit = current, unit >= 0x30, unit <= 0x37, value * 8 + unit - 0x30 <= 0o377 {
            value = value * 8 + unit - 0x30
            index += 1
        }
        return value
    }

    private mutating func hexadecimal(_ digits: Int) -> UInt16? {
        guard index + digits <= units.count else { return nil }
        var value: UInt16 = 0
        for unit in units[index..<index + digits] {
            guard unit < 128, let digit = Unicode.Scalar(unit).flatMap({ Character($0).hexDigitValue }) else {
                return nil
            }
            value = value << 4 | UInt16(digit)
        }
        index += digits
        return value
    }

    // MARK: Classes

    private mutating func characterClass() throws(Failure) -> UnitSet {
        var set = UnitSet()
        let isNegated = take("^" as Unicode.Scalar)
        while true {
            guard let unit = current else { throw Failure(reason: "Unterminated character class") }
            if unit == "]" { break }
            try classMember(into: &set)
        }
        index += 1
        if ignoresCase {
            for range in set.ranges where range.count <= 1024 {
                for unit in range {
                    set.insert(UnitCase.canonical(unit))
                    set.insert(UnitCase.lower(unit))
                }
            }
            set.closeOverCase()
        }
        set.isNegated = isNegated
        return set
    }

    private mutating func classMember(into set: inout UnitSet) throws(Failure) {
        let first = classAtom()
        guard current.map({ $0 == "-" }) ?? false, index + 1 < units.count, !(units[index + 1] == "]") else {
            return insert(first, into: &set)
        }
        index += 1
        let second = classAtom()
        guard case .unit(let low) = first, case .unit(let high) = second else {
            // A class at one end makes the hyphen a member.
            insert(first, into: &set)
            set.insert(0x2D)
            return insert(second, into: &set)
        }
        guard low <= high else { throw Failure(reason: "Range out of order in character class") }
        set.insert(low...high)
    }

    private func insert(_ atom: RegexTree, into set: inout UnitSet) {
        switch atom {
        case .unit(let unit): set.insert(unit)
        case .set(let other): set.insert(other)
        default: break
        }
    }

    private mutating func classAtom() -> RegexTree {
        let unit = units[index]
        index += 1
        guard unit == "\\", let escaped = current else { return .unit(unit) }
        if let set = Self.classEscape(escaped) {
            index += 1
            return .set(set)
        }
        if escaped == "b" {
            index += 1
            return .unit(0x08)
        }
        return .unit(characterEscape())
    }
}
