/// What stands at a place in the pattern's text.
enum PatternToken: Equatable {
    case startObject, endObject, startArray, endArray
    case fieldName
    case string
    case integer, float
    case `true`, `false`, null

    var isNumeric: Bool { self == .integer || self == .float }

    var isScalar: Bool {
        switch self {
        case .string, .integer, .float, .true, .false, .null: true
        default: false
        }
    }
}
