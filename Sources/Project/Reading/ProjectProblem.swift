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

extension ProjectProblem: CustomStringConvertible {
    /// `functions/hello/function.yaml:4:10: Timeout: 9000 is too long. Write a number of seconds from 1 to 900.`
    public var description: String {
        let place = mark.map { "\(file):\($0.line):\($0.column)" } ?? file
        let subject = field.isEmpty ? "" : "\(field): "
        let gap = message.contains("\n") ? "\n" : " "
        return "\(place): \(subject)\(message)" + (mend.map { gap + $0 } ?? "")
    }
}
