import Core

/// A value of a field or an expression in a query.
enum InsightsValue: Sendable {
    case missing
    case text(String)
    case number(Double)
    case flag(Bool)

    /// Nil for what is not there.
    var text: String? {
        switch self {
        case .missing: nil
        case .text(let text): text
        case .number(let number): Self.text(number)
        case .flag(let flag): flag ? "1" : "0"
        }
    }

    /// Texts that are numbers count as such.
    var number: Double? {
        switch self {
        case .number(let number): number
        case .text(let text):
            text.utf8.first.map { (0x2B...0x39).contains($0) } == true
                ? Double(text).flatMap { $0.isFinite ? $0 : nil } : nil
        case .flag(let flag): flag ? 1 : 0
        case .missing: nil
        }
    }

    var isTrue: Bool {
        switch self {
        case .flag(let flag): flag
        case .number(let number): number != 0
        case .text(let text): text == "true" || number.map { $0 != 0 } ?? false
        case .missing: false
        }
    }

    /// A member of a line that is JSON.
    init(_ json: JSON?) {
        switch json {
        case nil, .null: self = .missing
        case .string(let text): self = .text(text)
        case let json?: self = .text(json.text())
        }
    }

    /// Whole numbers without a fraction, others with at most four digits of it.
    private static func text(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return number.description }
        let rounded = (number * 10_000).rounded() / 10_000
        return rounded == rounded.rounded() ? String(Int64(rounded)) : rounded.description
    }

    // MARK: Order

    /// Natural order: what is missing, then texts, then numbers. Runs of digits in texts are compared by their length
    /// first.
    static func isOrdered(_ left: InsightsValue, before right: InsightsValue) -> Bool {
        switch (left.number, right.number) {
        case (let left?, let right?): return left < right
        case (nil, _?): return true
        case (_?, nil): return false
        case (nil, nil): break
        }
        guard let leftText = left.text, let rightText = right.text else { return left.text == nil && right.text != nil }
        let (left, right) = (chunks(leftText), chunks(rightText))
        for (one, other) in zip(left, right) where one.text != other.text {
            if one.isDigits, other.isDigits, one.text.count != other.text.count {
                return one.text.count < other.text.count
            }
            return one.text.lexicographicallyPrecedes(other.text)
        }
        return left.count < right.count
    }

    /// Runs of digits and of everything else.
    private static func chunks(_ text: String) -> [(text: ArraySlice<UInt8>, isDigits: Bool)] {
        let bytes = Array(text.utf8)
        var chunks: [(text: ArraySlice<UInt8>, isDigits: Bool)] = []
        for (index, byte) in bytes.enumerated() {
            let isDigit = (0x30...0x39).contains(byte)
            if let last = chunks.last, last.isDigits == isDigit {
                chunks[chunks.count - 1].text = bytes[last.text.startIndex...index]
            } else {
                chunks.append((bytes[index...index], isDigit))
            }
        }
        return chunks
    }
}
