import Core
import Synchronization

/// Takes the `aws-chunked` encoding off a body: sizes in hexadecimal, a signature for each chunk where they are
/// signed, and header fields behind the last one, among them a checksum.
///
/// Every chunk is verified before it is handed on.
public final class ChunkedBody: ByteChunkSource {
    private static let lineLimit = 16_384
    /// Signed chunks are held until their signature is verified.
    private static let signedChunkLimit = 16 * 1024 * 1024

    private struct State: ~Copyable {
        var buffer: [UInt8] = []
        var start = 0
        /// Up to here there is no line end, so that no byte is looked at twice.
        var scanned = 0
        var remaining = 0
        var stage = Stage.size
        var signatures: ChunkSignatures?
        var expectedSignature = ""
        var checksum: RunningChecksum?
        var received: Int64 = 0

        enum Stage { case size, data, dataEnd, trailer, ended }
    }

    private let upstream: any ByteChunkSource
    private let state: Mutex<State>
    private let decodedLength: Int64?
    private let trailer: ChecksumAlgorithm?

    /// - Parameters:
    ///   - signatures: verifies the chunks' signatures; without it they are read over.
    ///   - decodedLength: what `x-amz-decoded-content-length` announces.
    ///   - trailer: the checksum that `x-amz-trailer` announces.
    public init(
        _ upstream: any ByteChunkSource, signatures: ChunkSignatures?, decodedLength: Int64?,
        trailer: ChecksumAlgorithm?
    ) {
        self.upstream = upstream
        self.decodedLength = decodedLength
        self.trailer = trailer
        var state = State()
        state.signatures = signatures
        state.checksum = trailer.map { RunningChecksum($0) }
        self.state = Mutex(state)
    }

    public func next() async throws(AWSError) -> [UInt8]? {
        while true {
            switch try step() {
            case .chunk(let bytes): return bytes
            case .ended: return nil
            case .needsMore:
                guard let more = try await upstream.next() else { throw .incompleteBody() }
                state.withLock { $0.buffer += more }
            }
        }
    }

    private enum Step {
        case chunk([UInt8])
        case needsMore
        case ended
    }

    private func step() throws(AWSError) -> Step {
        let result = state.withLock { state in
            Result { () throws(AWSError) in try self.advance(&state) }
        }
        return try result.get()
    }

    private func advance(_ state: inout State) throws(AWSError) -> Step {
        while true {
            switch state.stage {
            case .size:
                guard let line = try takeLine(&state) else { return .needsMore }
                try begin(line, &state)
            case .data:
                if let chunk = try takeData(&state) { return .chunk(chunk) }
                if state.stage == .data { return .needsMore }
            case .dataEnd:
                guard state.buffer.count - state.start >= 2 else { return .needsMore }
                guard state.buffer[state.start] == 0x0D, state.buffer[state.start + 1] == 0x0A else {
                    throw Self.malformed("a chunk does not end with a line end")
                }
                state.start += 2
                state.stage = .size
            case .trailer:
                guard let fields = try takeTrailer(&state) else { return .needsMore }
                try finish(fields, &state)
                state.stage = .ended
            case .ended: return .ended
            }
        }
    }

    /// `10000;chunk-signature=…`
    private func begin(_ line: String, _ state: inout State) throws(AWSError) {
        let parts = line.split(separator: ";", maxSplits: 1)
        guard let first = parts.first, let size = Int(first, radix: 16), size >= 0, first.utf8.count <= 12 else {
            throw Self.malformed("the size of a chunk is no hexadecimal number")
        }
        if state.signatures != nil {
            guard parts.count == 2, parts[1].hasPrefix("chunk-signature=") else {
                throw Self.malformed("a chunk has no signature")
            }
            guard size <= Self.signedChunkLimit else {
                throw Self.malformed("a chunk is larger than \(Self.signedChunkLimit) bytes")
            }
            state.expectedSignature = String(parts[1].dropFirst("chunk-signature=".count))
        }
        state.remaining = size
        if size == 0 {
            try verify([], &state)
            state.stage = .trailer
        } else {
            state.stage = .data
        }
    }

    /// A whole chunk when it is signed; what there is of it when it is not.
    private func takeData(_ state: inout State) throws(AWSError) -> [UInt8]? {
        let available = min(state.buffer.count - state.start, state.remaining)
        guard available > 0, state.signatures == nil || available == state.remaining else { return nil }
        let chunk = Array(state.buffer[state.start..<state.start + available])
        state.start += available
        state.remaining -= available
        state.received += Int64(available)
        if let decodedLength, state.received > decodedLength { throw .incompleteBody() }
        compact(&state)
        if state.remaining == 0 {
            try verify(chunk, &state)
            state.stage = .dataEnd
        }
        chunk.withUnsafeBytes { state.checksum?.update($0) }
        return chunk
    }

    private func verify(_ chunk: [UInt8], _ state: inout State) throws(AWSError) {
        guard let signature = state.signatures?.next(chunk) else { return }
        guard SignatureVerifier.isEqual(signature, state.expectedSignature) else { throw Self.wrongSignature }
    }

    private static let wrongSignature = AWSError(
        "SignatureDoesNotMatch",
        "The chunk signature we calculated does not match the signature you provided. Check your key and signing method.",
        status: 403)

    // MARK: The end

    private func finish(_ fields: [(name: String, value: String)], _ state: inout State) throws(AWSError) {
        if let decodedLength, state.received != decodedLength { throw .incompleteBody() }
        if state.signatures != nil, let given = fields.first(where: { $0.name == "x-amz-trailer-signature" }) {
            let signed = fields.filter { $0.name != given.name }.map { "\($0.name):\($0.value)\n" }.joined()
            guard let signature = state.signatures?.trailer(signed), SignatureVerifier.isEqual(signature, given.value)
            else { throw Self.wrongSignature }
        }
        guard let trailer, let computed = state.checksum.take()?.finish() else { return }
        guard let given = fields.first(where: { $0.name == trailer.header }) else {
            throw AWSError(
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform to our published schema.",
                status: 400)
        }
        guard Base64.decode(given.value) == computed else { throw .badChecksum(trailer) }
    }

    private func takeTrailer(_ state: inout State) throws(AWSError) -> [(name: String, value: String)]? {
        var position = state.start
        var fields: [(name: String, value: String)] = []
        let isNew = Self.lineEnd(&state) != nil
        state.scanned = isNew ? state.buffer.count : state.scanned
        while isNew, let end = state.buffer[position...].firstIndex(of: 0x0A) {
            let line = Self.trimmed(state.buffer[position..<end])
            position = end + 1
            if line.isEmpty {
                state.start = position
                return fields
            }
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, fields.count < 32 else {
                throw Self.malformed("the fields behind the body are too many or have no value")
            }
            fields.append((pair[0].lowercased(), String(pair[1].drop { $0 == " " })))
        }
        guard state.buffer.count - state.start <= Self.lineLimit else {
            throw Self.malformed("the fields behind the body are too long")
        }
        return nil
    }

    // MARK: Pieces

    private func takeLine(_ state: inout State) throws(AWSError) -> String? {
        let rest = state.buffer[state.start...]
        guard let end = Self.lineEnd(&state) else {
            guard rest.count <= Self.lineLimit else { throw Self.malformed("the head of a chunk is too long") }
            return nil
        }
        state.start = end + 1
        return Self.trimmed(rest[..<end])
    }

    private static func lineEnd(_ state: inout State) -> Int? {
        let end = state.buffer[max(state.start, state.scanned)...].firstIndex(of: 0x0A)
        state.scanned = end ?? state.buffer.count
        return end
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }

    private func compact(_ state: inout State) {
        if state.start == state.buffer.count {
            state.buffer.removeAll(keepingCapacity: true)
            state.start = 0
            state.scanned = 0
        } else if state.start > 262_144 {
            state.buffer.removeFirst(state.start)
            state.start = 0
            state.scanned = 0
        }
    }

    private static func malformed(_ reason: String) -> AWSError {
        AWSError("InvalidRequest", "The body is not well-formed aws-chunked: \(reason).", status: 400)
    }
}

extension AWSError {
    /// The body is not what its checksum says.
    public static func badChecksum(_ algorithm: ChecksumAlgorithm) -> AWSError {
        AWSError(
            "BadDigest", "The \(algorithm.rawValue) you specified did not match the calculated checksum.", status: 400)
    }
}
