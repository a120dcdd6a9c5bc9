import Core

/// A parsed call such as `States.Format('{} of {}', $.part, States.ArrayLength($.all))`.
public struct IntrinsicCall: Sendable, Hashable {
    /// As the definition has it, for error texts.
    public let text: String
    public let function: IntrinsicFunction
    let arguments: [IntrinsicArgument]
}

/// The functions of JSONPath payload templates.
public enum IntrinsicFunction: String, Sendable, Hashable, CaseIterable {
    case array = "States.Array"
    case arrayContains = "States.ArrayContains"
    case arrayGetItem = "States.ArrayGetItem"
    case arrayLength = "States.ArrayLength"
    case arrayPartition = "States.ArrayPartition"
    case arrayRange = "States.ArrayRange"
    case arrayUnique = "States.ArrayUnique"
    case base64Decode = "States.Base64Decode"
    case base64Encode = "States.Base64Encode"
    case format = "States.Format"
    case hash = "States.Hash"
    case jsonMerge = "States.JsonMerge"
    case jsonToString = "States.JsonToString"
    case mathAdd = "States.MathAdd"
    case mathRandom = "States.MathRandom"
    case stringSplit = "States.StringSplit"
    case stringToJson = "States.StringToJson"
    case uuid = "States.UUID"

    /// How many arguments the function takes.
    public var arity: ClosedRange<Int> {
        switch self {
        case .array: 0...Int.max
        case .format: 1...Int.max
        case .uuid: 0...0
        case .arrayLength, .arrayUnique, .base64Decode, .base64Encode, .jsonToString, .stringToJson: 1...1
        case .arrayContains, .arrayGetItem, .arrayPartition, .hash, .mathAdd, .stringSplit: 2...2
        case .arrayRange, .jsonMerge: 3...3
        case .mathRandom: 2...3
        }
    }
}

indirect enum IntrinsicArgument: Sendable, Hashable {
    /// A string in single quotes, as it stands between them: its escapes mean different things to different functions.
    case string(IntrinsicString)
    /// A number, boolean or null.
    case literal(JSON)
    case path(JSONPath)
    case call(IntrinsicCall)
}

/// A string argument.
struct IntrinsicString: Sendable, Hashable {
    /// The value with its escapes resolved.
    let value: String
    /// The pieces between the `{}` placeholders.
    let pieces: [String]
}
