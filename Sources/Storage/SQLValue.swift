import Core

/// One value of a parameter or a column. Booleans are the integers 0 and 1, instants are epoch milliseconds.
public enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

extension SQLValue {
    /// An integer of any width. Values beyond 64 bits are clamped: no column holds them.
    @inlinable public static func int(_ value: some BinaryInteger) -> SQLValue { .integer(Int64(clamping: value)) }

    @inlinable public static func int(_ value: (some BinaryInteger)?) -> SQLValue {
        if let value { .integer(Int64(clamping: value)) } else { .null }
    }

    @inlinable public static func bool(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }

    /// Epoch milliseconds.
    @inlinable public static func time(_ value: Timestamp) -> SQLValue { .integer(value.milliseconds) }

    @inlinable public static func time(_ value: Timestamp?) -> SQLValue {
        if let value { .integer(value.milliseconds) } else { .null }
    }

    @inlinable public static func optional(_ value: String?) -> SQLValue {
        if let value { .text(value) } else { .null }
    }

    @inlinable public static func optional(_ value: [UInt8]?) -> SQLValue {
        if let value { .blob(value) } else { .null }
    }

    @inlinable public static func optional(_ value: Double?) -> SQLValue {
        if let value { .real(value) } else { .null }
    }

    @inlinable public var isNull: Bool { if case .null = self { true } else { false } }

    /// For messages: `text`, `integer`, …
    public var typeName: String {
        switch self {
        case .null: "null"
        case .integer: "integer"
        case .real: "real"
        case .text: "text"
        case .blob: "blob"
        }
    }
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByStringInterpolation
{
    @inlinable public init(nilLiteral: ()) { self = .null }
    @inlinable public init(integerLiteral value: Int64) { self = .integer(value) }
    @inlinable public init(floatLiteral value: Double) { self = .real(value) }
    @inlinable public init(stringLiteral value: String) { self = .text(value) }
    @inlinable public init(booleanLiteral value: Bool) { self = .bool(value) }
}
