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
        guard context.endpoint.hasBytes("://sqs."), let scheme = context.endpoint.range(of: "://sqs.") else {
            return context.endpoint
        }
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
        // By bytes: every request on a queue comes by.
        var parts = url.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count > 2, parts[0].last == UInt8(ascii: ":"), parts[1].isEmpty else {
            return Place(account: scope.account, region: scope.region, name: url)
        }
        while parts.count > 3, parts[parts.count - 1].isEmpty { parts.removeLast() }
        func text(_ index: Int) -> String { String(Substring(parts[index])) }
        var place = Place(account: scope.account, region: scope.region, name: "")
        switch parts.count {
        case 5:
            (place.account, place.name) = (text(3), text(4))
            if let region = region(inHost: parts[2]) { place.region = region }
        case 7 where parts[3].elementsEqual("queue".utf8):
            (place.region, place.account, place.name) = (text(4), text(5), text(6))
        default: break
        }
        return place
    }

    private static func region(inHost host: Substring.UTF8View) -> String? {
        let labels = host.split(separator: UInt8(ascii: "."), maxSplits: 2)
        guard labels.count > 2 else { return nil }
        if labels[1].elementsEqual("queue".utf8) { return String(Substring(labels[0])) }
        guard labels[0].elementsEqual("sqs".utf8), labels[1].contains(UInt8(ascii: "-")) else { return nil }
        return String(Substring(labels[1]))
    }
}

extension String {
    /// The first place of the text.
    func range(of text: String) -> Range<String.Index>? { ranges(of: text).first }
}
