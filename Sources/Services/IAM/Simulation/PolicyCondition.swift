import Core
import Glibc

/// One line of a statement's conditions: an operator, a key and the values that are asked for.
struct PolicyCondition {
    private enum Quantifier {
        case one, any, all
    }

    let key: String
    private let wanted: [String]
    private let comparison: Substring
    private let quantifier: Quantifier
    private let isNegated: Bool
    /// Holds where the key has no value.
    private let isLenient: Bool

    init(_ name: String, key: String, _ values: JSON) {
        self.key = key
        wanted = (values.arrayValue ?? [values]).map { $0.stringValue ?? $0.text() }
        var name = name[...]
        var quantifier = Quantifier.one
        for (prefix, kind) in [("ForAnyValue:", Quantifier.any), ("ForAllValues:", .all)] where name.hasPrefix(prefix) {
            quantifier = kind
            name = name.dropFirst(prefix.utf8.count)
        }
        self.quantifier = quantifier
        let isIfExists = name.hasSuffix("IfExists")
        if isIfExists { name = name.dropLast(8) }
        let negation = name.ranges(of: "Not").first
        isNegated = negation != nil
        if let negation { name = name[..<negation.lowerBound] + name[negation.upperBound...] }
        comparison = name
        isLenient = isIfExists || isNegated
    }

    func holds(_ request: SimulatedRequest) -> Bool {
        let values = request.values(key)
        if comparison == "Null" { return wanted.contains { ($0.lowercased() == "true") == (values == nil) } }
        guard let values, !values.isEmpty else { return quantifier == .all || quantifier == .one && isLenient }
        let patterns = wanted.compactMap(request.filled)
        func matches(_ value: String) -> Bool {
            patterns.contains { compare(value, $0) } != isNegated
        }
        return switch quantifier {
        case .any: values.contains(where: matches)
        case .all: values.allSatisfy(matches)
        case .one: isNegated ? values.allSatisfy(matches) : values.contains(where: matches)
        }
    }

    /// Without the negation, whose place in the name differs: `StringNotLike`, `NotIpAddress`.
    private func compare(_ value: String, _ wanted: String) -> Bool {
        switch comparison {
        case "StringEquals", "BinaryEquals": return value == wanted
        case "StringEqualsIgnoreCase", "Bool": return value.lowercased() == wanted.lowercased()
        case "StringLike": return PolicyWildcard.matches(value, wanted)
        case "ArnEquals", "ArnLike": return PolicyWildcard.matchesARN(value, wanted)
        case "IpAddress": return AddressRange(wanted)?.contains(value) ?? false
        default:
            if comparison.hasPrefix("Numeric") {
                return Self.compare(Double(value), Double(wanted), comparison.dropFirst(7))
            }
            return Self.compare(Self.seconds(value), Self.seconds(wanted), comparison.dropFirst(4))
        }
    }

    private static func compare(_ value: Double?, _ wanted: Double?, _ relation: Substring) -> Bool {
        guard let value, let wanted else { return false }
        return switch relation {
        case "Equals": value == wanted
        case "LessThan": value < wanted
        case "LessThanEquals": value <= wanted
        case "GreaterThan": value > wanted
        case "GreaterThanEquals": value >= wanted
        default: false
        }
    }

    /// A point in time, written as such or as seconds since 1970.
    private static func seconds(_ text: String) -> Double? {
        Double(text) ?? Timestamp(rfc3339: text).map { Double($0.milliseconds) / 1000 }
    }
}

/// Addresses that begin with the same bits, such as `203.0.113.0/24`.
private struct AddressRange {
    private let bytes: [UInt8]
    private let length: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard let first = parts.first, let bytes = Self.bytes(String(first)) else { return nil }
        self.bytes = bytes
        guard let length = parts.count > 1 ? Int(parts[1]) : bytes.count * 8, 0...bytes.count * 8 ~= length else {
            return nil
        }
        self.length = length
    }

    func contains(_ text: String) -> Bool {
        guard let other = Self.bytes(text), other.count == bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            let differing = bytes[bit / 8] ^ other[bit / 8]
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return differing & mask == 0
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
