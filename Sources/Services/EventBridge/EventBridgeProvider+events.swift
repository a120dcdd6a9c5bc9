public import AWSModels
import Core
import Events
public import Wire

extension EventBridgeProvider {
    /// Bytes of all entries of a request.
    private static let requestLimit = 262_144

    public func putEvents(
        _ input: EventBridge.PutEventsRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.PutEventsResponse {
        var answers: [EventBridge.PutEventsResultEntry?] = []
        var events: [BusEvent] = []
        var size = 0
        for entry in input.entries {
            let event = Self.entry(entry, context)
            size += event.size
            if let error = EventEntry.missing(
                source: entry.source, detailType: entry.detailType, detail: entry.detail)
            {
                answers.append(Self.answer(.failure(error)))
            } else {
                answers.append(nil)
                events.append(BusEvent(Self.bus(entry.eventBusName, context), event))
            }
        }
        guard size <= Self.requestLimit else {
            throw Self.invalid("Total size of the entries in the request is over the limit.")
        }
        let results: [Result<String, EntryError>]
        do {
            results = try await buses.put(events, origin: context.scope)
        } catch {
            throw Self.failure(error)
        }
        var next = results.makeIterator()
        let entries = answers.map { answer in
            answer ?? next.next().map(Self.answer) ?? EventBridge.PutEventsResultEntry()
        }
        return EventBridge.PutEventsResponse {
            $0.failedEntryCount = entries.count { $0.errorCode != nil }
            $0.entries = entries
        }
    }

    /// An entry that names no trace belongs to that of its request.
    private static func entry(_ entry: EventBridge.PutEventsRequestEntry, _ context: RequestContext) -> EventEntry {
        EventEntry(
            source: entry.source ?? "", detailType: entry.detailType ?? "", detail: entry.detail ?? "",
            resources: entry.resources ?? [], time: entry.time, traceHeader: entry.traceHeader ?? context.traceHeader)
    }

    private static func answer(_ result: Result<String, EntryError>) -> EventBridge.PutEventsResultEntry {
        EventBridge.PutEventsResultEntry {
            switch result {
            case .success(let id): $0.eventId = id
            case .failure(let error):
                $0.errorCode = error.code
                $0.errorMessage = error.message
            }
        }
    }
}
