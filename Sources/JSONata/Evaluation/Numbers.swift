import Core

/// Arithmetic on JavaScript's numbers.
enum Numbers {
    static let exactLimit: Int64 = 9_007_199_254_740_992

    /// Integer arithmetic, where its result is what arithmetic on doubles would give.
    @inline(__always) static func calculate(_ symbol: Symbol, _ a: Int64, _ b: Int64) -> Int64? {
        guard a.magnitude <= exactLimit, b.magnitude <= exactLimit else { return nil }
        let result: Int64
        switch symbol {
        case .plus: result = a &+ b
        case .minus: result = a &- b
        case .star:
            let (product, overflow) = a.multipliedReportingOverflow(by: b)
            if overflow { return nil }
            result = product
        case .slash:
            guard b != 0, a % b == 0 else { return nil }
            result = a / b
        default:
            guard b != 0 else { return nil }
            result = a % b
        }
        return result.magnitude <= exactLimit ? result : nil
    }

    @inline(__always) static func calculate(_ symbol: Symbol, _ a: Double, _ b: Double) -> Double {
        switch symbol {
        case .plus: a + b
        case .minus: a - b
        case .star: a * b
        case .slash: a / b
        default: a.truncatingRemainder(dividingBy: b)
        }
    }

    @inline(__always) static func checkFinite(_ value: Double) throws(JSONataError) {
        if value.isInfinite { throw JSONataError(code: "D1001", value: .double(value)) }
    }

    /// Rounds half to even, at a decimal place. The shift happens in the decimal text, as binary multiplication would
    /// blur which values lie half way.
    static func round(_ value: Double, precision: Int) -> Double {
        var shifted = value
        if precision != 0 { shifted = shift(value, by: precision) }
        guard shifted.isFinite else { return value }
        var result = (shifted + 0.5).rounded(.down)
        // Adding a half may itself round up just below a half.
        if result - shifted > 0.5 { result -= 1 }
        if (result - shifted).magnitude == 0.5, result.truncatingRemainder(dividingBy: 2).magnitude == 1 { result -= 1 }
        if precision != 0 { result = shift(result, by: -precision) }
        return result == 0 ? 0 : result
    }

    private static func shift(_ value: Double, by places: Int) -> Double {
        let text = NumberText.text(of: value)
        guard let mark = text.firstIndex(of: "e") else { return Double("\(text)e\(places)") ?? value }
        let exponent = Int(text[text.index(after: mark)...].drop { $0 == "+" }) ?? 0
        return Double("\(text[..<mark])e\(exponent + places)") ?? value
    }
}
