/// One mistake in a project directory: where it is, what is wrong and how to mend it.
public struct ProjectProblem: Error, Hashable, Sendable {
    /// Relative to the project directory.
    public var file: String
    public var mark: SourceMark?
    /// The field's path, such as `Events.Drop.Properties.Bucket`; empty for the file as a whole.
    public var field: String
    public var message: String
    /// What to write instead.
    public var mend: String?

    public init(file: String, mark: SourceMark? = nil, field: String = "", message: String, mend: String? = nil) {
        self.file = file
        self.mark = mark
        self.field = field
        self.message = message
        self.mend = mend
    }
}

extension [ProjectProblem] {
    /// File by file, from the top of each to its end.
    public var inOrderOfPlaces: [ProjectProblem] {
        func place(_ problem: ProjectProblem) -> (String, Int, Int) {
            (problem.file, problem.mark?.line ?? 0, problem.mark?.column ?? 0)
        }
        return sorted { place($0) < place($1) }
    }
}

extension ProjectProblem: CustomStringConvertible {
    /// `functions/hello/function.yaml:4:10: Timeout: 9000 is too long. Write a number of seconds from 1 to 900.`
    public var description: String {
        let place = mark.map { "\(file):\($0.line):\($0.column)" } ?? file
        let subject = field.isEmpty ? "" : "\(field): "
        let gap = message.contains("\n") ? "\n" : " "
        return "\(place): \(subject)\(message)" + (mend.map { gap + $0 } ?? "")
    }
}
