/// What an expression refers to that it does not define itself, known without evaluating it.
public struct JSONataReferences: Sendable, Equatable {
    /// A variable that neither the expression nor the function library binds at that place.
    public struct Variable: Sendable, Equatable {
        /// Without the dollar sign.
        public var name: String
        /// The names that follow it as plain steps: `["input", "order"]` for `$states.input.order[0]`.
        public var path: [String]
        /// Count of UTF-16 units up to the end of the variable's name.
        public var position: Int

        public init(name: String, path: [String], position: Int) {
            self.name = name
            self.path = path
            self.position = position
        }
    }

    /// Every occurrence, in the order of the source.
    public var variables: [Variable] = []
    /// End positions of `$` where it means the input of the whole expression.
    public var inputReferences: [Int] = []
    /// End positions of `$$`.
    public var rootReferences: [Int] = []
    /// Field names that are looked up in the input of the whole expression, with their end positions.
    public var inputFields: [Variable] = []
    /// Names of the library functions that are mentioned, without the dollar sign, in the order of the source.
    public var functions: [String] = []

    public init() {}

    /// The names of the free variables, each once.
    public var variableNames: Set<String> { Set(variables.map(\.name)) }

    /// The paths below `$states`, such as `["context", "Execution", "Id"]`.
    public var statesPaths: [[String]] { variables.filter { $0.name == "states" }.map(\.path) }
}
