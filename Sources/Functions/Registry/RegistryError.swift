/// Why the registry refuses something, with the name of Lambda's exception.
public struct RegistryError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        case resourceNotFound = "ResourceNotFoundException"
        case resourceConflict = "ResourceConflictException"
        case preconditionFailed = "PreconditionFailedException"
        case invalidParameterValue = "InvalidParameterValueException"
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    static func functionNotFound(_ reference: FunctionVersionReference) -> RegistryError {
        RegistryError(.resourceNotFound, "Function not found: \(reference.arn)")
    }

    static let revisionMismatch = RegistryError(
        .preconditionFailed,
        "The Revision Id provided does not match the latest Revision Id. "
            + "Call the GetFunction/GetAlias API to retrieve the latest Revision Id")
}
