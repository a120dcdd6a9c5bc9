import Synchronization
import Wire

/// A form as browsers send it (RFC 7578), read from front to back: small fields, then a file of any size.
struct FormReader {
    /// Bytes of all fields and headers before the file.
    private static let limit = 256 << 10

    struct Field: Sendable {
        var name: String
        var value: String
    }

    struct Form: Sendable {
        /// In the order of the form.
        var fields: [Field] = []
        var file: (any ByteChunkSource)?
        var fileName: String?
    }

    private let source: any ByteChunkSource
    private let delimiter: [UInt8]
    private var buffer: [UInt8] = Array("\r\n".utf8)

    /// Nil when the media type is none of a form or names no boundary.
    init?(_ body: ByteStream, mediaType: String) {
        guard mediaType.lowercased().hasPrefix("multipart/form-data"), let start = mediaType.firstRange(of: "boundary=")
        else { return nil }
        var boundary = mediaType[start.upperBound...].prefix { $0 != ";" }
        if boundary.hasPrefix("\""), boundary.hasSuffix("\""), boundary.count > 2 {
            boundary = boundary.dropFirst().dropLast()
        }
        guard (1...200).contains(boundary.utf8.count) else { return nil }
        source = body.chunks()
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    mutating func read() async throws(AWSError) -> Form {
        var form = Form()
        var size = 0
        _ = try await take(until: delimiter, &size)
        while true {
            let lineEnd = try await take(2, &size)
            if lineEnd == Array("--".utf8) { return form }
            let head = String(decoding: try await take(until: Array("\r\n\r\n".utf8), &size), as: UTF8.self)
            guard let name = Self.parameter("name", of: head) else { throw Self.malformed }
            if name.lowercased() == "file" {
                form.fileName = Self.parameter("filename", of: head)
                form.file = FormFile(source, delimiter: delimiter, begun: buffer)
                return form
            }
            let value = try await take(until: delimiter, &size)
            form.fields.append(Field(name: name, value: String(decoding: value, as: UTF8.self)))
        }
    }

    static let malformed = AWSError(
        "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.", status: 400)

    private mutating func take(_ count: Int, _ size: inout Int) async throws(AWSError) -> [UInt8] {
        while buffer.count < count { try await fill(&size) }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    /// What comes before the mark, which is taken too.
    private mutating func take(until mark: [UInt8], _ size: inout Int) async throws(AWSError) -> [UInt8] {
        while true {
            if let place = buffer.place(of: mark) {
                defer { buffer.removeFirst(place + mark.count) }
                size += place + mark.count
                guard size <= Self.limit else { throw Self.tooLarge }
                return Array(buffer[..<place])
            }
            try await fill(&size)
        }
    }

    private mutating func fill(_ size: inout Int) async throws(AWSError) {
        guard let chunk = try await source.next() else { throw Self.malformed }
        buffer += chunk
        // The file may have come in the same piece.
        guard buffer.count <= Self.limit + chunk.count else { throw Self.tooLarge }
    }

    private static let tooLarge = AWSError(
        "MaxPostPreDataLengthExceededError",
        "Your POST request fields preceding the upload file was too large.", status: 400)

    /// `name="value"` of a part's header.
    private static func parameter(_ name: String, of head: String) -> String? {
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:") {
            guard let start = line.firstRange(of: "; \(name)=\"") ?? line.firstRange(of: ";\(name)=\"") else {
                continue
            }
            return String(line[start.upperBound...].prefix { $0 != "\"" })
        }
        return nil
    }
}

/// The file of a form: the bytes up to the delimiter.
final class FormFile: ByteChunkSource {
    private struct State {
        var buffer: [UInt8]
        var hasEnded = false
    }

    private let source: any ByteChunkSource
    private let delimiter: [UInt8]
    private let state: Mutex<State>

    init(_ source: any ByteChunkSource, delimiter: [UInt8], begun: [UInt8]) {
        self.source = source
        self.delimiter = delimiter
        state = Mutex(State(buffer: begun))
    }

    func next() async throws(AWSError) -> [UInt8]? {
        while true {
            let (chunk, hasEnded) = state.withLock { take(&$0) }
            if let chunk, !chunk.isEmpty { return chunk }
            if hasEnded { return nil }
            guard let more = try await source.next() else { throw .incompleteBody() }
            state.withLock { $0.buffer += more }
        }
    }

    /// What is surely of the file; the delimiter may have begun in the last bytes.
    private func take(_ state: inout State) -> ([UInt8]?, Bool) {
        guard !state.hasEnded else { return (nil, true) }
        if let place = state.buffer.place(of: delimiter) {
            state.hasEnded = true
            return (Array(state.buffer[..<place]), true)
        }
        let sure = state.buffer.count - delimiter.count
        guard sure > 0 else { return (nil, false) }
        let chunk = Array(state.buffer.prefix(sure))
        state.buffer.removeFirst(sure)
        return (chunk, false)
    }
}

extension Array where Element == UInt8 {
    /// Where the bytes begin first.
    fileprivate func place(of mark: [UInt8]) -> Int? {
        guard let first = mark.first, count >= mark.count else { return nil }
        var start = 0
        while start <= count - mark.count, let next = self[start...(count - mark.count)].firstIndex(of: first) {
            if self[next..<next + mark.count].elementsEqual(mark) { return next }
            start = next + 1
        }
        return nil
    }
}
