/// One operation of a service: its name, its place on HTTP and its shapes.
public final class OperationSchema: Sendable {
    public let name: String
    public let index: Int
    public let method: String
    public let uri: URITemplate
    public let successStatus: Int
    /// Structures; an operation without parameters or results has a structure without members.
    public let input: ShapeSchema
    public let output: ShapeSchema
    /// The element around the result in the query protocol.
    public let resultWrapper: String?
    /// The label that clients put before the endpoint's host, such as `sync-`.
    public let hostPrefix: String?
    /// False for operations that the model has and this program does not.
    public let isSupported: Bool
    /// The operation that answers in its stead: its requests look the same, as those of a deprecated form do.
    public let answeredBy: String?
    /// Requests that carry no signature, such as `AssumeRoleWithWebIdentity`.
    public let isAnonymous: Bool
    /// The input member from which the name of the requested checksum algorithm is read.
    public let checksumAlgorithmMember: Int?
    /// The code of errors for values that break the model's constraints, where it is not the service's usual one.
    public let validationCode: String?
    /// The largest request body in bytes, where the service names one.
    public let bodyLimit: Int?
    /// True when the request body may be an arbitrary number of bytes that are not to be held in memory.
    public let streamsInput: Bool
    /// The output member that is the status.
    let statusMember: Int?
    /// The output member that says which part of the whole is sent.
    let rangeMember: Int?

    init(
        name: String, index: Int, method: String, uri: URITemplate, successStatus: Int, input: ShapeSchema,
        output: ShapeSchema, traits: OperationTraits
    ) {
        self.name = name
        self.index = index
        self.method = method
        self.uri = uri
        self.successStatus = successStatus
        self.input = input
        self.output = output
        resultWrapper = traits.resultWrapper
        hostPrefix = traits.hostPrefix
        isSupported = traits.isSupported
        answeredBy = traits.answeredBy
        isAnonymous = traits.isAnonymous
        checksumAlgorithmMember = traits.checksumAlgorithm.flatMap { input.member(named: $0)?.index }
        validationCode = traits.validationCode
        bodyLimit = traits.bodyLimit
        streamsInput = input.members.contains { $0.isStreaming }
        statusMember = output.bindings.first { $0.location == .statusCode }?.index
        rangeMember = output.bindings.first { $0.location == .header && $0.wireName == "Content-Range" }?.index
    }
}

struct OperationTraits {
    var resultWrapper: String?
    var hostPrefix: String?
    var isSupported = true
    var answeredBy: String?
    var isAnonymous = false
    var checksumAlgorithm: String?
    var validationCode: String?
    var bodyLimit: Int?
}
