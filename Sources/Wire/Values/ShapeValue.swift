public import Core

/// A Swift type that members of generated shapes can have.
public protocol ShapeValue: Sendable {
    /// Nil when the value is absent or of another kind.
    init?(wire: Value)
    var wire: Value { get }
    /// What a required member reads as when it is missing.
    static var empty: Self { get }
}

extension String: ShapeValue {
    public init?(wire: Value) {
        guard case .string(let text) = wire else { return nil }
        self = text
    }
    public var wire: Value { .string(self) }
    public static var empty: String { "" }
}

extension Int: ShapeValue {
    public init?(wire: Value) {
        guard case .integer(let number) = wire else { return nil }
        self = Int(number)
    }
    public var wire: Value { .integer(Int64(self)) }
    public static var empty: Int { 0 }
}

extension Double: ShapeValue {
    public init?(wire: Value) {
        switch wire {
        case .double(let number): self = number
        case .integer(let number): self = Double(number)
        default: return nil
        }
    }
    public var wire: Value { .double(self) }
    public static var empty: Double { 0 }
}

extension Bool: ShapeValue {
    public init?(wire: Value) {
        guard case .bool(let flag) = wire else { return nil }
        self = flag
    }
    public var wire: Value { .bool(self) }
    public static var empty: Bool { false }
}

extension Timestamp: ShapeValue {
    public init?(wire: Value) {
        guard case .timestamp(let instant) = wire else { return nil }
        self = instant
    }
    public var wire: Value { .timestamp(self) }
    public static var empty: Timestamp { Timestamp(milliseconds: 0) }
}

extension JSON: ShapeValue {
    public init?(wire: Wire.Value) {
        guard case .document(let json) = wire else { return nil }
        self = json
    }
    public var wire: Wire.Value { .document(self) }
    public static var empty: JSON { .null }
}

extension Array: ShapeValue where Element: ShapeValue {
    public init?(wire: Value) {
        guard case .list(let values) = wire else { return nil }
        self = values.map { Element(wire: $0) ?? Element.empty }
    }
    public var wire: Value { .list(map { $0.wire }) }
    public static var empty: [Element] { [] }
}

extension Dictionary: ShapeValue where Key == String, Value: ShapeValue {
    public init?(wire: Wire.Value) {
        guard case .map(let entries) = wire else { return nil }
        self.init(minimumCapacity: entries.count)
        for entry in entries { self[entry.key] = Value(wire: entry.value) ?? Value.empty }
    }
    /// In the order of the keys, so that the same value is written the same way every time.
    public var wire: Wire.Value {
        .map(sorted { $0.key < $1.key }.map { MapEntry(key: $0.key, value: $0.value.wire) })
    }
    public static var empty: [String: Value] { [:] }
}

/// Bytes that a member holds, such as a function's payload.
public struct Blob: ShapeValue, Hashable {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public init(_ text: String) { bytes = Array(text.utf8) }

    public init?(wire: Value) {
        guard case .blob(let bytes) = wire else { return nil }
        self.bytes = bytes
    }
    public var wire: Value { .blob(bytes) }
    public static var empty: Blob { Blob([]) }
}
