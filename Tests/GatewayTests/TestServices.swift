import AWSModels
import Core
import Gateway
import Synchronization
import Wire

/// Keeps objects in memory, to see what arrives.
final class MemoryObjects: S3.API {
    let objects = Mutex<[String: [UInt8]]>([:])

    func putObject(_ input: S3.PutObjectRequest, _ context: RequestContext) async throws(AWSError) -> S3.PutObjectOutput
    {
        let bytes = try await (input.body ?? .empty).collect(upTo: 64 << 20)
        objects.withLock { $0["\(context.scope.account)/\(input.bucket)/\(input.key)"] = bytes }
        return S3.PutObjectOutput {
            $0.eTag = "\"\(hexadecimal(Digest.md5(bytes)))\""
            $0.size = bytes.count
        }
    }

    func getObject(_ input: S3.GetObjectRequest, _ context: RequestContext) async throws(AWSError) -> S3.GetObjectOutput
    {
        if input.bucket == "files" {
            return S3.GetObjectOutput {
                $0.body = ByteStream(
                    .file(FileRange(path: "/" + input.key, offset: 5, length: Int64(input.range ?? "0") ?? 0)))
            }
        }
        let name = "\(context.scope.account)/\(input.bucket)/\(input.key)"
        guard let bytes = objects.withLock({ $0[name] }) else {
            throw S3.Errors.noSuchKey("The specified key does not exist.").with("Key", .string(input.key))
        }
        return S3.GetObjectOutput {
            $0.body =
                input.key.hasSuffix(".stream") ? ByteStream(.chunks(length: nil, Slices(bytes))) : ByteStream(bytes)
        }
    }

    func headObject(_ input: S3.HeadObjectRequest, _ context: RequestContext) async throws(AWSError)
        -> S3.HeadObjectOutput
    {
        S3.HeadObjectOutput { $0.contentLength = 12_345 }
    }

    func deleteObject(_ input: S3.DeleteObjectRequest, _ context: RequestContext) async throws(AWSError)
        -> S3.DeleteObjectOutput
    {
        S3.DeleteObjectOutput()
    }
}

/// A body in slices.
final class Slices: ByteChunkSource {
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8]) { rest = Mutex(bytes[...]) }

    func next() async throws(AWSError) -> [UInt8]? {
        rest.withLock { rest in
            let slice = Array(rest.prefix(10_000))
            rest = rest.dropFirst(10_000)
            return slice.isEmpty ? nil : slice
        }
    }
}

/// Says what it was asked.
final class EchoQueue: SQS.API {
    /// Receptions whose callers went away while they waited.
    let abandoned = Mutex(0)

    func sendMessage(_ input: SQS.SendMessageRequest, _ context: RequestContext) async throws(AWSError)
        -> SQS.SendMessageResult
    {
        guard input.queueUrl.hasSuffix("/q") else {
            throw SQS.Errors.queueDoesNotExist("The specified queue does not exist.")
        }
        return SQS.SendMessageResult {
            $0.messageId = "\(context.scope.account)/\(context.scope.region)"
            $0.md5OfMessageBody = input.messageBody
            $0.md5OfMessageAttributes = input.messageAttributes?["a"]?.stringValue
        }
    }

    func receiveMessage(
        _ input: SQS.ReceiveMessageRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.ReceiveMessageResult {
        if let seconds = input.waitTimeSeconds, seconds > 0 {
            do { try await Task.sleep(for: .seconds(seconds)) } catch { abandoned.withLock { $0 += 1 } }
            return SQS.ReceiveMessageResult()
        }
        return SQS.ReceiveMessageResult {
            $0.messages = [
                SQS.Message {
                    $0.messageId = "1"
                    $0.body = "b"
                    $0.attributes = ["SenderId": "x"]
                }
            ]
        }
    }
}

/// A route beside the services.
struct Hello: HTTPRoute {
    func accepts(_ request: WireRequest) -> Bool { request.path.hasPrefix("/_hello") }

    func respond(to request: WireRequest, peer: String) async -> WireResponse {
        let body = (try? await request.body.collect(upTo: 1000)) ?? []
        // Answered after the rest of what the caller has sent was read.
        if request.path.hasSuffix("/later") { for _ in 0..<10 { await Task.yield() } }
        return WireResponse(
            status: 200, headers: ["Content-Type": "text/plain"], body: ByteStream(Array("hello ".utf8) + body))
    }

    var bodyLimit: Int? { 100 }
}

struct FixedClock: HostClock {
    let now = Timestamp(milliseconds: 1_795_343_463_000)

    func sleep(until deadline: Timestamp) async throws {}
}

extension WireResponse {
    var text: String {
        guard case .bytes(let bytes) = body.source else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
