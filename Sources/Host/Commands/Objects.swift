import ArgumentParser
import AWSModels
import Core
import Glibc
import Wire

struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Put a file into a bucket.",
        discussion: """
            A bucket is a directory of the host: 'cp FILE BUCKET-DIRECTORY/' does the same on this machine.

              millrace put report.csv inbox/2026/report.csv
              date | millrace put - inbox/now.txt
            """)

    @Argument(help: "The file, or '-' for standard input.", completion: .file())
    var file: String

    @Argument(help: "BUCKET/KEY; a key that ends with '/' gets the file's name.")
    var target: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        var location = try ObjectLocation(target)
        if location.key.isEmpty || location.key.hasSuffix("/"), file != "-" {
            location.key += String(file.split(separator: "/").last ?? "")
        }
        guard !location.key.isEmpty else { throw CommandFailure("name a key: BUCKET/KEY", exitCode: .usage) }
        let (file, place, output) = (file, location, connection.output)
        try await connection.withClient { client in
            let upload = ObjectUpload(client: client, location: place, output: output)
            let size = try await file == "-" ? upload.put(try Input.standardInput()) : upload.put(file: file)
            if output.json {
                output.write(["bucket": .string(place.bucket), "key": .string(place.key), "size": JSON(size)])
            } else {
                output.note("\(place.bucket)/\(place.key)  \(Readable.bytes(size))")
            }
        }
    }
}

struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Get an object out of a bucket, to a file or standard output.")

    @Argument(help: "BUCKET/KEY")
    var source: String

    @Argument(help: "The file to write; '-' or nothing for standard output.", completion: .file())
    var file: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let location = try ObjectLocation(source)
        let (file, output) = (file ?? "-", connection.output)
        try await connection.withClient { client in
            try await ObjectDownload(client: client, location: location, output: output).get(to: file)
        }
    }
}

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List buckets, or the objects of a bucket.")

    @Argument(help: "BUCKET or BUCKET/PREFIX. Default: the buckets.")
    var place: String?

    @Flag(name: .shortAndLong, help: "Everything below the prefix, not one level of it.")
    var recursive = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (place, recursive, output) = (place, recursive, connection.output)
        try await connection.withClient { client in
            guard let place else { return try await Self.listBuckets(client, output) }
            let location = try ObjectLocation(place)
            try await Self.list(location, recursive, client, output)
        }
    }

    private static func listBuckets(_ client: AWSClient, _ output: Output) async throws {
        let buckets = try await client.call(S3.Operations.listBuckets).buckets ?? []
        if output.json { return output.write(.array(buckets.map { .string($0.name ?? "") })) }
        for bucket in buckets { output.write("\(bucket.name ?? "")/") }
    }

    private static func list(
        _ location: ObjectLocation, _ recursive: Bool, _ client: AWSClient, _ output: Output
    ) async throws {
        var objects: [S3.Object] = []
        var prefixes: [String] = []
        var token: String?
        repeat {
            let next = token
            let page = try await client.call(S3.Operations.listObjectsV2) { request in
                request.bucket = location.bucket
                request.prefix = location.key
                request.delimiter = recursive ? nil : "/"
                request.continuationToken = next
            }
            objects += page.contents ?? []
            prefixes += (page.commonPrefixes ?? []).compactMap(\.prefix)
            token = page.nextContinuationToken
        } while token != nil
        if output.json {
            return output.write([
                "prefixes": .array(prefixes.map(JSON.string)),
                "objects": .array(
                    objects.map { ["key": .string($0.key ?? ""), "size": JSON($0.size ?? 0)] }),
            ])
        }
        var table = Table(("SIZE", .right), ("MODIFIED", .left), ("KEY", .left))
        for prefix in prefixes { table.add("", "", output.style.blue(prefix)) }
        for object in objects {
            table.add(
                Readable.bytes(object.size ?? 0), object.lastModified?.description ?? "", object.key ?? "")
        }
        table.isEmpty ? output.note("There is nothing.") : output.write(table.text(output.style))
    }
}

/// `BUCKET/KEY`, also as `s3://BUCKET/KEY`.
struct ObjectLocation: Sendable {
    var bucket: String
    var key: String

    init(_ text: String) throws {
        let plain = text.hasPrefix("s3://") ? text.dropFirst(5) : text[...]
        let parts = plain.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else {
            throw CommandFailure("'\(text)' names no bucket: write BUCKET/KEY", exitCode: .usage)
        }
        bucket = String(first)
        key = parts.count > 1 ? String(parts[1]) : ""
    }
}
