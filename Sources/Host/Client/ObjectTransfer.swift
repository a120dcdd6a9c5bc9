import AWSModels
import Core
import Glibc
import Wire

/// Puts an object, in parts when it is large, so that memory stays bounded.
struct ObjectUpload: Sendable {
    static let partSize = 16 << 20

    let client: AWSClient
    let location: ObjectLocation
    let output: Output

    func put(_ bytes: [UInt8]) async throws -> Int {
        _ = try await client.call(S3.Operations.putObject) { request in
            request.bucket = location.bucket
            request.key = location.key
            request.body = ByteStream(bytes)
        }
        return bytes.count
    }

    func put(file path: String) async throws -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure("\(path): \(String(cString: strerror(errno)))", exitCode: .notFound)
        }
        defer { close(descriptor) }
        let first = try part(descriptor, path)
        guard first.count == Self.partSize else { return try await put(first) }
        return try await putParts(first, descriptor, path)
    }

    private func putParts(_ first: [UInt8], _ descriptor: Int32, _ path: String) async throws -> Int {
        let upload = try await client.call(S3.Operations.createMultipartUpload) { request in
            request.bucket = location.bucket
            request.key = location.key
        }
        guard let id = upload.uploadId else { throw CommandFailure("the host began no upload") }
        do {
            var parts: [S3.CompletedPart] = []
            var bytes = first
            var size = 0
            while !bytes.isEmpty {
                parts.append(try await put(bytes, part: parts.count + 1, of: id))
                size += bytes.count
                output.note("\(Readable.bytes(size)) sent")
                bytes = try part(descriptor, path)
            }
            let all = parts
            _ = try await client.call(S3.Operations.completeMultipartUpload) { request in
                request.bucket = location.bucket
                request.key = location.key
                request.uploadId = id
                request.multipartUpload = S3.CompletedMultipartUpload { $0.parts = all }
            }
            return size
        } catch {
            _ = try? await client.call(S3.Operations.abortMultipartUpload) { request in
                request.bucket = location.bucket
                request.key = location.key
                request.uploadId = id
            }
            throw error
        }
    }

    private func put(_ bytes: [UInt8], part number: Int, of upload: String) async throws -> S3.CompletedPart {
        let sent = try await client.call(S3.Operations.uploadPart) { request in
            request.bucket = location.bucket
            request.key = location.key
            request.uploadId = upload
            request.partNumber = number
            request.body = ByteStream(bytes)
        }
        return S3.CompletedPart {
            $0.partNumber = number
            $0.eTag = sent.eTag
        }
    }

    private func part(_ descriptor: Int32, _ path: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.partSize)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + filled, $0.count - filled) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes[..<filled])
    }
}

/// Gets an object range by range, so that memory stays bounded.
struct ObjectDownload: Sendable {
    let client: AWSClient
    let location: ObjectLocation
    let output: Output

    func get(to path: String) async throws {
        guard !location.key.isEmpty else { throw CommandFailure("name a key: BUCKET/KEY", exitCode: .usage) }
        let head = try await head()
        let size = head.contentLength ?? 0
        let descriptor = path == "-" ? STDOUT_FILENO : open("\(path).part", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
        var offset = 0
        while offset < size {
            let end = min(offset + ObjectUpload.partSize, size) - 1
            let range = "bytes=\(offset)-\(end)"
            let part = try await client.call(S3.Operations.getObject) { request in
                request.bucket = location.bucket
                request.key = location.key
                request.range = range
                request.ifMatch = head.eTag
            }
            try write(try await part.body?.collect(upTo: ObjectUpload.partSize) ?? [], to: descriptor, path)
            offset = end + 1
        }
        guard path != "-" else { return }
        close(descriptor)
        guard rename("\(path).part", path) == 0 else {
            throw CommandFailure("\(path): \(String(cString: strerror(errno)))")
        }
        output.note("\(path)  \(Readable.bytes(size))")
    }

    /// The answer to a HEAD request has no body that could say what is missing.
    private func head() async throws -> S3.HeadObjectOutput {
        do {
            return try await client.call(S3.Operations.headObject) { request in
                request.bucket = location.bucket
                request.key = location.key
            }
        } catch let failure as CommandFailure where failure.exitCode == .notFound {
            throw CommandFailure(
                "there is no object '\(location.key)' in the bucket '\(location.bucket)', or no such bucket",
                exitCode: .notFound)
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }
}
