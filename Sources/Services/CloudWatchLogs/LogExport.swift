import AWSModels
import Core
import Logs
import Wire

/// What an export task says, and the objects that it writes:
/// `PREFIX/aws-logs-write-test` and `PREFIX/TASK/STREAM/000000.gz`, where a `/` of the stream's name is a `-`.
struct LogExport: Sendable {
    let id: String
    let scope: Scope
    let group: String
    /// Which streams are exported: those whose names begin so.
    let streamPrefix: String
    /// Inclusive.
    let start: Timestamp
    /// Inclusive.
    let end: Timestamp
    let bucket: String
    let prefix: String

    init(_ task: LogDefinition) {
        func text(_ name: String) -> String { task.body[name]?.stringValue ?? "" }
        func time(_ name: String) -> Timestamp { Timestamp(milliseconds: task.body[name]?.intValue ?? 0) }
        id = task.name
        scope = task.scope
        group = text("logGroupName")
        streamPrefix = text("logStreamNamePrefix")
        start = time("from")
        end = time("to")
        bucket = text("destination")
        prefix = text("destinationPrefix")
    }

    /// Everything of a stream that is to be exported, from the first on.
    func query(_ stream: String, limit: Int) -> LogQuery {
        var query = LogQuery()
        query.start = start
        query.end = end.adding(milliseconds: 1)
        query.streams = [stream]
        query.limit = limit
        return query
    }

    func key(_ stream: String, part: Int) -> String {
        let directory = String(stream.map { $0 == "/" ? "-" : $0 })
        return "\(id)/\(directory)/\(LogService.digits(Int64(part), count: 6)).gz"
    }

    static func line(_ event: LogEvent) -> String { "\(event.time) \(event.message)\n" }

    /// Writes one object.
    ///
    /// - Parameter name: its key behind the prefix.
    func write(
        _ bytes: [UInt8], to name: String, _ buckets: any S3.API, _ requestID: String
    ) async throws(AWSError) {
        let put = S3.PutObjectRequest {
            $0.bucket = bucket
            $0.key = prefix.isEmpty ? name : "\(prefix)/\(name)"
            $0.body = ByteStream(bytes)
        }
        let context = RequestContext(scope: scope, requestID: requestID, operation: "PutObject")
        _ = try await buckets.putObject(put, context)
    }
}
