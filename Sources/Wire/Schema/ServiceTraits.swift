/// What a service's model says of the service as a whole: the first lines of its table.
public struct ServiceTraits: Sendable {
    /// The name in the command line tools, such as `stepfunctions`.
    public internal(set) var id = ""
    /// The full name, such as `AWS Step Functions`.
    public internal(set) var title = ""
    /// The first label of the service's hosts, such as `states`.
    public internal(set) var endpointPrefix = ""
    /// The service in the scope of signatures.
    public internal(set) var signingName = ""
    /// What stands before the operation in `X-Amz-Target`.
    public internal(set) var targetPrefix: String?
    public internal(set) var apiVersion = ""
    /// The protocols in which the service answers, its own first.
    public internal(set) var protocols: [ProtocolName] = []
    public internal(set) var xmlNamespace: String?
    /// Errors of the JSON protocol also carry the code of the older query protocol.
    public internal(set) var isQueryCompatible = false
    /// Error code for values that break the model's constraints; nil when the service checks them itself.
    public internal(set) var validationCode: String?
    /// Those errors name the member that is wrong and repeat neither its value nor the values that it may have.
    public internal(set) var hidesInvalidValues = false
    /// Times are always written with three digits of milliseconds.
    public internal(set) var writesMilliseconds = false
    /// Errors of the XML protocol stand without an enclosing element.
    public internal(set) var hasBareErrors = false

    init() {}

    /// Reads those lines alone, which takes no time. A table that cannot be read is a defect of the build and stops it.
    public init(table: StaticString) {
        var reader = ModelTableReader(table)
        do {
            self = try reader.readTraits()
        } catch {
            preconditionFailure("model table: \(error)")
        }
    }
}

/// The protocols of AWS's services, by their names in the models.
public enum ProtocolName: String, Sendable, CaseIterable {
    case json10 = "json-1.0"
    case json11 = "json-1.1"
    case query
    case restJSON = "rest-json"
    case restXML = "rest-xml"
    case rpcV2CBOR = "smithy-rpc-v2-cbor"
}
