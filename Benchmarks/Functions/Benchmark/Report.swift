/// Rows of measured figures, each with the bound measured beside it.
struct Report {
    private struct Row {
        var name: String
        var rate: Double
        var bound: String
        var boundRate: Double
        var ratio: Double
        var goal: Double
    }

    private var rows: [Row] = []

    mutating func add(
        _ name: String, _ rates: [Double], against bound: String, _ boundRates: [Double], goal: Double
    ) {
        rows.append(
            Row(
                name: name, rate: median(rates), bound: bound, boundRate: median(boundRates),
                ratio: median(zip(rates, boundRates).map { $0 / $1 }), goal: goal))
    }

    func print() {
        for row in rows {
            let verdict = row.ratio >= row.goal ? "reached" : "MISSED"
            Swift.print(
                "\(row.name): \(Int(row.rate))/s, \(row.bound): \(Int(row.boundRate))/s, "
                    + "ratio \(Double(Int(row.ratio * 1000)) / 1000) (goal \(row.goal), \(verdict))")
        }
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
