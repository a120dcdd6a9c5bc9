import Wire

/// What a command ends with when it cannot do what it was asked to: one message, and an exit code for scripts.
struct CommandFailure: Error, CustomStringConvertible {
    enum Code: Int32 {
        /// The work itself failed: a function's error, a failed execution.
        case failed = 1
        /// The call was wrong. The argument parser uses 64 as well.
        case usage = 64
        /// Something that was named does not exist.
        case notFound = 66
        /// No host answers.
        case unreachable = 69
        /// The project directory holds mistakes.
        case invalidProject = 65

        /// What a refusal of the host's own API means.
        init(status: Int) {
            switch status {
            case 400: self = .usage
            case 404: self = .notFound
            default: self = .failed
            }
        }
    }

    var description: String
    var exitCode: Code

    init(_ description: String, exitCode: Code = .failed) {
        self.description = description
        self.exitCode = exitCode
    }

    init(_ error: AWSError, operation: String) {
        let isMissing = error.code.contains("NotFound") || error.code.contains("DoesNotExist") || error.status == 404
        self.init(
            "\(operation): \(error.message ?? error.code) (\(error.code))", exitCode: isMissing ? .notFound : .failed)
    }
}
