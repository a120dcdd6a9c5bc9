import Core
import StatesLanguage
import Storage

extension WorkflowEngine {
    /// Runs a distributed Map and tells the execution it belongs to how it ended. Nothing is told when the host shuts
    /// down meanwhile: the next start takes the run up again.
    func run(_ request: MapRunRequest, redriven: Bool) async {
        guard let known = await knownRun(request, redriven: redriven) else { return }
        let (request, control) = known
        mapRuns.insert(control, execution: request.execution.key, run: request.id)
        defer { mapRuns.remove(control, execution: request.execution.key, run: request.id) }
        let runner = MapRunner(engine: self, request: request, control: control, redriven: redriven)
        let outcome: Result<JSON?, TaskFailure>
        do throws(TaskFailure) {
            outcome = .success(try await runner.run())
        } catch {
            outcome = .failure(error)
        }
        guard !Task.isCancelled else { return }
        await conclude(runner, outcome)
    }

    private func conclude(_ runner: MapRunner, _ outcome: Result<JSON?, TaskFailure>) async {
        let kind: Signal.Kind?
        let status: MapRunRecord.Status
        switch outcome {
        case .success(let output?): (kind, status) = (.mapRunSucceeded(runner.request.id, output: output), .succeeded)
        case .success(nil): (kind, status) = (nil, .aborted)
        case .failure(let failure): (kind, status) = (.mapRunFailed(runner.request.id, failure.output), .failed)
        }
        let now = clock.now
        runner.control.count { record in
            record.status = status
            record.stoppedAt = now
            if status == .succeeded {
                record.itemCounts.resultsWritten = record.itemCounts.succeeded
                record.executionCounts.resultsWritten = record.executionCounts.succeeded
            }
            if status != .succeeded {
                record.itemCounts.move(record.itemCounts.running, to: .aborted)
                record.executionCounts.move(record.executionCounts.running, to: .aborted)
            }
        }
        await runner.save()
        if let kind, let taken = live.post(Message(kind: kind), to: runner.request.execution.key) {
            await workOff(taken)
        }
    }

    /// The run as it is on record, or a new one; with the parent's definition, which the children run.
    private func knownRun(_ request: MapRunRequest, redriven: Bool) async -> (MapRunRequest, MapRunControl)? {
        let now = clock.now
        let new = MapRunRecord(
            arn: request.arn, execution: request.execution.key, executionARN: request.execution.arn,
            machineARN: "\(request.execution.stateMachineARN)/\(request.label)", status: .running, startedAt: now,
            maxConcurrency: request.maxConcurrency, toleratedFailureCount: request.toleratedFailureCount ?? 0,
            toleratedFailurePercentage: request.toleratedFailurePercentage ?? 0, redriveCount: 0,
            itemCounts: MapRunCounts(), executionCounts: MapRunCounts())
        let found = try? await database.write { transaction -> (MapRunRecord, Int64) in
            var record = try MapRunRecord.find(request.arn, in: transaction) ?? new
            record.status = .running
            record.stoppedAt = nil
            if redriven {
                record.redriveCount += 1
                record.redrivenAt = now
            }
            try record.save(in: transaction)
            let parent = try ExecutionRecord.find(request.execution.key, in: transaction)
            return (record, parent?.definition ?? 0)
        }
        guard let (record, definition) = found else {
            // The database does not take it now: try again in a while, unless the host ends.
            try? await clock.sleep(milliseconds: 1000)
            if !Task.isCancelled { spawn { await self.run(request, redriven: redriven) } }
            return nil
        }
        var request = request
        request.definition = definition
        return (request, MapRunControl(record))
    }

    /// `DescribeMapRun`.
    public func mapRun(_ arn: String) async throws(WorkflowError) -> MapRunRecord {
        if let control = mapRuns[arn] { return control.record }
        return try await look { transaction in
            guard let record = try MapRunRecord.find(arn, in: transaction) else { throw Self.missing(arn) }
            return record
        }
    }

    private static func missing(_ arn: String) -> WorkflowError {
        WorkflowError(.resourceNotFound, "Resource not found: '\(arn)'")
    }

    /// `ListMapRuns` of an execution, in the order of their start.
    public func mapRuns(
        of executionARN: String, maxResults: Int? = nil, nextToken: String? = nil
    ) async throws(WorkflowError) -> Page<MapRunRecord> {
        let execution = try await execution(executionARN)
        let after = try PageToken.decode(nextToken) ?? ""
        let limit = Page<MapRunRecord>.limit(maxResults)
        let rows = try await look { transaction in
            try transaction.query(
                """
                SELECT \(MapRunRecord.columns) FROM workflows_map_runs WHERE execution = $1 AND arn > $2
                ORDER BY arn LIMIT $3
                """, .integer(execution.id), .text(after), .int(limit + 1)
            ).map { try MapRunRecord($0) }
        }
        return Page(rows, limit: limit) { $0.arn }
    }

    /// `UpdateMapRun`: changes how a run under way goes on. What is nil stays as it is.
    public func updateMapRun(
        _ arn: String, maxConcurrency: Int64? = nil, toleratedFailureCount: Int64? = nil,
        toleratedFailurePercentage: Double? = nil
    ) async throws(WorkflowError) {
        _ = try await mapRun(arn)
        guard let control = mapRuns[arn] else {
            throw WorkflowError(.validation, "Map Run is not running: '\(arn)'")
        }
        if let value = maxConcurrency, value < 0 {
            throw WorkflowError(.validation, "maxConcurrency must not be negative.")
        }
        if let value = toleratedFailurePercentage, !(0...100).contains(value) {
            throw WorkflowError(.validation, "toleratedFailurePercentage must be between 0 and 100.")
        }
        let record = control.change { record -> MapRunRecord in
            if let maxConcurrency { record.maxConcurrency = maxConcurrency }
            if let toleratedFailureCount { record.toleratedFailureCount = toleratedFailureCount }
            if let toleratedFailurePercentage { record.toleratedFailurePercentage = toleratedFailurePercentage }
            return record
        }
        _ = try await change { try record.save(in: $0) }
    }
}
