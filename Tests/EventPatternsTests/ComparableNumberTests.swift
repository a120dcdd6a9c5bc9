import Core
import Testing

@testable import EventPatterns

@Suite struct ComparableNumberTests {
    @Test(arguments: [
        ("1", "1.0"), ("300", "3.0e2"), ("0", "-0"), ("0.1", "1E-1"), ("100", "0.1e3"), ("-2.50", "-2.5"),
        ("1e22", "10000000000000000000000"), ("5e-324", "0.5e-323"), ("123456789.125", "123456789125e-3"),
        ("-122.42916360922355", "-1.2242916360922355e2"),
    ])
    func numbersOfOneValueAreOne(left: String, right: String) throws {
        #expect(try #require(ComparableNumber(parsing: left)) == #require(ComparableNumber(parsing: right)))
    }

    @Test(arguments: [
        "0.1000000000000000055", "123456789012345678", "1e400", "-122.422003528252475", "9007199254740993", "", "x",
        "1e", "--1", "1.5.2", "1e5x",
    ])
    func numbersThatDoublesDoNotKeepAreNone(text: String) {
        #expect(ComparableNumber(parsing: text) == nil)
    }

    @Test func orderIsThatOfTheNumbers() throws {
        let texts = ["-1e300", "-100", "-1.5", "-1e-300", "0", "1e-300", "0.5", "1", "99", "100", "1e300"]
        let numbers = try texts.map { try #require(ComparableNumber(parsing: $0)) }
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == texts.count)
    }

    /// A number is comparable exactly when its digits are those that its double is written with.
    @Test func digitsDecide() {
        var random = SeededRandom(seed: 3)
        var kept = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 14...18, using: &random)
            var digits = String(Int.random(in: 1...9, using: &random))
            for _ in 1..<count { digits += String(Int.random(in: 0...9, using: &random)) }
            let point = Int.random(in: 1..<count, using: &random)
            // Half of them are written as a double writes itself.
            var text = digits.prefix(point) + "." + digits.dropFirst(point)
            if Bool.random(using: &random) { text = Substring((Double(text) ?? 0).description) }
            let wanted = Self.isShortest(String(text))
            kept += wanted ? 1 : 0
            let number = ComparableNumber(parsing: String(text))
            #expect((number != nil) == wanted, "\(text)")
            if let number { #expect(number == ComparableNumber(Double(text) ?? .nan), "\(text)") }
        }
        #expect(kept > 7_500 && kept < 19_500)
    }

    private static func isShortest(_ text: String) -> Bool {
        guard let value = Double(text) else { return false }
        return significant(value.description) == significant(text)
    }

    /// Digits without zeros at the ends, and the position of the first among them.
    private static func significant(_ text: String) -> [String] {
        let parts = text.split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = number[0].drop { $0 == "-" }
        let all = whole + (number.count > 1 ? number[1] : "")
        let leading = all.prefix { $0 == "0" }.count
        var digits = Array(all.dropFirst(leading))
        while digits.last == "0" { digits.removeLast() }
        return [String(digits), String(whole.count - leading + exponent)]
    }
}
