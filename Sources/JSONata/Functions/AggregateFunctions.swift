import Core

/// `$sum`, `$count`, `$max`, `$min`, `$average`
enum AggregateFunctions {
    @Sendable static func sum(_ call: Call) throws(JSONataError) -> Value {
        guard let numbers = call.elements(0) else { return .undefined }
        return Value(try total(numbers, call.run))
    }

    @Sendable static func count(_ call: Call) throws(JSONataError) -> Value {
        Value(call.elements(0)?.count ?? 0)
    }

    @Sendable static func max(_ call: Call) throws(JSONataError) -> Value {
        try fold(call) { Swift.max($0, $1) }
    }

    @Sendable static func min(_ call: Call) throws(JSONataError) -> Value {
        try fold(call) { Swift.min($0, $1) }
    }

    @Sendable static func average(_ call: Call) throws(JSONataError) -> Value {
        guard let numbers = call.elements(0), !numbers.isEmpty else { return .undefined }
        return Value(try total(numbers, call.run) / Double(numbers.count))
    }

    private static func total(_ numbers: [JSON], _ run: Evaluation) throws(JSONataError) -> Double {
        try run.spend(numbers.count >> 2)
        var total = 0.0
        for number in numbers {
            switch number {
            case .int(let value): total += Double(value)
            case .double(let value): total += value
            default: continue
            }
        }
        return total
    }

    private static func fold(_ call: Call, _ choose: (Double, Double) -> Double) throws(JSONataError) -> Value {
        guard let numbers = call.elements(0), let first = numbers.first?.doubleValue else { return .undefined }
        try call.run.spend(numbers.count >> 2)
        var chosen = first
        for number in numbers { if let value = number.doubleValue { chosen = choose(chosen, value) } }
        return Value(chosen)
    }
}
