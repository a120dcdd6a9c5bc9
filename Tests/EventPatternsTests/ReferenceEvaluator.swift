import Core

/// The pattern language in the plainest form: values are compared one by one, choices are tried out one by one.
/// Written from the language's rules alone, as a yardstick for the machine.
struct ReferenceEvaluator {
    private struct Leaf {
        var path: [UInt8]
        var value: JSON
        /// The element chosen of each array around it.
        var membership: [Int: Int]
    }

    private let leaves: [Leaf]

    init(_ event: JSON) {
        var collector = Collector()
        collector.walk(event, path: "", membership: [:])
        leaves = collector.leaves
    }

    func matches(_ pattern: JSON) -> Bool {
        Self.alternatives(pattern, path: "", into: [[:]]).contains { alternative in
            let fields = alternative.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return choose(fields[...], membership: [:])
        }
    }

    private struct Collector {
        var leaves: [Leaf] = []
        var arrays = 0

        mutating func walk(_ value: JSON, path: String, membership: [Int: Int]) {
            switch value {
            case .object(let members):
                for (key, inner) in members {
                    walk(inner, path: path.isEmpty ? key : path + "." + key, membership: membership)
                }
            case .array(let elements):
                let array = arrays
                arrays += 1
                for (index, element) in elements.enumerated() {
                    var inner = membership
                    if element.objectValue != nil || element.arrayValue != nil { inner[array] = index }
                    walk(element, path: path, membership: inner)
                }
            default: leaves.append(Leaf(path: Array(path.utf8), value: value, membership: membership))
            }
        }
    }

    private static func alternatives(_ pattern: JSON, path: String, into before: [[String: [JSON]]])
        -> [[String: [JSON]]]
    {
        var all = before
        for (key, value) in pattern.objectValue ?? [:] {
            if key == "$or" {
                all = (value.arrayValue ?? []).flatMap { alternatives($0, path: path, into: all) }
                continue
            }
            let inner = path.isEmpty ? key : path + "." + key
            if case .array(let matchers) = value {
                for index in all.indices { all[index][inner] = matchers }
            } else {
                all = alternatives(value, path: inner, into: all)
            }
        }
        return all
    }

    private func choose(_ fields: ArraySlice<(key: String, value: [JSON])>, membership: [Int: Int]) -> Bool {
        guard let (path, matchers) = fields.first else { return true }
        let reachable = leaves.filter { leaf in
            leaf.path.elementsEqual(path.utf8)
                && leaf.membership.allSatisfy { array, index in membership[array, default: index] == index }
        }
        if reachable.isEmpty, matchers.contains(["exists": false]) {
            if choose(fields.dropFirst(), membership: membership) { return true }
        }
        return reachable.contains { leaf in
            matchers.contains { Self.holds($0, leaf.value) }
                && choose(fields.dropFirst(), membership: membership.merging(leaf.membership) { $1 })
        }
    }

    // MARK: Values

    static func holds(_ matcher: JSON, _ value: JSON) -> Bool {
        guard let (name, argument) = matcher.objectValue?.first else { return equal(matcher, value) }
        switch name {
        case "exists": return argument == true
        case "anything-but": return !excludes(argument, value)
        case "numeric": return value.isNumber && numeric(argument.arrayValue ?? [], value.doubleValue ?? 0)
        default:
            guard let text = value.stringValue else { return false }
            return holds(name, argument, text)
        }
    }

    private static func equal(_ wanted: JSON, _ value: JSON) -> Bool {
        if case .string(let text) = wanted, let found = value.stringValue, let address = octets(text) {
            return octets(found) == address
        }
        return wanted == value
    }

    private static func holds(_ name: String, _ argument: JSON, _ text: String) -> Bool {
        let folds = argument["equals-ignore-case"]?.stringValue
        let wanted = argument.stringValue ?? folds ?? ""
        switch name {
        case "exactly": return text.utf8Equals(wanted)
        case "prefix": return starts(Array(text.unicodeScalars), Array(wanted.unicodeScalars), folds != nil)
        case "suffix":
            return starts(text.unicodeScalars.reversed(), wanted.unicodeScalars.reversed(), folds != nil)
        case "equals-ignore-case":
            return text.unicodeScalars.count == wanted.unicodeScalars.count
                && starts(Array(text.unicodeScalars), Array(wanted.unicodeScalars), true)
        case "wildcard": return wildcard(Array(wanted.utf8)[...], Array(text.utf8)[...])
        case "cidr": return block(wanted, text)
        default: return false
        }
    }

    private static func starts(_ text: [Unicode.Scalar], _ wanted: [Unicode.Scalar], _ folds: Bool) -> Bool {
        guard text.count >= wanted.count else { return false }
        return zip(text, wanted).allSatisfy { found, letter in
            found == letter
                || folds
                    && (String(found) == letter.properties.lowercaseMapping
                        || String(found) == letter.properties.uppercaseMapping)
        }
    }

    private static func wildcard(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return (text.startIndex...text.endIndex).contains { wildcard(pattern.dropFirst(), text[$0...]) }
        }
        let escaped = first == UInt8(ascii: "\\")
        let literal = escaped ? pattern[pattern.startIndex + 1] : first
        return text.first == literal && wildcard(pattern.dropFirst(escaped ? 2 : 1), text.dropFirst())
    }

    private static func numeric(_ terms: [JSON], _ value: Double) -> Bool {
        stride(from: 0, to: terms.count, by: 2).allSatisfy { index in
            let bound = terms[index + 1].doubleValue ?? 0
            switch terms[index].stringValue {
            case "=": return value == bound
            case "<": return value < bound
            case "<=": return value <= bound
            case ">": return value > bound
            default: return value >= bound
            }
        }
    }

    private static func excludes(_ argument: JSON, _ value: JSON) -> Bool {
        if let (name, inner) = argument.objectValue?.first {
            guard let text = value.stringValue else { return false }
            return (inner.arrayValue ?? [inner]).contains { holds(name, $0, text) }
        }
        return (argument.arrayValue ?? [argument]).contains { $0 == value }
    }

    private static func octets(_ text: String) -> [Int]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? 999 }
        return parts.count == 4 && parts.allSatisfy { (0...255).contains($0) } ? parts : nil
    }

    private static func block(_ wanted: String, _ text: String) -> Bool {
        let parts = wanted.split(separator: "/")
        guard let network = octets(String(parts[0])), let length = Int(parts[1]), let found = octets(text) else {
            return false
        }
        let bits = { (address: [Int]) in address.reduce(0) { $0 << 8 | $1 } >> (32 - length) }
        return bits(network) == bits(found)
    }
}
