import Core

/// Measures payloads without writing them, so that a state's output can be held to the service's limits.
public enum PayloadMeasure {
    /// The bound on inputs, outputs and variables, in bytes of UTF-8.
    public static let maximumBytes = 262_144
    /// The bound on arrays and objects inside one another; every reader of JSON that AWS uses has the same.
    public static let maximumDepth = 1000

    /// Whether the value's JSON text has at most that many bytes and nests no deeper than allowed.
    ///
    /// Stops as soon as the answer is known.
    public static func fits(_ value: JSON, bytes limit: Int = maximumBytes) -> Bool {
        var left = limit
        return take(value, from: &left, depth: 0)
    }

    private static func take(_ value: JSON, from left: inout Int, depth: Int) -> Bool {
        switch value {
        case .null: left -= 4
        case .bool(let value): left -= value ? 4 : 5
        case .int(let value): left -= decimalLength(value)
        case .double(let value): left -= value.description.utf8.count
        case .string(let text): left -= quotedLength(text)
        case .array(let elements):
            guard depth < maximumDepth else { return false }
            left -= 2 + max(0, elements.count - 1)
            for element in elements {
                guard left >= 0, take(element, from: &left, depth: depth + 1) else { return false }
            }
        case .object(let object):
            guard depth < maximumDepth else { return false }
            left -= 2 + max(0, object.count - 1)
            for (key, member) in object {
                left -= quotedLength(key) + 1
                guard left >= 0, take(member, from: &left, depth: depth + 1) else { return false }
            }
        }
        return left >= 0
    }

    private static func decimalLength(_ value: Int64) -> Int {
        var digits = value < 0 ? 2 : 1
        var rest = value.magnitude
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        return digits
    }

    private static func quotedLength(_ text: String) -> Int {
        var length = text.utf8.count + 2
        for byte in text.utf8 where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            switch byte {
            case 0x22, 0x5C, 0x0A, 0x0D, 0x09, 0x08, 0x0C: length += 1
            default: length += 5
            }
        }
        return length
    }
}
