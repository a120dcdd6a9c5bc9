/// The members of a structure, by their index in its schema. Every generated shape is a typed view of one.
///
/// One array a structure keeps generated types one word wide, so that hundreds of them cost little to compile, to
/// copy and to destroy, and lets every codec and the validator work from the schema alone.
public struct Record: Sendable {
    public let schema: ShapeSchema
    public internal(set) var values: [Value]

    public init(_ schema: ShapeSchema) {
        self.schema = schema
        values = Array(repeating: .absent, count: schema.members.count)
    }

    /// The member of that index, as whatever it is.
    public subscript(raw index: Int) -> Value {
        get { values[index] }
        set { values[index] = newValue }
    }

    /// Whether the member was given.
    public func has(_ index: Int) -> Bool { !values[index].isAbsent }

    /// The member of that name as the model spells it; absent when there is none.
    public subscript(member name: String) -> Value {
        get { schema.member(named: name).map { values[$0.index] } ?? .absent }
        set { if let member = schema.member(named: name) { values[member.index] = newValue } }
    }

    public subscript<T: ShapeValue>(_ index: Int) -> T? {
        get { T(wire: values[index]) }
        // Not a key path: of a generic type it is made anew each time.
        set { values[index] = if let newValue { newValue.wire } else { .absent } }
    }

    /// A member that the model demands. It is only missing where the service left it out itself or where its checks
    /// are the service's own; it then reads as empty.
    public subscript<T: ShapeValue>(required index: Int) -> T {
        get { T(wire: values[index]) ?? T.empty }
        set { values[index] = newValue.wire }
    }
}
