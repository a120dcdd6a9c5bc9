import Core

/// Functions that call functions.
enum HigherOrderFunctions {
    @Sendable static func map(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0), let function = call.function(1) else { return .undefined }
        let run = call.run
        var results: [JSON] = []
        results.reserveCapacity(elements.count)
        var isNested = false
        try run.spend(elements.count)
        for index in elements.indices {
            let value = try function.callback(run.value(of: elements[index]), Value(index), call[0], run)
            guard let result = try run.element(value) else { continue }
            if result.isContainer { isNested = true }
            results.append(result)
        }
        if isNested { try run.sampleDepth { results } }
        return .array(results, .sequence)
    }

    @Sendable static func filter(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0), let function = call.function(1) else { return .undefined }
        let run = call.run
        var results: [JSON] = []
        try run.spend(elements.count)
        for index in elements.indices {
            let value = try function.callback(run.value(of: elements[index]), Value(index), call[0], run)
            if try Truth.isTrue(value) { results.append(elements[index]) }
        }
        return .array(results, .sequence)
    }

    @Sendable static func single(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0) else { return .undefined }
        let run = call.run
        var found: Value?
        try run.spend(elements.count)
        for index in elements.indices {
            if let function = call.function(1) {
                let value = try function.callback(run.value(of: elements[index]), Value(index), call[0], run)
                guard try Truth.isTrue(value) else { continue }
            }
            guard found == nil else { throw JSONataError(code: "D3138", index: index) }
            found = run.value(of: elements[index])
        }
        guard let found else { throw JSONataError(code: "D3139") }
        return found
    }

    @Sendable static func reduce(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0), let function = call.function(1) else { return .undefined }
        let run = call.run
        guard function.arity >= 2 else { throw JSONataError(code: "D3050", index: 1) }
        var result = call[2]
        var start = 0
        if result.isUndefined, let first = elements.first {
            result = run.value(of: first)
            start = 1
        }
        let context = Value.json(.null)
        for index in start..<max(start, elements.count) {
            let element = run.value(of: elements[index])
            var arguments = [result, element]
            if function.arity >= 3 { arguments.append(Value(index)) }
            if function.arity >= 4 { arguments.append(call[0]) }
            // Released first, so that what the function makes of it can grow in place.
            result = .undefined
            result = try function.call(arguments, context: context, run)
        }
        return result
    }

    @Sendable static func sift(_ call: Call) throws(JSONataError) -> Value {
        guard let object = call[0].object, let function = call.function(1) else { return .undefined }
        let run = call.run
        var sifted = JSONObject()
        try run.spend(object.count * 2)
        for member in object {
            let value = try function.callback(run.value(of: member.value), Value(member.key), call[0], run)
            if try Truth.isTrue(value) { sifted.appendUnchecked(member.key, member.value) }
        }
        return sifted.isEmpty ? .undefined : .json(.object(sifted))
    }

    @Sendable static func each(_ call: Call) throws(JSONataError) -> Value {
        guard let object = call[0].object, let function = call.function(1) else { return .array([], .sequence) }
        let run = call.run
        var results: [JSON] = []
        try run.spend(object.count)
        for member in object {
            let value = try function.callback(run.value(of: member.value), Value(member.key), call[0], run)
            if let result = try run.element(value) { results.append(result) }
        }
        try run.sampleDepth { results }
        return .array(results, .sequence)
    }
}
