import Core

/// What counts as true.
enum Truth {
    /// Undefined is not true.
    @inline(__always) static func isTrue(_ value: Value) throws(JSONataError) -> Bool {
        switch value {
        case .json(.bool(let flag)): flag
        case .json(let json): try isTrue(json)
        case .array(let elements, _): try isAnyTrue(elements)
        default: false
        }
    }

    static func isTrue(_ json: JSON) throws(JSONataError) -> Bool {
        switch json {
        case .null: return false
        case .bool(let flag): return flag
        case .int(let number): return number != 0
        case .double(let number):
            try Numbers.checkFinite(number)
            return number != 0 && !number.isNaN
        case .string(let text): return !text.isEmpty
        case .array(let elements): return try isAnyTrue(elements)
        case .object(let object): return !object.isEmpty
        }
    }

    private static func isAnyTrue(_ elements: [JSON]) throws(JSONataError) -> Bool {
        for element in elements where try isTrue(element) { return true }
        return false
    }

    /// JavaScript's own idea, which governs what comparators of `$sort` return.
    static func isTruthy(_ value: Value) -> Bool {
        switch value {
        case .json(.bool(let flag)): flag
        case .json(.null): false
        case .json(.int(let number)): number != 0
        case .json(.double(let number)): number != 0 && (!number.isNaN || FunctionHandle.number(number) != nil)
        case .json(.string(let text)): !text.isEmpty
        case .json, .array, .function: true
        default: false
        }
    }
}
