import AWSModels
import Core
import Wire
import Workflows

extension StepFunctionsProvider {
    public func startExecution(
        _ input: StepFunctions.StartExecutionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.StartExecutionOutput {
        let record = try await answer { () async throws(WorkflowError) in
            try await engine.startExecution(
                StartExecutionRequest(
                    machineARN: input.stateMachineArn, name: input.name, input: input.input ?? "{}",
                    traceHeader: input.traceHeader))
        }
        return StepFunctions.StartExecutionOutput {
            $0.executionArn = record.arn
            $0.startDate = record.startedAt
        }
    }

    public func startSyncExecution(
        _ input: StepFunctions.StartSyncExecutionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.StartSyncExecutionOutput {
        let result = try await answer { () async throws(WorkflowError) in
            try await engine.startSyncExecution(
                StartExecutionRequest(
                    machineARN: input.stateMachineArn, name: input.name, input: input.input ?? "{}",
                    traceHeader: input.traceHeader))
        }
        let record = result.record
        return StepFunctions.StartSyncExecutionOutput {
            $0.executionArn = record.arn
            $0.stateMachineArn = record.machineARN
            $0.name = record.name
            $0.startDate = record.startedAt
            $0.stopDate = record.stoppedAt ?? record.startedAt
            $0.status = .init(rawValue: record.status.rawValue)
            $0.error = record.failure.error
            $0.cause = record.failure.cause
            let showsData = input.includedData != .metadataOnly
            $0.input = showsData ? record.input : nil
            $0.inputDetails = showsData ? Self.included : Self.leftOut
            $0.output = showsData ? record.output : nil
            $0.outputDetails = showsData ? Self.included : Self.leftOut
            $0.traceHeader = input.traceHeader
            $0.billingDetails = StepFunctions.BillingDetails {
                $0.billedMemoryUsedInMB = Int(result.billedMegabytes)
                $0.billedDurationInMilliseconds = Int(result.billedMilliseconds)
            }
        }
    }

    public func describeExecution(
        _ input: StepFunctions.DescribeExecutionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DescribeExecutionOutput {
        let record = try await answer { () async throws(WorkflowError) in
            try await engine.execution(input.executionArn)
        }
        let redrive = engine.redriveStatus(of: record)
        return StepFunctions.DescribeExecutionOutput {
            $0.executionArn = record.arn
            $0.stateMachineArn = record.machineARN
            $0.name = record.name
            $0.status = .init(rawValue: record.status.rawValue)
            $0.startDate = record.startedAt
            $0.stopDate = record.stoppedAt
            let showsData = input.includedData != .metadataOnly
            $0.input = showsData ? record.input : nil
            $0.inputDetails = showsData ? Self.included : Self.leftOut
            $0.output = showsData ? record.output : nil
            if record.output != nil { $0.outputDetails = showsData ? Self.included : Self.leftOut }
            $0.mapRunArn = record.mapRunARN
            $0.error = record.failure.error
            $0.cause = record.failure.cause
            $0.stateMachineVersionArn = record.versionARN
            $0.stateMachineAliasArn = record.aliasARN
            $0.redriveCount = Int(record.redriveCount)
            $0.redriveDate = record.redrivenAt
            $0.redriveStatus = .init(rawValue: redrive.name)
            $0.redriveStatusReason = redrive.reason
        }
    }

    public func listExecutions(
        _ input: StepFunctions.ListExecutionsInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.ListExecutionsOutput {
        let status = input.statusFilter.flatMap { Workflows.ExecutionStatus(rawValue: $0.rawValue) }
        if input.redriveFilter != nil, input.mapRunArn == nil {
            throw AWSError("ValidationException", "redriveFilter is only supported with mapRunArn")
        }
        let page = try await answer { () async throws(WorkflowError) in
            if let run = input.mapRunArn {
                return try await engine.executions(
                    ofMapRun: run, status: status, isRedriven: input.redriveFilter.map { $0.rawValue == "REDRIVEN" },
                    maxResults: input.maxResults, nextToken: input.nextToken)
            }
            return try await engine.executions(
                of: input.stateMachineArn ?? "", status: status, maxResults: input.maxResults,
                nextToken: input.nextToken)
        }
        return StepFunctions.ListExecutionsOutput {
            $0.nextToken = page.nextToken
            $0.executions = page.items.map { record in
                StepFunctions.ExecutionListItem {
                    $0.executionArn = record.arn
                    $0.stateMachineArn = record.machineARN
                    $0.name = record.name
                    $0.status = .init(rawValue: record.status.rawValue)
                    $0.startDate = record.startedAt
                    $0.stopDate = record.stoppedAt
                    $0.mapRunArn = record.mapRunARN
                    $0.stateMachineVersionArn = record.versionARN
                    $0.stateMachineAliasArn = record.aliasARN
                    $0.redriveCount = Int(record.redriveCount)
                    $0.redriveDate = record.redrivenAt
                }
            }
        }
    }

    public func getExecutionHistory(
        _ input: StepFunctions.GetExecutionHistoryInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.GetExecutionHistoryOutput {
        let page = try await answer { () async throws(WorkflowError) in
            try await engine.history(
                of: input.executionArn, reverse: input.reverseOrder ?? false, maxResults: input.maxResults,
                nextToken: input.nextToken)
        }
        var events: [StepFunctions.HistoryEvent] = []
        for event in page.items {
            let json = JSON.object(event.json(includesData: input.includeExecutionData ?? true))
            events.append(.init(record: try JSONCodec.record(json.bytes(), StepFunctions.HistoryEvent.schema)))
        }
        let all = events
        return StepFunctions.GetExecutionHistoryOutput {
            $0.events = all
            $0.nextToken = page.nextToken
        }
    }

    public func stopExecution(
        _ input: StepFunctions.StopExecutionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.StopExecutionOutput {
        let record = try await answer { () async throws(WorkflowError) in
            try await engine.stopExecution(input.executionArn, error: input.error, cause: input.cause)
        }
        return StepFunctions.StopExecutionOutput { $0.stopDate = record.stoppedAt ?? record.startedAt }
    }

    public func redriveExecution(
        _ input: StepFunctions.RedriveExecutionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.RedriveExecutionOutput {
        let date = try await answer { () async throws(WorkflowError) in
            try await engine.redriveExecution(input.executionArn, clientToken: input.clientToken)
        }
        return StepFunctions.RedriveExecutionOutput { $0.redriveDate = date }
    }

    public func sendTaskSuccess(
        _ input: StepFunctions.SendTaskSuccessInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.SendTaskSuccessOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.sendTaskSuccess(token: input.taskToken, output: input.output)
        }
        return StepFunctions.SendTaskSuccessOutput()
    }

    public func sendTaskFailure(
        _ input: StepFunctions.SendTaskFailureInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.SendTaskFailureOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.sendTaskFailure(token: input.taskToken, error: input.error, cause: input.cause)
        }
        return StepFunctions.SendTaskFailureOutput()
    }

    public func sendTaskHeartbeat(
        _ input: StepFunctions.SendTaskHeartbeatInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.SendTaskHeartbeatOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.sendTaskHeartbeat(token: input.taskToken)
        }
        return StepFunctions.SendTaskHeartbeatOutput()
    }
}
