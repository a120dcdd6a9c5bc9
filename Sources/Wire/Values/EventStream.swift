/// Events of a union, sent or received one at a time.
public struct EventStream: Sendable {
    let source: any EventSource

    public init(_ source: some EventSource) { self.source = source }

    /// The next event, a record of the union with one member; nil after the last.
    public func next() async throws(AWSError) -> Record? { try await source.next() }
}

/// Where the events of a stream come from. Only one reader at a time.
public protocol EventSource: Sendable {
    func next() async throws(AWSError) -> Record?
}

/// A typed view of an event stream.
public struct TypedEventStream<Event: Shape>: ShapeValue {
    public var stream: EventStream

    public init(_ stream: EventStream) { self.stream = stream }

    /// A stream of the events that the closure hands out until it returns nil.
    public init(next: @escaping @Sendable () async throws(AWSError) -> Event?) {
        stream = EventStream(ClosureEvents(next: next))
    }

    public init?(wire: Value) {
        guard case .events(let stream) = wire else { return nil }
        self.stream = stream
    }

    public var wire: Value { .events(stream) }

    public static var empty: TypedEventStream { TypedEventStream { () throws(AWSError) in nil } }

    public func next() async throws(AWSError) -> Event? { try await stream.next().map(Event.init(record:)) }
}

private struct ClosureEvents<Event: Shape>: EventSource {
    let next: @Sendable () async throws(AWSError) -> Event?

    func next() async throws(AWSError) -> Record? { try await next()?.record }
}
