/// A JSON value.
///
/// Objects keep the order in which their members were written, and numbers keep whether they were written as integers,
/// because AWS services echo documents as they received them.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    /// A number written without fraction or exponent that fits 64 bits.
    case int(Int64)
    /// Any other number.
    case double(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON {
    @inlinable public var isNull: Bool { if case .null = self { true } else { false } }

    @inlinable public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    @inlinable public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    @inlinable public var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }

    @inlinable public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The number as a double, whichever way it was written.
    @inlinable public var doubleValue: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The number as an integer, when it has no fraction and fits.
    @inlinable public var intValue: Int64? {
        switch self {
        case .int(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    @inlinable public var isNumber: Bool {
        switch self {
        case .int, .double: true
        default: false
        }
    }

    /// The member of that name, when this is an object that has it.
    @inlinable public subscript(key: String) -> JSON? {
        get { if case .object(let object) = self { object[key] } else { nil } }
        set {
            guard case .object(var object) = self else { return }
            self = .null
            object[key] = newValue
            self = .object(object)
        }
    }

    /// The element at that position, when this is an array that reaches so far.
    @inlinable public subscript(index: Int) -> JSON? {
        guard case .array(let array) = self, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// The JSON name of the value's type: `null`, `boolean`, `number`, `string`, `array` or `object`.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// Two numbers are equal when their values are, whichever way they were written; strings compare by their bytes;
/// objects compare without regard to order.
extension JSON: Equatable, Hashable {
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.string(let a), .string(let b)): a.utf8Equals(b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        case (.int, .double), (.double, .int), (.double, .double): left.doubleValue == right.doubleValue
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(Double(value))
        case .double(let value): hasher.combine(value)
        case .string(let value): value.hashUTF8(into: &hasher)
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    @inlinable public init(nilLiteral: ()) { self = .null }
    @inlinable public init(booleanLiteral value: Bool) { self = .bool(value) }
    @inlinable public init(integerLiteral value: Int64) { self = .int(value) }
    @inlinable public init(floatLiteral value: Double) { self = .double(value) }
    @inlinable public init(stringLiteral value: String) { self = .string(value) }
    @inlinable public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    @inlinable public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements))
    }
}

extension JSON {
    @inlinable public init(_ value: some BinaryInteger) {
        self = Int64(exactly: value).map(JSON.int) ?? .double(Double(value))
    }
    @inlinable public init(_ value: Double) { self = .double(value) }
    @inlinable public init(_ value: Bool) { self = .bool(value) }
    @inlinable public init(_ value: String) { self = .string(value) }
}

extension String {
    /// Equality of the UTF-8 bytes: unlike `==`, composed and decomposed characters differ.
    @inlinable public func utf8Equals(_ other: String) -> Bool {
        hasSameBytes(as: other)
    }

    @inlinable func hashUTF8(into hasher: inout Hasher) {
        let hashed: Void? = utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if hashed == nil { for byte in utf8 { hasher.combine(byte) } }
    }
}
