import AWSModels
import Core
import Wire
import Workflows

extension StepFunctionsProvider {
    public func describeMapRun(
        _ input: StepFunctions.DescribeMapRunInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DescribeMapRunOutput {
        let run = try await answer { () async throws(WorkflowError) in try await engine.mapRun(input.mapRunArn) }
        return StepFunctions.DescribeMapRunOutput {
            $0.mapRunArn = run.arn
            $0.executionArn = run.executionARN
            $0.status = .init(rawValue: run.status.rawValue)
            $0.startDate = run.startedAt
            $0.stopDate = run.stoppedAt
            $0.maxConcurrency = Int(run.maxConcurrency)
            $0.toleratedFailurePercentage = run.toleratedFailurePercentage
            $0.toleratedFailureCount = Int(run.toleratedFailureCount)
            $0.itemCounts = Self.itemCounts(run.itemCounts)
            $0.executionCounts = Self.executionCounts(run.executionCounts)
            $0.redriveCount = Int(run.redriveCount)
            $0.redriveDate = run.redrivenAt
        }
    }

    private static func itemCounts(_ counts: MapRunCounts) -> StepFunctions.MapRunItemCounts {
        StepFunctions.MapRunItemCounts {
            $0.pending = Int(counts.pending)
            $0.running = Int(counts.running)
            $0.succeeded = Int(counts.succeeded)
            $0.failed = Int(counts.failed)
            $0.timedOut = Int(counts.timedOut)
            $0.aborted = Int(counts.aborted)
            $0.total = Int(counts.total)
            $0.resultsWritten = Int(counts.resultsWritten)
            $0.failuresNotRedrivable = 0
            $0.pendingRedrive = 0
        }
    }

    private static func executionCounts(_ counts: MapRunCounts) -> StepFunctions.MapRunExecutionCounts {
        StepFunctions.MapRunExecutionCounts {
            $0.pending = Int(counts.pending)
            $0.running = Int(counts.running)
            $0.succeeded = Int(counts.succeeded)
            $0.failed = Int(counts.failed)
            $0.timedOut = Int(counts.timedOut)
            $0.aborted = Int(counts.aborted)
            $0.total = Int(counts.total)
            $0.resultsWritten = Int(counts.resultsWritten)
            $0.failuresNotRedrivable = 0
            $0.pendingRedrive = 0
        }
    }

    public func listMapRuns(
        _ input: StepFunctions.ListMapRunsInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.ListMapRunsOutput {
        let page = try await answer { () async throws(WorkflowError) in
            try await engine.mapRuns(
                of: input.executionArn, maxResults: input.maxResults, nextToken: input.nextToken)
        }
        return StepFunctions.ListMapRunsOutput {
            $0.nextToken = page.nextToken
            $0.mapRuns = page.items.map { run in
                StepFunctions.MapRunListItem {
                    $0.executionArn = run.executionARN
                    $0.mapRunArn = run.arn
                    $0.stateMachineArn = run.machineARN
                    $0.startDate = run.startedAt
                    $0.stopDate = run.stoppedAt
                }
            }
        }
    }

    public func updateMapRun(
        _ input: StepFunctions.UpdateMapRunInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.UpdateMapRunOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.updateMapRun(
                input.mapRunArn, maxConcurrency: input.maxConcurrency.map(Int64.init),
                toleratedFailureCount: input.toleratedFailureCount.map(Int64.init),
                toleratedFailurePercentage: input.toleratedFailurePercentage)
        }
        return StepFunctions.UpdateMapRunOutput()
    }
}
