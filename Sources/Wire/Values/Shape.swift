/// A generated structure: a typed view of a record.
public protocol Shape: ShapeValue {
    static var schema: ShapeSchema { get }
    var record: Record { get set }
    init(record: Record)
}

extension Shape {
    /// With every member left out.
    public init() { self.init(record: Record(Self.schema)) }

    /// With the members that the closure sets: `Tag { $0.key = "team"; $0.value = "blue" }`.
    public init(_ fill: (inout Self) -> Void) {
        self.init()
        fill(&self)
    }

    public init?(wire: Value) {
        guard case .structure(let record) = wire else { return nil }
        self.init(record: record)
    }

    public var wire: Value { .structure(record) }

    public static var empty: Self { Self() }
}

/// A generated enumeration: the values that the model knows are constants, others pass through as they came.
public protocol EnumShape: ShapeValue, RawRepresentable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible
where RawValue == String {
    init(rawValue: String)
}

extension EnumShape {
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    public init?(wire: Value) {
        guard case .string(let text) = wire else { return nil }
        self.init(rawValue: text)
    }

    public var wire: Value { .string(rawValue) }

    public static var empty: Self { Self(rawValue: "") }

    public var description: String { rawValue }
}
