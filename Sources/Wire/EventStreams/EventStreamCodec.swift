import Core
import Synchronization

/// Events of a union as frames, and back.
enum EventStreamCodec {
    static let mediaType = "application/vnd.amazon.eventstream"

    /// How structures inside a frame are written.
    enum Format: Sendable {
        case json, xml, cbor

        var mediaType: String {
            switch self {
            case .json: "application/json"
            case .xml: "text/xml"
            case .cbor: "application/cbor"
            }
        }

        func bytes(_ record: Record) -> [UInt8] {
            switch self {
            case .json: return JSONCodec.bytes(record)
            case .cbor: return CBORCodec.bytes(record)
            case .xml:
                var writer = XMLWriter()
                XMLCodec.write(record, record.schema.name, nil, XMLCodec.Style(), to: &writer)
                return writer.bytes
            }
        }

        func read(_ bytes: [UInt8], into record: inout Record) throws(AWSError) {
            switch self {
            case .json: try JSONCodec.read(JSONCodec.parse(bytes), into: &record)
            case .cbor: record = try CBORCodec.record(bytes, record.schema)
            case .xml: try XMLCodec.read(XMLCodec.parse(bytes), into: &record)
            }
        }
    }

    /// The frames of a stream as a body.
    /// - Parameter initial: what a protocol without bindings sends of the output's other members, in a first frame.
    static func body(_ events: EventStream, initial: [UInt8]?, _ format: Format) -> ByteStream {
        ByteStream(.chunks(length: nil, FrameWriter(events: events, initial: initial, format: format)))
    }

    static func events(_ body: ByteStream, _ union: ShapeSchema, _ format: Format) -> EventStream {
        EventStream(FrameReader(body.chunks(), union, format))
    }

    // MARK: One event

    static func frame(_ event: Record, _ format: Format) -> EventFrame? {
        guard let member = event.schema.members.first(where: { event.has($0.index) }),
            case .structure(let content) = event.values[member.index]
        else { return nil }
        let isError = member.target.fault != nil
        var headers: [(name: String, value: String)] = [(":message-type", isError ? "exception" : "event")]
        headers.append((isError ? ":exception-type" : ":event-type", member.name))
        for inner in content.schema.members where inner.isEventHeader && content.has(inner.index) {
            headers.append((inner.name, ScalarText.text(content.values[inner.index], .iso8601)))
        }
        guard let payload = content.schema.members.first(where: \.isEventPayload) else {
            headers.append((":content-type", format.mediaType))
            return EventFrame(headers: headers, payload: format.bytes(content))
        }
        switch content.values[payload.index] {
        case .blob(let bytes):
            headers.append((":content-type", "application/octet-stream"))
            return EventFrame(headers: headers, payload: bytes)
        case .string(let text):
            headers.append((":content-type", "text/plain"))
            return EventFrame(headers: headers, payload: Array(text.utf8))
        case .structure(let inner):
            headers.append((":content-type", format.mediaType))
            return EventFrame(headers: headers, payload: format.bytes(inner))
        default: return EventFrame(headers: headers, payload: [])
        }
    }

    /// Nil for frames that are no events of the union.
    static func event(_ frame: EventFrame, _ union: ShapeSchema, _ format: Format) throws(AWSError) -> Record? {
        if frame[header: ":message-type"] == "error" {
            throw AWSError(frame[header: ":error-code"] ?? "UnknownError", frame[header: ":error-message"])
        }
        let isError = frame[header: ":message-type"] == "exception"
        guard let name = frame[header: isError ? ":exception-type" : ":event-type"] else { return nil }
        if isError { throw Self.error(frame, name) }
        guard let member = union.member(named: name) else { return nil }
        var content = Record(member.target)
        for inner in member.target.members where inner.isEventHeader {
            guard let text = frame[header: inner.name] else { continue }
            content.values[inner.index] = try ScalarText.value(text, inner.target, .iso8601)
        }
        if let payload = member.target.members.first(where: \.isEventPayload) {
            content.values[payload.index] = try self.payload(frame.payload, payload.target, format)
        } else if !frame.payload.isEmpty {
            try format.read(frame.payload, into: &content)
        }
        var event = Record(union)
        event.values[member.index] = .structure(content)
        return event
    }

    private static func payload(_ bytes: [UInt8], _ shape: ShapeSchema, _ format: Format) throws(AWSError) -> Value {
        switch shape.kind {
        case .blob: return .blob(bytes)
        case .string: return .string(String(decoding: bytes, as: UTF8.self))
        default:
            var inner = Record(shape)
            try format.read(bytes, into: &inner)
            return .structure(inner)
        }
    }

    private static func error(_ frame: EventFrame, _ name: String) -> AWSError {
        let json = try? JSON(parsing: frame.payload)
        return AWSError(name, (json?["message"] ?? json?["Message"])?.stringValue)
    }
}

/// Writes each event as it comes; an error ends the stream as an exception frame.
private final class FrameWriter: ByteChunkSource {
    private enum Stage { case initial, events, ended }

    private let events: EventStream
    private let initial: [UInt8]?
    private let format: EventStreamCodec.Format
    private let stage = Mutex(Stage.initial)

    init(events: EventStream, initial: [UInt8]?, format: EventStreamCodec.Format) {
        self.events = events
        self.initial = initial
        self.format = format
    }

    func next() async throws(AWSError) -> [UInt8]? {
        let now = stage.withLock { stage in
            defer { if stage == .initial { stage = .events } }
            return stage
        }
        if now == .ended { return nil }
        if now == .initial, let initial { return initialFrame(initial) }
        do {
            while let event = try await events.next() {
                if let frame = EventStreamCodec.frame(event, format) { return frame.encoded() }
            }
            stage.withLock { $0 = .ended }
            return nil
        } catch {
            stage.withLock { $0 = .ended }
            let body: JSON = ["message": .string(error.message ?? "")]
            let frame = EventFrame(
                headers: [
                    (":message-type", "exception"), (":exception-type", error.code),
                    (":content-type", "application/json"),
                ], payload: body.bytes())
            return frame.encoded()
        }
    }

    private func initialFrame(_ payload: [UInt8]) -> [UInt8] {
        EventFrame(
            headers: [
                (":message-type", "event"), (":event-type", "initial-response"), (":content-type", format.mediaType),
            ], payload: payload
        ).encoded()
    }
}

/// Cuts a body into frames.
private final class FrameReader: EventSource {
    private let chunks: any ByteChunkSource
    private let union: ShapeSchema
    private let format: EventStreamCodec.Format
    private let buffer = Mutex<[UInt8]>([])

    init(_ chunks: any ByteChunkSource, _ union: ShapeSchema, _ format: EventStreamCodec.Format) {
        self.chunks = chunks
        self.union = union
        self.format = format
    }

    func next() async throws(AWSError) -> Record? {
        while true {
            while let frame = try take() {
                if let event = try EventStreamCodec.event(frame, union, format) { return event }
            }
            guard let chunk = try await chunks.next() else {
                guard buffer.withLock({ $0.isEmpty }) else { throw .incompleteBody() }
                return nil
            }
            buffer.withLock { $0 += chunk }
        }
    }

    private func take() throws(AWSError) -> EventFrame? {
        let taken = buffer.withLock { bytes in
            Result { () throws(AWSError) in try EventFrame.take(from: &bytes) }
        }
        return try taken.get()
    }
}
