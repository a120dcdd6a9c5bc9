import Core

/// Functions on objects, and on values of whatever kind.
enum ObjectFunctions {
    @Sendable static func keys(_ call: Call) throws(JSONataError) -> Value {
        var names: [JSON] = []
        var seen: Set<TextKey> = []
        switch call[0] {
        case .json(.object(let object)): names = object.keys.map { .string($0) }
        case .json(.array(let elements)), .array(let elements, _):
            try collectKeys(elements, into: &names, &seen, call.run)
        default: break
        }
        try call.run.spend(names.count)
        return .array(names, .sequence)
    }

    private static func collectKeys(
        _ elements: [JSON], into names: inout [JSON], _ seen: inout Set<TextKey>, _ run: Evaluation
    ) throws(JSONataError) {
        try run.spend(elements.count)
        for element in elements {
            switch element {
            case .object(let object):
                try run.spend(object.count)
                for index in object.indices {
                    let key = object[index].key
                    if seen.insert(TextKey(key)).inserted { names.append(.string(key)) }
                }
            case .array(let inner): try collectKeys(inner, into: &names, &seen, run)
            default: continue
            }
        }
    }

    @Sendable static func lookup(_ call: Call) throws(JSONataError) -> Value {
        guard let name = call.string(1) else { return .undefined }
        return try FieldLookup.value(of: JSONKey(name), in: call[0], call.run)
    }

    @Sendable static func spread(_ call: Call) throws(JSONataError) -> Value {
        switch call[0] {
        case .json(.object(let object)): return .array(try members(of: object, call.run), .sequence)
        case .json(.array(let elements)), .array(let elements, _):
            var spread: [JSON] = []
            try self.spread(elements, into: &spread, call.run)
            try call.run.checkLength(spread.count)
            return .array(spread, .sequence)
        default: return call[0]
        }
    }

    private static func spread(
        _ elements: [JSON], into spread: inout [JSON], _ run: Evaluation
    ) throws(JSONataError) {
        for element in elements {
            switch element {
            case .object(let object): spread += try members(of: object, run)
            case .array(let inner): try self.spread(inner, into: &spread, run)
            default: spread.append(element)
            }
        }
    }

    /// Each member as an object of its own.
    private static func members(of object: JSONObject, _ run: Evaluation) throws(JSONataError) -> [JSON] {
        try run.spend(object.count * 4)
        return object.map { member in
            var single = JSONObject()
            single.appendUnchecked(member.key, member.value)
            return .object(single)
        }
    }

    @Sendable static func merge(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0) else { return .undefined }
        var merged = JSONObject()
        for element in elements {
            guard case .object(let object) = element else { continue }
            try call.run.spend(object.count * 2)
            if merged.isEmpty {
                merged = object
            } else {
                for index in object.indices { merged[object[index].key] = object[index].value }
            }
        }
        return .json(.object(merged))
    }

    @Sendable static func type(_ call: Call) throws(JSONataError) -> Value {
        switch call[0] {
        case .json(.double(let number)): try Numbers.checkFinite(number)
        case .array: return Value("array")
        case .function, .localFunction: return Value("function")
        case .undefined, .unbound, .tailCall: return .undefined
        default: break
        }
        return call[0].shown.map { Value($0.typeName) } ?? .undefined
    }

    @Sendable static func clone(_ call: Call) throws(JSONataError) -> Value {
        guard let value = call[0].unwrapped.shown else { return .undefined }
        return .json(try copy(value, call.run))
    }

    /// A copy whose objects all have storage of their own. Numbers are rounded to 15 digits, since the language copies
    /// by way of the text.
    static func copy(_ value: JSON, _ run: Evaluation) throws(JSONataError) -> JSON {
        try run.spend(1)
        switch value {
        case .double(let number):
            if FunctionHandle.number(number) != nil { return .string("") }
            if number.isNaN { return .null }
            try Numbers.checkFinite(number)
            return .double(NumberText.roundedTo15Digits(number))
        case .array(let elements):
            var copy: [JSON] = []
            copy.reserveCapacity(elements.count)
            for element in elements { copy.append(try Self.copy(element, run)) }
            return .array(copy)
        case .object(let object):
            var copy = JSONObject()
            copy.reserveCapacity(max(1, object.count))
            for position in object.indices {
                copy.appendUnchecked(object.key(at: position), try Self.copy(object.value(at: position), run))
            }
            return .object(copy)
        default: return value
        }
    }

    @Sendable static func error(_ call: Call) throws(JSONataError) -> Value {
        let message = call.string(0) ?? ""
        throw JSONataError(code: "D3137", text: message.isEmpty ? "$error() function evaluated" : message)
    }

    @Sendable static func assert(_ call: Call) throws(JSONataError) -> Value {
        if case .json(.bool(true)) = call[0] { return .undefined }
        let message = call.string(1) ?? ""
        throw JSONataError(code: "D3141", text: message.isEmpty ? "$assert() statement failed" : message)
    }
}
