/// A service, translated: what the renderer needs and nothing else.
struct ServiceDescription {
    /// The namespace in Swift.
    var name: String
    /// botocore's name.
    var id: String
    /// There is a model table and nothing else.
    var isAnswersOnly: Bool
    /// Lines below `service` in the model table.
    var traits: [String]
    /// Supported ones first, then unsupported ones; each group sorted by name.
    var operations: [OperationDescription]
    /// Sorted by name.
    var shapes: [ShapeDescription]
    var errors: [ErrorDescription]
}

struct OperationDescription {
    var name: String
    /// The line in the model table.
    var line: String
    var isSupported: Bool
    /// The Swift types; nil where the model has none.
    var input: String?
    var output: String?
}

struct ShapeDescription {
    var name: String
    /// The line in the model table with those of the members.
    var lines: [String]
    var index: Int
    var swift: SwiftForm

    enum SwiftForm {
        /// A scalar or container without a type of its own.
        case none
        case structure(name: String, members: [MemberDescription])
        case enumeration(name: String, cases: [(name: String, value: String)])
    }
}

struct MemberDescription {
    var name: String
    var type: String
    var isRequired: Bool
}

struct ErrorDescription {
    var function: String
    var code: String
}
