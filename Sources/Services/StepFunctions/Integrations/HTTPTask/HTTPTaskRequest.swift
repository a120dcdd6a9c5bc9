import Core
import Events
import OutgoingHTTP
import Wire
import Workflows

/// The request of an HTTP task: what the task says, and over it what the connection says.
struct HTTPTaskRequest {
    private(set) var headers: [(name: String, value: String)]
    let url: String
    let body: String?
    private let parameters: HTTPTaskParameters

    /// Milliseconds that AWS waits for the answer.
    private static let timeout = 60_000
    /// More than a result may have.
    static let responseLimit = 262_144

    /// - Parameter connection: nil for what may be shown without the connection's secrets.
    init(
        _ parameters: HTTPTaskParameters, _ connection: ConnectionParameters?, region: String
    ) throws(TaskParameterProblem) {
        self.parameters = parameters
        headers = Self.merge(parameters.headers, connection?.headers ?? [], ignoringCase: true)
        headers.append(("User-Agent", "Amazon|StepFunctions|HttpInvoke|\(region)"))
        headers.append(("Range", "bytes=0-\(Self.responseLimit)"))
        let query = Self.merge(parameters.query, connection?.query ?? [], ignoringCase: false)
            .map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
        let separator = parameters.endpoint.contains("?") ? "&" : "?"
        url = parameters.endpoint + (query.isEmpty ? "" : separator + query)
        body = try Self.body(parameters, connection?.body ?? [])
    }

    /// What the connection has takes the place of what the task has under the same name.
    private static func merge(
        _ own: [(name: String, value: String)], _ added: [(name: String, value: String)], ignoringCase: Bool
    ) -> [(name: String, value: String)] {
        func key(_ name: String) -> String { ignoringCase ? name.lowercased() : name }
        let names = Set(added.map { key($0.name) })
        return own.filter { !names.contains(key($0.name)) } + added
    }

    private static func body(
        _ parameters: HTTPTaskParameters, _ added: [(name: String, value: String)]
    ) throws(TaskParameterProblem) -> String? {
        var body = parameters.body
        if !added.isEmpty {
            switch body ?? .object([:]) {
            case .object(var object):
                for (name, value) in added { object[name] = .string(value) }
                body = .object(object)
            default:
                throw TaskParameterProblem(
                    message: "The field 'RequestBody' must be an object when the connection has body parameters")
            }
        }
        switch (body, parameters.arrayFormat) {
        case (nil, _): return nil
        case (.string(let text)?, _): return text
        case (.object(let object)?, let format?): return FormEncoding(format: format).encode(object)
        case (let value?, _): return value.text()
        }
    }

    /// As it goes over the wire.
    var request: HTTPRequest {
        var headers = headers
        if body != nil, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("Content-Type", "application/json; charset=UTF-8"))
        }
        return HTTPRequest(
            parameters.method, url, headers: headers, body: Array((body ?? "").utf8), timeout: Self.timeout,
            responseLimit: Self.responseLimit)
    }

    /// As a test of the state shows it.
    var shown: TaskTrace.HTTPExchange {
        TaskTrace.HTTPExchange(
            protocol: String(parameters.endpoint.prefix { $0 != ":" }), method: parameters.method, url: url,
            headers: Self.shown(headers), body: body)
    }

    static func shown(_ headers: [(name: String, value: String)]) -> String {
        "[" + headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "]"
    }
}
