import Core
import Messaging
import Wire

/// The addresses by which callers name queues.
struct QueueAddresses: Sendable {
    let domain: String?

    /// The queue's address, for the caller of this request.
    func url(_ queue: Queue, _ context: RequestContext) -> String {
        let path = "/\(queue.scope.account)/\(queue.name)"
        guard let domain else { return base(queue, context) + path }
        let scheme = context.endpoint.prefix { $0 != ":" }
        return "\(scheme)://sqs.\(queue.scope.region).\(domain)\(path)"
    }

    /// The host by which the caller came. One that names a region is changed to the queue's.
    private func base(_ queue: Queue, _ context: RequestContext) -> String {
        guard let scheme = context.endpoint.range(of: "://sqs.") else { return context.endpoint }
        let host = context.endpoint[scheme.upperBound...]
        let rest = host.drop { $0 != "." }
        guard host.prefix(while: { $0 != "." }).contains("-"), !rest.isEmpty else { return context.endpoint }
        return context.endpoint[..<scheme.upperBound] + queue.scope.region + rest
    }

    struct Place {
        var account: String
        var region: String
        var name: String

        var arn: String { "arn:aws:sqs:\(region):\(account):\(name)" }
    }

    /// Reads `http://host/account/name`, with the region in the host (`sqs.REGION.…`, `REGION.queue.…`) or before the
    /// account (`/queue/REGION/account/name`); a name alone is one of the caller's own queues.
    static func place(_ url: String, in scope: Scope) -> Place {
        guard let scheme = url.range(of: "://") else {
            return Place(account: scope.account, region: scope.region, name: url)
        }
        var parts = url[scheme.upperBound...].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        while parts.count > 1, parts.last == "" { parts.removeLast() }
        let labels = (parts.first ?? "").split(separator: ".").map(String.init)
        var place = Place(account: scope.account, region: scope.region, name: "")
        switch parts.count {
        case 3:
            (place.account, place.name) = (parts[1], parts[2])
            if labels.count > 2, labels[0] == "sqs", labels[1].contains("-") { place.region = labels[1] }
            if labels.count > 2, labels[1] == "queue" { place.region = labels[0] }
        case 5 where parts[1] == "queue": (place.region, place.account, place.name) = (parts[2], parts[3], parts[4])
        default: break
        }
        return place
    }
}

extension String {
    /// The first place of the text.
    func range(of text: String) -> Range<String.Index>? { ranges(of: text).first }
}
