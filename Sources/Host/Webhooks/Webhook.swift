import Core
import Project

/// One webhook: which requests it takes, how they are checked and what they lead to.
struct Webhook: Sendable {
    var name: String
    /// Upper case, or `ANY`.
    var method: String
    /// Such as `/orders/{id}`; `{proxy+}` at the end takes the rest.
    var path: String
    var isQueued: Bool
    /// Bytes
    var bodyLimit: Int
    var concurrencyLimit: Int
    /// Milliseconds
    var timeout: Int
    var signature: WebhookSignature?
    /// The ARN of a function or workflow.
    var target: String

    init(_ name: String, _ trigger: HTTPTrigger, target: String) {
        self.name = name
        method = trigger.method
        path = trigger.path
        isQueued = trigger.isQueued
        bodyLimit = trigger.bodyLimit
        concurrencyLimit = trigger.concurrencyLimit
        timeout = trigger.timeout
        signature = trigger.signature
        self.target = target
    }

    var routeKey: String { "\(method) \(path)" }

    /// The path's parameters, when the path is one of this webhook's.
    func match(_ requestPath: String) -> [(name: String, value: String)]? {
        let wanted = path.split(separator: "/", omittingEmptySubsequences: false)
        let given = requestPath.split(separator: "/", omittingEmptySubsequences: false)
        var parameters: [(name: String, value: String)] = []
        for (index, segment) in wanted.enumerated() {
            guard index < given.count else { return nil }
            if segment.hasPrefix("{"), segment.hasSuffix("+}") {
                let rest = given[index...].joined(separator: "/")
                return rest.isEmpty ? nil : parameters + [(String(segment.dropFirst().dropLast(2)), rest)]
            }
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                guard !given[index].isEmpty else { return nil }
                parameters.append((String(segment.dropFirst().dropLast()), String(given[index])))
            } else if segment != given[index] {
                return nil
            }
        }
        return wanted.count == given.count ? parameters : nil
    }

    /// Exact paths come before ones with parameters, those before the rest of a path, a method before any.
    var rank: (Int, Int, Int) {
        let segments = path.split(separator: "/")
        let parameters = segments.filter { $0.hasPrefix("{") }.count
        let isGreedy = path.hasSuffix("+}")
        return (isGreedy ? 1 : 0, parameters, method == "ANY" ? 1 : 0)
    }
}
