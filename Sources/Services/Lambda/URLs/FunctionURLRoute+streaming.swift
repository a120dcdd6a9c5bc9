import Core
import Functions
import NIOCore
import Synchronization
import Wire

extension FunctionURLRoute {
    /// Answers while the function still writes. The answer may begin with a head of its own: JSON with status, headers
    /// and cookies, then eight zero bytes.
    func stream(
        _ function: ResolvedFunction, _ payload: ByteBuffer, _ context: InvocationContext
    ) async -> WireResponse {
        let answer = StreamedAnswer()
        invoker.invoke(function, payload: payload, context: context, stream: answer.consumer) { [weak answer] in
            answer?.finish($0)
        }
        let begun = await answer.begin()
        if let outcome = begun.result?.outcome, let failure = Self.failure(outcome) { return failure }
        let contentType = begun.contentType ?? "application/octet-stream"
        guard contentType.hasPrefix(StreamedPrelude.contentType) else {
            return WireResponse(
                status: 200, headers: ["content-type": contentType],
                body: ByteStream(.chunks(length: nil, AnswerChunks(answer, first: []))))
        }
        do throws(MalformedHTTPEventResponse) {
            let (head, rest) = try await StreamedPrelude.read(from: answer)
            var fields = head.fields
            if !head.hasHeader("content-type") { fields.append("content-type", "application/octet-stream") }
            return WireResponse(
                status: head.status, headers: fields,
                body: ByteStream(.chunks(length: nil, AnswerChunks(answer, first: rest))))
        } catch {
            return Self.serverError
        }
    }
}

/// The head that a streamed answer carries in front of its body.
enum StreamedPrelude {
    static let contentType = "application/vnd.awslambda.http-integration-response"
    private static let limit = 65_536
    private static let separator = [UInt8](repeating: 0, count: 8)

    /// The head, and what came of the body with it.
    static func read(
        from answer: StreamedAnswer
    ) async throws(MalformedHTTPEventResponse) -> (head: HTTPEventResponse, rest: [UInt8]) {
        var bytes: [UInt8] = []
        while let part = await answer.next() {
            let searched = max(0, bytes.count - separator.count)
            bytes += part.readableBytesView
            if let end = bytes[searched...].firstRange(of: separator) {
                let head = try HTTPEventResponse(prelude: Array(bytes[..<end.lowerBound]))
                return (head, Array(bytes[end.upperBound...]))
            }
            guard bytes.count <= limit else {
                throw MalformedHTTPEventResponse("the head of the streamed answer is longer than \(limit) bytes")
            }
        }
        throw MalformedHTTPEventResponse("the streamed answer ended within its head")
    }
}

/// A streamed answer as the body of a response.
private final class AnswerChunks: ByteChunkSource {
    private let answer: StreamedAnswer
    private let first: Mutex<[UInt8]>

    init(_ answer: StreamedAnswer, first: [UInt8]) {
        self.answer = answer
        self.first = Mutex(first)
    }

    func next() async throws(AWSError) -> [UInt8]? {
        let ready = first.withLock { first in
            defer { first = [] }
            return first
        }
        if !ready.isEmpty { return ready }
        guard let part = await answer.next() else {
            if case .functionError(let type) = answer.result?.outcome {
                throw .internalFailure("The function ended in the middle of its answer: \(type)")
            }
            return nil
        }
        return Array(part.readableBytesView)
    }
}
