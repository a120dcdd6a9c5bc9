/// Why a function cannot be hosted. Errors of running functions are results, not errors: see ``InvocationResult``.
public struct FunctionError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        case invalidConfiguration
        case unknownRuntime
        /// The runtime is Lambda's, but this host cannot run it.
        case unsupportedRuntime
        case missingInterpreter
        case missingExecutable
        case missingCode
        /// No archive at all.
        case unreadablePackage
        /// The archive is damaged, too large or unsafe.
        case invalidPackage
        /// The machine refused something: a file, a process, memory.
        case host
    }

    public var code: Code
    /// What is wrong, where, and how to mend it.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
