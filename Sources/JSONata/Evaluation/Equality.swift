import Core

/// Deep equality.
enum Equality {
    static func areEqual(_ left: Value, _ right: Value, _ run: Evaluation) throws(JSONataError) -> Bool {
        switch (left, right) {
        case (.json(let a), .json(let b)): return areEqual(a, b)
        case (.function(let a), .function(let b)): return a === b
        default:
            guard let a = left.elements, let b = right.elements else { return false }
            try run.spend(min(a.count, b.count))
            return areEqual(a, b)
        }
    }

    static func areEqual(_ left: JSON, _ right: JSON) -> Bool {
        switch (left, right) {
        case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
        case (.int(let a), .int(let b)): a == b
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.array(let a), .array(let b)): areEqual(a, b)
        case (.object(let a), .object(let b)): areEqual(a, b)
        case (.double(let a), .double(let b)): a == b || (a.isNaN && a.bitPattern == b.bitPattern && isHandle(a))
        case (.int(let a), .double(let b)): Double(a) == b
        case (.double(let a), .int(let b)): a == Double(b)
        default: false
        }
    }

    private static func isHandle(_ value: Double) -> Bool { FunctionHandle.number(value) != nil }

    private static func areEqual(_ left: [JSON], _ right: [JSON]) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where !areEqual(left[index], right[index]) { return false }
        return true
    }

    private static func areEqual(_ left: JSONObject, _ right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices {
            let member = left[index]
            // Members mostly stand in the same order.
            let other = right[index]
            if other.key.hasSameBytes(as: member.key) {
                guard areEqual(member.value, other.value) else { return false }
            } else {
                guard let value = right[member.key], areEqual(member.value, value) else { return false }
            }
        }
        return true
    }
}
