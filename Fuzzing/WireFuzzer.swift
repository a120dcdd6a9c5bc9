import Core
import Glibc
import Wire

// The first byte chooses what reads the rest: a protocol, an encoding of bodies or streams, or headers. Requests are
// decoded for an operation of a generated model, which the second byte chooses.

private let models: [ServiceModel] = {
    let folder = String(cString: getenv("MODELS"))
    return ["S3", "SQS", "SNS", "Lambda", "StepFunctions", "IAM"].map { name in
        guard let bytes = try? File.read("\(folder)/\(name)/\(name)+Table.swift", limit: 16 << 20) else {
            fatalError("\(name) has no model in \(folder)")
        }
        // The table stands between the marks of a raw text and is indented like them.
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.firstIndex { $0.hasSuffix("#\"\"\"") } ?? 0
        let last = lines.firstIndex { $0.hasSuffix("\"\"\"#") } ?? lines.count
        let table = lines[(first + 1)..<last].map { String($0.dropFirst(8)) }.joined(separator: "\n")
        guard let model = try? ServiceModel(parsing: table) else { fatalError("the model of \(name) cannot be read") }
        return model
    }
}()

private let protocols: [any WireProtocol] =
    ([.json10, .query, .restJSON, .restXML, .rpcV2CBOR] as [ProtocolName]).map(\.implementation)

/// Lines of a header each until an empty one, then the body.
private func request(_ text: ArraySlice<UInt8>) -> WireRequest {
    var lines = text.split(separator: 10, maxSplits: 8, omittingEmptySubsequences: false)
    let target = lines.isEmpty ? "" : String(decoding: lines.removeFirst(), as: UTF8.self)
    let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
    var request = WireRequest(method: "POST", path: parts.first ?? "/", query: parts.count > 1 ? parts[1] : "")
    while let line = lines.first, !line.isEmpty {
        lines.removeFirst()
        let field = String(decoding: line, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
        if field.count == 2 { request.headers.append(field[0], field[1]) }
    }
    request.body = ByteStream(Array(lines.dropFirst().joined(separator: [10])))
    return request
}

private final class Pieces: ByteChunkSource, @unchecked Sendable {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    func next() async throws(AWSError) -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(7) }
        return Array(rest.prefix(7))
    }
}

private func unchunk(_ bytes: ArraySlice<UInt8>) {
    let body = ChunkedBody(Pieces(bytes), signatures: nil, decodedLength: 1 << 20, trailer: .crc32)
    // Nothing in it waits, so the task has ended when the call returns.
    _ = Task.immediate {
        var size = 0
        while let chunk = try await body.next() {
            precondition(!chunk.isEmpty, "an empty chunk was handed on")
            size += chunk.count
        }
        precondition(size <= bytes.count, "a body grew")
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard input.count >= 2 else { return 0 }
    let (kind, choice, text) = (Int(input[0]) % (protocols.count + 3), Int(input[1]), input[2...])
    switch kind {
    case ..<protocols.count:
        let model = models[choice % models.count]
        let operation = model.operations[choice * 31 % model.operations.count]
        _ = try? protocols[kind].decodeInput(request(text), operation, of: model)
    case protocols.count: unchunk(text)
    case protocols.count + 1:
        var bytes = Array(text)
        while let frame = try? EventFrame.take(from: &bytes) { precondition(frame.payload.count <= text.count) }
    default:
        let request = request(text)
        _ = try? RequestSignature(request)
        _ = LegacyQuerySignature(request)
    }
    return 0
}
