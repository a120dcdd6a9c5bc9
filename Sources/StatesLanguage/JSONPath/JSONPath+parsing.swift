extension JSONPath {
    /// Compiles a path: `$.a[0]`, `$$.Execution.Id`, `$name.field`.
    public init(parsing text: String) throws(PathSyntaxError) {
        var parser = JSONPathParser(text)
        self = try parser.parseWhole()
    }
}

extension JSONPath: CustomStringConvertible {
    public var description: String { text }
}
