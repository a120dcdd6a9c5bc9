import Core
import StatesLanguage

/// Shapes the results of a map run, and writes them to a bucket when the state has a result writer.
struct ResultWriting {
    let request: MapRunRequest
    let objects: (any ObjectStore)?

    /// The output of the Map state.
    func output(_ results: [ChildResult]) async throws(TaskFailure) -> JSON {
        let succeeded = results.filter { $0.record.status == .succeeded }
        guard let writer = request.map.resultWriter else { return .array(succeeded.map { Self.output($0) }) }
        guard writer.resource != nil else {
            return .array(Self.transformed(succeeded, writer.transformation))
        }
        return try await write(results, writer)
    }

    private static func output(_ result: ChildResult) -> JSON {
        result.record.output.flatMap { try? JSON(parsing: $0) } ?? .null
    }

    /// `FLATTEN` joins results that are arrays, `COMPACT` keeps them as they are, `NONE` adds the execution's metadata.
    private static func transformed(_ results: [ChildResult], _ transformation: ResultWriter.Transformation) -> [JSON] {
        switch transformation {
        case .none: results.map { .object(metadata($0)) }
        case .compact: results.map { output($0) }
        case .flatten: results.flatMap { result -> [JSON] in output(result).arrayValue ?? [output(result)] }
        }
    }

    private static func metadata(_ result: ChildResult) -> JSONObject {
        let record = result.record
        var object: JSONObject = [
            "ExecutionArn": .string(record.arn), "Input": .string(record.input),
            "InputDetails": ["Included": true], "Name": .string(record.name),
        ]
        if let output = record.output {
            object["Output"] = .string(output)
            object["OutputDetails"] = ["Included": true]
        }
        if let error = record.failure.error { object["Error"] = .string(error) }
        if let cause = record.failure.cause { object["Cause"] = .string(cause) }
        object["RedriveCount"] = .int(record.redriveCount)
        let redrive = record.redriveStatus(at: record.stoppedAt ?? record.startedAt)
        object["RedriveStatus"] = .string(redrive.name)
        if let reason = redrive.reason { object["RedriveStatusReason"] = .string(reason) }
        object["StartDate"] = .string(record.startedAt.description)
        object["StateMachineArn"] = .string(record.machineARN)
        object["Status"] = .string(record.status.rawValue)
        if let stopped = record.stoppedAt { object["StopDate"] = .string(stopped.description) }
        return object
    }

    // MARK: Files

    private func write(_ results: [ChildResult], _ writer: ResultWriter) async throws(TaskFailure) -> JSON {
        guard let objects else { throw Self.failure("This host has no buckets to write results to.") }
        guard let bucket = request.writerArguments?["Bucket"]?.stringValue else {
            throw Self.failure("field Bucket must be a string")
        }
        let prefix = request.writerArguments?["Prefix"]?.stringValue ?? ""
        let run = ARN.lastPart(of: request.arn)
        let folder = (prefix.isEmpty ? "" : prefix + "/") + run
        var files: JSONObject = [:]
        for (name, statuses) in Self.kinds {
            let kept = results.filter { statuses.contains($0.record.status) }
            files[name] = kept.isEmpty ? [] : [try await write(kept, name, writer, objects, bucket, folder)]
        }
        let manifest: JSON = [
            "DestinationBucket": .string(bucket), "MapRunArn": .string(request.arn), "ResultFiles": .object(files),
        ]
        let key = folder + "/manifest.json"
        try await put(manifest.bytes(), objects, bucket, key)
        return [
            "MapRunArn": .string(request.arn),
            "ResultWriterDetails": ["Bucket": .string(bucket), "Key": .string(key)],
        ]
    }

    private static let kinds: [(String, Set<ExecutionStatus>)] = [
        ("FAILED", [.failed, .timedOut, .aborted]), ("PENDING", [.running, .pendingRedrive]),
        ("SUCCEEDED", [.succeeded]),
    ]

    private func write(
        _ results: [ChildResult], _ name: String, _ writer: ResultWriter, _ objects: any ObjectStore,
        _ bucket: String, _ folder: String
    ) async throws(TaskFailure) -> JSON {
        let transformation = name == "SUCCEEDED" ? writer.transformation : .none
        let values = Self.transformed(results, transformation)
        let isLines = writer.outputType == .jsonLines
        let key = "\(folder)/\(name)_0.\(isLines ? "jsonl" : "json")"
        var bytes: [UInt8] = []
        if isLines {
            for value in values { bytes += value.bytes() + [UInt8(ascii: "\n")] }
        } else {
            bytes = JSON.array(values).bytes()
        }
        try await put(bytes, objects, bucket, key)
        return ["Key": .string(key), "Size": JSON(bytes.count)]
    }

    private func put(
        _ bytes: [UInt8], _ objects: any ObjectStore, _ bucket: String, _ key: String
    ) async throws(TaskFailure) {
        do throws(ObjectStoreFailure) {
            try await objects.write(bucket: bucket, key: key, bytes)
        } catch {
            throw Self.failure(error.cause)
        }
    }

    private static func failure(_ cause: String) -> TaskFailure {
        TaskFailure(error: ErrorName.resultWriterFailed, cause: cause)
    }
}
