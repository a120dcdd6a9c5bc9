public import AWSModels
import Core
public import Events
public import Logs
import Wire

/// Carries out exports of log groups. One that was interrupted is done anew: its objects have the same names again.
public struct LogExportTarget: DeliveryTarget {
    private let logs: LogService
    private let buckets: any S3.API
    private let random: any RandomSource
    private let partSize: Int
    private let pageSize: Int

    /// - Parameters:
    ///   - partSize: bytes of text, about, after which a stream goes on in another object.
    ///   - pageSize: how many lines are read at a time.
    public init(
        _ logs: LogService, buckets: any S3.API, random: any RandomSource = SystemRandomSource(),
        partSize: Int = 16 << 20, pageSize: Int = 2_000
    ) {
        self.logs = logs
        self.buckets = buckets
        self.random = random
        self.partSize = partSize
        self.pageSize = pageSize
    }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        guard let arn = ARN(delivery.target) else {
            return .rejected("InvalidParameterException", "\(delivery.target) is no export task.")
        }
        let (id, scope, logs) = (arn.resource, Scope(account: arn.account, region: arn.region), logs)
        do {
            guard let task = try await logs.startExport(id, scope) else { return .done }
            let failure = try await write(LogExport(task))
            return DeliveryOutcome(.done) { transaction in
                try logs.endExport(
                    id, scope, failure == nil ? .completed : .failed, failure ?? "Completed successfully",
                    in: transaction)
            }
        } catch {
            return DeliveryOutcome(.throttled, error: ("ServiceUnavailable", String(describing: error)))
        }
    }

    /// - Returns: why it cannot be done.
    private func write(_ export: LogExport) async throws -> String? {
        do {
            for stream in try await logs.streams(of: export.group, export.scope)
            where stream.name.hasPrefix(export.streamPrefix) {
                guard try await logs.isExporting(export.id, export.scope) else { break }
                try await write(stream.name, export)
            }
            return nil
        } catch let error as LogError {
            return error.description
        } catch let error as AWSError where (error.status ?? 400) < 500 {
            return error.message ?? error.code
        }
    }

    private func write(_ stream: String, _ export: LogExport) async throws {
        var query = export.query(stream, limit: pageSize)
        var (text, part) = ([UInt8](), 0)
        while true {
            let events = try await logs.events(in: export.group, export.scope, query)
            for event in events { text += Array(LogExport.line(event).utf8) }
            let isLast = events.count < query.limit
            if text.count >= partSize || isLast && !text.isEmpty {
                guard let bytes = Gzip.compress(text) else { throw AWSError.internalFailure("no memory to compress") }
                let requestID = UUIDText.make(high: random.nextUInt64(), low: random.nextUInt64())
                try await export.write(bytes, to: export.key(stream, part: part), buckets, requestID)
                (text, part) = ([], part + 1)
            }
            guard !isLast, let last = events.last else { return }
            query.cursor = LogQuery.Cursor(time: last.time, id: last.id)
        }
    }
}
