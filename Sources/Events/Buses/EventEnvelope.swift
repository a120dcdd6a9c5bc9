import Core

/// Changes to events that were put together by ``EventEntry``, whose members stand in a known order: no parsing needed.
enum EventEnvelope {
    private static let head = Array(#"{"version":"0","id":""#.utf8)
    private static let resources = Array(#","resources":"#.utf8)
    private static let identifierLength = 36

    /// The event's identifier, if it is in the known form.
    static func identifier(of event: [UInt8]) -> String? {
        let end = head.count + identifierLength
        guard event.starts(with: head), event.count > end, event[end] == UInt8(ascii: "\"") else { return nil }
        return String(decoding: event[head.count..<end], as: UTF8.self)
    }

    /// The event with another identifier.
    static func replacing(identifierOf event: [UInt8], with id: String) -> [UInt8] {
        guard identifier(of: event) != nil, id.utf8.count == identifierLength else { return event }
        var changed = event
        changed.replaceSubrange(head.count..<head.count + identifierLength, with: id.utf8)
        return changed
    }

    /// The event with the name of the replay that puts it, before its resources. The quotation marks within strings are
    /// escaped, so the first place that looks like the member is the member.
    static func marking(_ event: [UInt8], replay: String) -> [UInt8] {
        guard event.count >= resources.count else { return event }
        let place = (0...event.count - resources.count).first { start in
            event[start..<start + resources.count].elementsEqual(resources)
        }
        guard let place else { return event }
        var marked = event
        marked.insert(contentsOf: #","replay-name":"#.utf8 + JSON.string(replay).bytes(), at: place)
        return marked
    }
}
