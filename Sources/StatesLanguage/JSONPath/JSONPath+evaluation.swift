import Core

extension JSONPath {
    /// More values than this in one path's results are refused: no state's payload could hold them.
    static let maximumResults = 1_000_000

    /// The value that a definite path names, or the array of all values that an indefinite one finds.
    ///
    /// - Parameter document: What the path's root stands for.
    public func value(in document: JSON) throws(PathFailure) -> JSON {
        guard isDefinite else { return .array(try matches(in: document)) }
        if let found = definiteValue(in: document) { return found }
        throw missing(in: document)
    }

    /// Like `value(in:)`, but nil when a definite path finds nothing, or an indefinite one no value at all.
    public func valueIfPresent(in document: JSON) -> JSON? {
        if isDefinite { return definiteValue(in: document) }
        guard let found = try? matches(in: document), !found.isEmpty else { return nil }
        return .array(found)
    }

    // Costs no allocation: the steps are walked and the found value is shared with the document.
    private func definiteValue(in document: JSON) -> JSON? {
        var current = document
        for step in steps {
            switch step {
            case .member(let name):
                guard case .object(let object) = current, let value = object[name] else { return nil }
                current = value
            case .index(let index):
                guard case .array(let array) = current, let position = Self.position(index, of: array.count) else {
                    return nil
                }
                current = array[position]
            default:
                guard let value = Self.definiteValue(of: step, in: current) else { return nil }
                current = value
            }
        }
        return current
    }

    private static func definiteValue(of step: PathStep, in value: JSON) -> JSON? {
        switch step {
        case .members(let names):
            guard case .object(let object) = value else { return nil }
            return .object(JSONObject(names.compactMap { name in object[name].map { (name, $0) } }))
        case .function(let function): return function.apply(to: value)
        default: return nil
        }
    }

    /// The place of a position in an array, counted from the end when negative.
    static func position(_ index: Int, of count: Int) -> Int? {
        let position = index < 0 ? count + index : index
        return position >= 0 && position < count ? position : nil
    }

    // MARK: Indefinite paths

    private func matches(in document: JSON) throws(PathFailure) -> [JSON] {
        var found = [document]
        var upstreamIsDefinite = true
        for index in steps.indices {
            let step = steps[index]
            if upstreamIsDefinite { try checkArray(found, step, at: index) }
            found = try Self.expand(found, by: step, document: document)
            if !step.isDefinite(isLast: index == steps.count - 1) { upstreamIsDefinite = false }
        }
        return found
    }

    /// A slice of something that is there but no array is a mistake, while one of something missing is just empty.
    private func checkArray(_ found: [JSON], _ step: PathStep, at index: Int) throws(PathFailure) {
        guard let value = found.first else { return }
        switch step {
        case .slice, .indexes:
            if case .array = value { return }
            throw Self.notAnArray(step, value)
        default: return
        }
    }

    static func expand(_ values: [JSON], by step: PathStep, document: JSON) throws(PathFailure) -> [JSON] {
        var found: [JSON] = []
        for value in values {
            append(step, of: value, document: document, to: &found)
            guard found.count <= maximumResults else {
                throw PathFailure(reason: "The path finds more than \(maximumResults) values")
            }
        }
        return found
    }

    private static func append(_ step: PathStep, of value: JSON, document: JSON, to found: inout [JSON]) {
        switch step {
        case .member(let name): if let member = value[name] { found.append(member) }
        case .members(let names): for name in names { if let member = value[name] { found.append(member) } }
        case .index(let index): appendElement(index, of: value, to: &found)
        case .indexes(let indexes): for index in indexes { appendElement(index, of: value, to: &found) }
        case .slice(let from, let to): appendSlice(from, to, of: value, to: &found)
        case .wildcard: appendChildren(of: value, to: &found)
        case .descendants: appendDescendants(of: value, to: &found)
        case .filter(let expression): appendMatches(expression, of: value, document: document, to: &found)
        case .function(let function): if let result = function.apply(to: value) { found.append(result) }
        }
    }

    private static func appendElement(_ index: Int, of value: JSON, to found: inout [JSON]) {
        guard case .array(let array) = value, let position = position(index, of: array.count) else { return }
        found.append(array[position])
    }

    private static func appendSlice(_ from: Int?, _ to: Int?, of value: JSON, to found: inout [JSON]) {
        guard case .array(let array) = value else { return }
        let lower = from.map { $0 < 0 ? max(0, array.count + $0) : $0 } ?? 0
        let upper = min(array.count, to.map { $0 < 0 ? array.count + $0 : $0 } ?? array.count)
        if lower < upper { found.append(contentsOf: array[lower..<upper]) }
    }

    private static func appendChildren(of value: JSON, to found: inout [JSON]) {
        switch value {
        case .array(let array): found.append(contentsOf: array)
        case .object(let object): for (_, member) in object { found.append(member) }
        default: return
        }
    }

    /// The value and all below it, parents first; on a list of its own, so that deep values cost no stack.
    private static func appendDescendants(of value: JSON, to found: inout [JSON]) {
        var pending = [value]
        while let next = pending.popLast(), found.count <= maximumResults {
            switch next {
            case .array(let array): pending.append(contentsOf: array.reversed())
            case .object(let object): for (_, member) in object.reversed() { pending.append(member) }
            default: continue
            }
            found.append(next)
        }
    }

    private static func appendMatches(
        _ expression: FilterExpression, of value: JSON, document: JSON, to found: inout [JSON]
    ) {
        switch value {
        case .array(let array):
            for element in array where expression.matches(element, document: document) { found.append(element) }
        case .object: if expression.matches(value, document: document) { found.append(value) }
        default: return
        }
    }

    // MARK: Failures

    /// Says why a definite path that names nothing in the document does not.
    private func missing(in document: JSON) -> PathFailure {
        var current = document
        var walked = "$"
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            if let failure = mismatch(step, current, walked) { return failure }
            walked += step.fragment
            guard let next = JSONPath(text: "", root: .input, steps: [step]).definiteValue(in: current) else {
                if case .member = step, !isLast { return PathFailure(reason: "Missing property in path \(walked)") }
                break
            }
            current = next
        }
        return PathFailure(reason: "No results for path: \(canonicalText)")
    }

    private func mismatch(_ step: PathStep, _ value: JSON, _ walked: String) -> PathFailure? {
        switch (step, value) {
        case (.member, .object), (.members, .object), (.index, .array), (.function, _): return nil
        case (.index, .null): return PathFailure(reason: "The path \(walked) is null")
        case (.index, _): return Self.notAnArray(step, value)
        default:
            return PathFailure(
                reason: "Expected to find an object with property \(step.fragment) in path \(walked) but found "
                    + "'\(value.typeName)'. This is not a json object.")
        }
    }

    private static func notAnArray(_ step: PathStep, _ value: JSON) -> PathFailure {
        PathFailure(
            reason: "Filter: \(step.fragment) can only be applied to arrays. Current context is: \(value.text())")
    }

    /// The path in brackets throughout, as error texts show it: `$['a'][0]`.
    var canonicalText: String { "$" + steps.map(\.fragment).joined() }
}

extension PathStep {
    var fragment: String {
        switch self {
        case .member(let name): "['\(name)']"
        case .members(let names): "[" + names.map { "'\($0)'" }.joined(separator: ",") + "]"
        case .index(let index): "[\(index)]"
        case .indexes(let indexes): "[" + indexes.map(String.init).joined(separator: ",") + "]"
        case .slice(let from, let to): "[\(from.map(String.init) ?? ""):\(to.map(String.init) ?? "")]"
        case .wildcard: "[*]"
        case .descendants: ".."
        case .filter: "[?]"
        case .function(let function): ".\(function.rawValue)()"
        }
    }
}
