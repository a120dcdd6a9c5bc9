public import Core

/// A value of any shape, between the codecs and the generated types.
public enum Value: Sendable {
    /// Not there; also a null element of a list or map.
    case absent
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case timestamp(Timestamp)
    case blob([UInt8])
    case list([Value])
    /// Entries in the order in which they came; keys are unique.
    case map([MapEntry])
    case structure(Record)
    /// Any JSON, for members without a shape of their own.
    case document(JSON)
    /// Bytes that are not held in memory.
    case stream(ByteStream)
    /// Events sent or received one at a time.
    case events(EventStream)

    public var isAbsent: Bool { if case .absent = self { true } else { false } }
}

public struct MapEntry: Sendable {
    public var key: String
    public var value: Value

    public init(key: String, value: Value) {
        self.key = key
        self.value = value
    }
}
