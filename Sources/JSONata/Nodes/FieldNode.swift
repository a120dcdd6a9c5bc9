import Core

/// A run of plain field names: `Account.Order.Product`.
///
/// The run is followed depth first, so that no array is built between its steps.
final class FieldNode: Node, @unchecked Sendable {
    let keys: [JSONKey]
    /// Whether the path ends here: a lone array at its end stays as it is.
    private let isLastStep: Bool

    init(_ names: [String], isLastStep: Bool = true) {
        keys = names.map(JSONKey.init)
        self.isLastStep = isLastStep
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        try follow(input, run).normalized(run)
    }

    /// The result before a single element takes the place of its sequence.
    func follow(_ input: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        switch input {
        case .json(.object(let object)):
            if keys.count == 1 {
                guard let value = object[keys[0]] else { return .undefined }
                if !isLastStep, case .array(let elements) = value { return .array(elements, .sequence) }
                return run.value(of: value)
            }
            return try follow(.object(object), run)
        case .json(.array(let elements)): return try follow(elements, run)
        case .array(let elements, _): return try follow(elements, run)
        default: return .undefined
        }
    }

    private func follow(_ single: JSON, _ run: Evaluation) throws(JSONataError) -> Value {
        var walk = FieldWalk(keys: keys)
        try walk.visit(single, 0, run)
        return try walk.finish(isLastStep: isLastStep, run)
    }

    private func follow(_ elements: [JSON], _ run: Evaluation) throws(JSONataError) -> Value {
        var walk = FieldWalk(keys: keys)
        try walk.visit(elements, 0, run)
        return try walk.finish(isLastStep: isLastStep, run)
    }
}

/// One walk along a run of field names.
private struct FieldWalk {
    private let keys: [JSONKey]
    /// Where the keys stood in the objects seen last: neighbours mostly have one shape.
    private var hints: (Int, Int, Int, Int) = (0, 0, 0, 0)
    private var found: [JSON] = []
    private var first: JSON = .null
    private var count = 0
    private var firstIsSequence = false

    init(keys: [JSONKey]) { self.keys = keys }

    mutating func visit(_ elements: [JSON], _ level: Int, _ run: Evaluation) throws(JSONataError) {
        try run.spend(elements.count)
        if level == keys.count - 1 { return try visitLast(elements, run) }
        for element in elements { try visit(element, level, run) }
    }

    /// The innermost loop of most expressions.
    private mutating func visitLast(_ elements: [JSON], _ run: Evaluation) throws(JSONataError) {
        let key = keys[keys.count - 1]
        var hint = 0
        for element in elements {
            if case .object(let object) = element {
                if let value = object.value(of: key, hint: &hint) { append(value) }
            } else if case .array = element {
                try visit(element, keys.count - 1, run)
            }
        }
    }

    mutating func visit(_ json: JSON, _ level: Int, _ run: Evaluation) throws(JSONataError) {
        switch json {
        case .object(let object):
            let value: JSON? =
                switch level {
                case 0: object.value(of: keys[0], hint: &hints.0)
                case 1: object.value(of: keys[1], hint: &hints.1)
                case 2: object.value(of: keys[2], hint: &hints.2)
                case 3: object.value(of: keys[3], hint: &hints.3)
                default: object[keys[level]]
                }
            guard let value else { return }
            if level == keys.count - 1 { return append(value) }
            if case .array(let elements) = value {
                try visit(elements, level + 1, run)
            } else {
                try visit(value, level + 1, run)
            }
        case .array(let elements): try visitNested(elements, level, run)
        default: return
        }
    }

    /// An array inside an array is one context, and what its elements have is one result.
    private mutating func visitNested(_ elements: [JSON], _ level: Int, _ run: Evaluation) throws(JSONataError) {
        var results: [JSON] = []
        try FieldLookup.collect(keys[level], in: elements, into: &results, run)
        if results.isEmpty { return }
        if level == keys.count - 1 {
            if results.count == 1 { append(results[0]) } else { append(.array(results), isSequence: true) }
        } else if results.count == 1, case .object = results[0] {
            try visit(results[0], level + 1, run)
        } else if results.count == 1, case .array(let inner) = results[0] {
            try visit(inner, level + 1, run)
        } else {
            try visit(results, level + 1, run)
        }
    }

    @inline(__always) private mutating func append(_ value: JSON, isSequence: Bool = false) {
        count += 1
        if count == 1 {
            first = value
            firstIsSequence = isSequence
            return
        }
        if count == 2 { flatten(first) }
        flatten(value)
    }

    @inline(__always) private mutating func flatten(_ value: JSON) {
        if case .array(let elements) = value { found += elements } else { found.append(value) }
    }

    mutating func finish(isLastStep: Bool, _ run: Evaluation) throws(JSONataError) -> Value {
        if count == 0 { return .undefined }
        if count == 1 {
            if case .array(let elements) = first, firstIsSequence || !isLastStep { return .array(elements, .sequence) }
            return run.value(of: first)
        }
        try run.checkLength(found.count)
        try run.spend(found.count)
        return .array(found, .sequence)
    }
}

/// Looking up one name in arrays of whatever depth.
enum FieldLookup {
    static func collect(
        _ key: JSONKey, in elements: [JSON], into results: inout [JSON], _ run: Evaluation
    ) throws(JSONataError) {
        try run.spend(elements.count)
        for element in elements {
            switch element {
            case .object(let object):
                guard let value = object[key] else { continue }
                if case .array(let inner) = value { results += inner } else { results.append(value) }
            case .array(let inner): try collect(key, in: inner, into: &results, run)
            default: continue
            }
        }
    }

    /// One name as a step: arrays answer with the sequence of what their elements have.
    static func value(of key: JSONKey, in input: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        switch input {
        case .json(.object(let object)): return object[key].map(run.value(of:)) ?? .undefined
        case .json(.array(let elements)), .array(let elements, _):
            var results: [JSON] = []
            try collect(key, in: elements, into: &results, run)
            try run.checkLength(results.count)
            return .array(results, .sequence)
        default: return .undefined
        }
    }
}

/// One name as a step of a path that does more than follow names.
final class NameNode: Node, @unchecked Sendable {
    let key: JSONKey

    init(_ name: String) { key = JSONKey(name) }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        if case .json(.object(let object)) = input { return object[key].map(run.value(of:)) ?? .undefined }
        return try FieldLookup.value(of: key, in: input, run).normalized(run)
    }
}
