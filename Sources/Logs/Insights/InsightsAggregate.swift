/// A column of `stats`: a function over the rows of a group.
struct InsightsAggregate: Sendable {
    enum Function: Sendable {
        case count, distinct, sum, average, least, greatest, earliest, latest
        /// Of the whole population.
        case deviation
        case percentile(Double)
    }

    let name: String
    private let function: Function
    /// Nil for the rows themselves.
    private let operand: InsightsExpression?

    init(_ parser: inout InsightsParser) throws(FilterPatternError) {
        let start = parser.position
        let word = try parser.field()
        guard parser.take(symbol: "(") else { throw parser.failure("'('") }
        (function, operand) = try Self.arguments(of: word, &parser)
        guard parser.take(symbol: ")") else { throw parser.failure("')'") }
        let written = parser.source(from: start)
        name = try parser.alias() ?? written
    }

    private static func arguments(
        of word: String, _ parser: inout InsightsParser
    ) throws(FilterPatternError) -> (Function, InsightsExpression?) {
        if word.lowercased() == "count" {
            if parser.current?.isSymbol(")") == true || parser.take(symbol: "*") { return (.count, nil) }
            return (.count, try parser.expression())
        }
        let operand = try parser.expression()
        switch word.lowercased() {
        case "count_distinct": return (.distinct, operand)
        case "sum": return (.sum, operand)
        case "avg": return (.average, operand)
        case "min", "sortsfirst": return (.least, operand)
        case "max", "sortslast": return (.greatest, operand)
        case "earliest": return (.earliest, operand)
        case "latest": return (.latest, operand)
        case "stddev": return (.deviation, operand)
        case "pct":
            guard parser.take(symbol: ","), let percent = Double(try parser.field()), (0...100).contains(percent) else {
                throw FilterPatternError("pct takes a field and a number from 0 to 100")
            }
            return (.percentile(percent), operand)
        default: throw FilterPatternError("the function '\(word)' of stats is not served")
        }
    }

    func value(of rows: [InsightsRow]) -> InsightsValue {
        guard let operand else { return .number(Double(rows.count)) }
        switch function {
        case .earliest, .latest: return edge(rows, operand)
        default: break
        }
        let values = rows.map { operand.value(in: $0) }.filter { $0.text != nil }
        switch function {
        case .count: return .number(Double(values.count))
        case .distinct: return .number(Double(Set(values.map { $0.text ?? "" }).count))
        case .least: return values.min(by: InsightsValue.isOrdered) ?? .missing
        case .greatest: return values.max(by: InsightsValue.isOrdered) ?? .missing
        default: return number(of: values.compactMap(\.number))
        }
    }

    private func number(of numbers: [Double]) -> InsightsValue {
        guard !numbers.isEmpty else { return .missing }
        let count = Double(numbers.count)
        let sum = numbers.reduce(0, +)
        switch function {
        case .sum: return .number(sum)
        case .average: return .number(sum / count)
        case .deviation:
            let squares = numbers.reduce(0) { $0 + ($1 - sum / count) * ($1 - sum / count) }
            return .number((squares / count).squareRoot())
        case .percentile(let percent):
            // The smallest value that so many percent do not exceed.
            let rank = Int((percent / 100 * count).rounded(.up))
            return .number(numbers.sorted()[max(rank, 1) - 1])
        default: return .missing
        }
    }

    /// The value in the first or the last row, by time, that has one.
    private func edge(_ rows: [InsightsRow], _ operand: InsightsExpression) -> InsightsValue {
        let dated = rows.filter { operand.value(in: $0).text != nil }
        let isLatest = if case .latest = function { true } else { false }
        let row = isLatest ? dated.max { $0.order < $1.order } : dated.min { $0.order < $1.order }
        return row.map { operand.value(in: $0) } ?? .missing
    }
}
