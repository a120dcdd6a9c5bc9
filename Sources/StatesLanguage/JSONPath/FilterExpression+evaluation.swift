import Core

// The nesting of filters is bounded when they are parsed, so the recursion here is too.
extension FilterExpression {
    func matches(_ element: JSON, document: JSON) -> Bool {
        switch self {
        case .and(let left, let right):
            left.matches(element, document: document) && right.matches(element, document: document)
        case .or(let left, let right):
            left.matches(element, document: document) || right.matches(element, document: document)
        case .not(let inner): !inner.matches(element, document: document)
        case .exists(let operand): operand.value(element, document) != nil
        case .comparison(let left, let found, let right):
            found.holds(left.value(element, document), right.value(element, document))
        }
    }
}

extension FilterOperand {
    fileprivate func value(_ element: JSON, _ document: JSON) -> JSON? {
        switch self {
        case .literal(let value): value
        case .element(let steps): Self.value(steps, element, document)
        case .document(let steps): Self.value(steps, document, document)
        }
    }

    private static func value(_ steps: [PathStep], _ start: JSON, _ document: JSON) -> JSON? {
        var found = [start]
        var isDefinite = true
        for index in steps.indices {
            guard let next = try? JSONPath.expand(found, by: steps[index], document: document) else { return nil }
            found = next
            if !steps[index].isDefinite(isLast: index == steps.count - 1) { isDefinite = false }
        }
        return isDefinite ? found.first : .array(found)
    }
}

extension FilterOperator {
    /// A missing side makes every comparison fail but those for inequality and absence.
    fileprivate func holds(_ left: JSON?, _ right: JSON?) -> Bool {
        guard let left, let right else {
            return self == .notEqual ? left != right : self == .isNotIn || self == .noneOf
        }
        switch self {
        case .equal: return left == right
        case .notEqual: return left != right
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return holdsOrder(left, right)
        case .isIn: return right.arrayValue?.contains(left) ?? false
        case .isNotIn: return !(right.arrayValue?.contains(left) ?? false)
        case .contains:
            if case .string(let text) = left, case .string(let part) = right { return text.containsUTF8(part) }
            return left.arrayValue?.contains(right) ?? false
        case .subsetOf, .anyOf, .noneOf: return holdsSets(left, right)
        case .size: return Self.size(left) == right.intValue
        case .empty: return (Self.size(left) == 0) == right.boolValue
        }
    }

    private func holdsOrder(_ left: JSON, _ right: JSON) -> Bool {
        if let a = left.doubleValue, let b = right.doubleValue { return holdsOrder(a, b) }
        if case .string(let a) = left, case .string(let b) = right { return holdsOrder(a, b) }
        return false
    }

    private func holdsOrder<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: false
        }
    }

    private func holdsSets(_ left: JSON, _ right: JSON) -> Bool {
        guard case .array(let members) = left, case .array(let others) = right else { return self == .noneOf }
        let set = Set(others)
        switch self {
        case .subsetOf: return members.allSatisfy(set.contains)
        case .anyOf: return members.contains(where: set.contains)
        default: return !members.contains(where: set.contains)
        }
    }

    private static func size(_ value: JSON) -> Int64? {
        switch value {
        case .array(let array): Int64(array.count)
        case .object(let object): Int64(object.count)
        case .string(let text): Int64(text.utf16.count)
        default: nil
        }
    }
}

extension String {
    func containsUTF8(_ part: String) -> Bool {
        let part = Array(part.utf8)
        guard let first = part.first else { return true }
        let text = Array(utf8)
        guard text.count >= part.count else { return false }
        for start in 0...(text.count - part.count)
        where text[start] == first && text[start..<start + part.count].elementsEqual(part) { return true }
        return false
    }
}
