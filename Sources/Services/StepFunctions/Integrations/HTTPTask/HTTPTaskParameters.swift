import Core
import Wire

/// The parameters of `http:invoke`.
struct HTTPTaskParameters {
    let endpoint: String
    let method: String
    let connectionARN: String
    let headers: [(name: String, value: String)]
    let query: [(name: String, value: String)]
    let body: JSON?
    /// Nil sends the body as JSON.
    let arrayFormat: FormEncoding.ArrayFormat?

    private static let methods: Set<String> = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]

    init(_ parameters: JSON) throws(TaskParameterProblem) {
        endpoint = try Self.text("ApiEndpoint", in: parameters)
        method = try Self.text("Method", in: parameters)
        guard endpoint.hasPrefix("https://") || endpoint.hasPrefix("http://") else { throw .format("ApiEndpoint") }
        guard Self.methods.contains(method) else { throw .format("Method") }
        let configuration = parameters["InvocationConfig"] ?? parameters["Authentication"]
        guard let configuration else { throw .missing("InvocationConfig") }
        connectionARN = try Self.text("ConnectionArn", in: configuration)
        headers = try Self.pairs("Headers", in: parameters)
        if let refused = headers.first(where: { Self.isReserved($0.name) }) {
            throw TaskParameterProblem(message: "The header '\(refused.name)' cannot be set by a task")
        }
        query = try Self.pairs("QueryParameters", in: parameters)
        body = parameters["RequestBody"].flatMap { $0.isNull ? nil : $0 }
        arrayFormat = try Self.arrayFormat(parameters["Transform"])
    }

    private static func text(_ name: String, in parameters: JSON) throws(TaskParameterProblem) -> String {
        guard let value = parameters[name] else { throw .missing(name) }
        guard let text = value.stringValue, !text.isEmpty else { throw .format(name) }
        return text
    }

    /// An object whose values are scalars, or lists of them for names that are given several times.
    private static func pairs(
        _ name: String, in parameters: JSON
    ) throws(TaskParameterProblem) -> [(name: String, value: String)] {
        guard let value = parameters[name], !value.isNull else { return [] }
        guard case .object(let object) = value else { throw .format(name) }
        return object.flatMap { key, value -> [(name: String, value: String)] in
            (value.arrayValue ?? [value]).map { (key, $0.stringValue ?? $0.text()) }
        }
    }

    private static func arrayFormat(_ transform: JSON?) throws(TaskParameterProblem) -> FormEncoding.ArrayFormat? {
        switch transform?["RequestBodyEncoding"]?.stringValue {
        case nil, "NONE": return nil
        case "URL_ENCODED":
            guard let name = transform?["RequestEncodingOptions"]?["ArrayFormat"]?.stringValue else { return .indices }
            guard let format = FormEncoding.ArrayFormat(rawValue: name) else { throw .format("ArrayFormat") }
            return format
        default: throw .format("RequestBodyEncoding")
        }
    }

    // MARK: Headers that are not the task's

    private static let reserved: Set<String> = [
        "a-im", "accept-charset", "accept-datetime", "accept-encoding", "authorization", "cache-control", "connection",
        "content-encoding", "content-md5", "date", "expect", "forwarded", "from", "host", "http2-settings", "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "max-forwards", "origin", "pragma",
        "proxy-authorization", "referer", "server", "te", "trailer", "transfer-encoding", "upgrade", "via", "warning",
    ]

    private static func isReserved(_ name: String) -> Bool {
        let name = name.lowercased()
        return reserved.contains(name)
            || ["x-forwarded-", "x-amz-", "x-amzn-"].contains { name.hasPrefix($0) }
    }
}

extension TaskParameterProblem {
    static func missing(_ name: String) -> TaskParameterProblem {
        TaskParameterProblem(message: "The field '\(name)' is required but was missing")
    }

    static func format(_ name: String) -> TaskParameterProblem {
        TaskParameterProblem(message: "The value of the field '\(name)' has an invalid format")
    }
}
