/// What a request to the Runtime API asks for.
enum RuntimeAPIRoute: Hashable, Sendable {
    case nextInvocation
    case response(requestID: String)
    case invocationError(requestID: String)
    case initError
    case ping
    case extensionRegister
    case extensionNext
    case extensionInitError
    case extensionExitError
    case telemetry
    case logs
    case wrongMethod
    case unknown

    init(_ head: HTTPRequestHead) {
        if head.path.hasPrefix(Self.runtimePrefix) {
            self = Self.runtime(head.method, head.path.dropFirst(Self.runtimePrefix.utf8.count))
        } else {
            self = Self.other(head.method, head.path)
        }
    }

    private static let runtimePrefix = "/2018-06-01/runtime/"

    private static func runtime(_ method: HTTPRequestHead.Method, _ path: Substring) -> RuntimeAPIRoute {
        switch path {
        case "invocation/next": return method == .get ? .nextInvocation : .wrongMethod
        case "init/error": return method == .post ? .initError : .wrongMethod
        default: break
        }
        let parts = path.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "invocation" else { return .unknown }
        switch parts[2] {
        case "response": return method == .post ? .response(requestID: String(parts[1])) : .wrongMethod
        case "error": return method == .post ? .invocationError(requestID: String(parts[1])) : .wrongMethod
        default: return .unknown
        }
    }

    private static func other(_ method: HTTPRequestHead.Method, _ path: String) -> RuntimeAPIRoute {
        switch path {
        case "/2018-06-01/ping": method == .get ? .ping : .wrongMethod
        case "/2020-01-01/extension/register": method == .post ? .extensionRegister : .wrongMethod
        case "/2020-01-01/extension/event/next": method == .get ? .extensionNext : .wrongMethod
        case "/2020-01-01/extension/init/error": method == .post ? .extensionInitError : .wrongMethod
        case "/2020-01-01/extension/exit/error": method == .post ? .extensionExitError : .wrongMethod
        case "/2022-07-01/telemetry": method == .put ? .telemetry : .wrongMethod
        case "/2020-08-15/logs": method == .put ? .logs : .wrongMethod
        default: .unknown
        }
    }
}
