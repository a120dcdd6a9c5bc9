import Core

/// What an expression yields while it is evaluated.
///
/// JSON passes through untouched. An array that came out of a path or a constructor carries traits, which decide
/// whether it is flattened into its surroundings and whether a single element stands for it. A function that is put
/// into an array or object is kept by the evaluation and represented there by a handle (see `FunctionHandle`), so
/// that containers always are plain JSON.
enum Value {
    case undefined
    case json(JSON)
    case array([JSON], ArrayTraits)
    case function(Function)
    /// A function that was bound where it was written; it becomes a closure over that frame when it is looked up,
    /// which spares the cycle of a frame that owns a closure that owns the frame.
    case localFunction(LambdaNode, input: ValueBox)
    /// The mark of a variable that has not been bound yet.
    case unbound
    /// A call in tail position, which the caller finds in the evaluation and performs in a loop.
    case tailCall
}

/// A value behind a reference, to keep `Value` small.
final class ValueBox {
    let value: Value
    init(_ value: Value) { self.value = value }
}

struct ArrayTraits: OptionSet {
    let rawValue: UInt8

    /// A sequence: it flattens, and a single element stands for the whole.
    static let sequence = ArrayTraits(rawValue: 1)
    /// A sequence that stays an array even with a single element.
    static let keepsSingleton = ArrayTraits(rawValue: 2)
    /// An explicitly constructed array, which is one value and does not flatten into a path's result.
    static let isOneValue = ArrayTraits(rawValue: 4)
    /// The arrays inside are explicitly constructed.
    static let elementsAreValues = ArrayTraits(rawValue: 8)
    /// The wrapper around an input that is itself an array.
    static let wrapsInput = ArrayTraits(rawValue: 16)
}

extension Value {
    @inline(__always) init(_ value: Bool) { self = .json(.bool(value)) }
    @inline(__always) init(_ value: String) { self = .json(.string(value)) }
    @inline(__always) init(_ value: Int) { self = .json(.int(Int64(value))) }

    /// The number, as an integer where it is one that doubles hold exactly.
    @inline(__always) init(_ value: Double) { self = .json(JSON(number: value)) }

    @inline(__always) var isUndefined: Bool { if case .undefined = self { true } else { false } }

    /// The elements of any kind of array.
    @inline(__always) var elements: [JSON]? {
        switch self {
        case .json(.array(let elements)), .array(let elements, _): elements
        default: nil
        }
    }

    @inline(__always) var isSequence: Bool {
        if case .array(_, let traits) = self { traits.contains(.sequence) } else { false }
    }

    @inline(__always) var isFunction: Bool { if case .function = self { true } else { false } }

    @inline(__always) var number: Double? {
        switch self {
        case .json(.int(let value)): Double(value)
        case .json(.double(let value)): value
        default: nil
        }
    }

    @inline(__always) var string: String? { if case .json(.string(let text)) = self { text } else { nil } }

    @inline(__always) var object: JSONObject? { if case .json(.object(let object)) = self { object } else { nil } }

    /// The value as messages show it; functions have no JSON form.
    var shown: JSON? {
        switch self {
        case .json(let value): value
        case .array(let elements, _): .array(elements)
        default: nil
        }
    }

    /// An empty sequence is nothing, and one element stands for itself unless the sequence keeps arrays.
    @inline(__always) func normalized(_ run: Evaluation) -> Value {
        guard case .array(let elements, let traits) = self, traits.contains(.sequence), elements.count <= 1 else {
            return self
        }
        guard let only = elements.first else { return .undefined }
        return traits.contains(.keepsSingleton) ? self : run.value(of: only, in: traits)
    }

    /// The same for an expression that was followed by `[]`.
    func keepingSingleton() -> Value {
        guard case .array(let elements, let traits) = self, traits.contains(.sequence), !elements.isEmpty else {
            return self
        }
        return .array(elements, traits.union(.keepsSingleton))
    }
}

extension JSON {
    /// JavaScript knows one kind of number; results are written as integers when doubles hold them exactly.
    @inline(__always) init(number value: Double) {
        if value.magnitude <= 9_007_199_254_740_992 {
            let integer = Int64(value)
            self = Double(integer) == value ? .int(integer) : .double(value)
        } else {
            self = .double(value)
        }
    }
}
