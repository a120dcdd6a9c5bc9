import AWSModels
import Core
import Wire

/// Shows executions as they stand and as they go on.
struct ExecutionFollower: Sendable {
    let client: AWSClient
    let output: Output

    func show(_ arn: String, events: Bool) async throws {
        try Self.refuseExpress(arn)
        let execution = try await client.call(StepFunctions.Operations.describeExecution) { $0.executionArn = arn }
        let history = try await history(arn)
        let cost = try? await client.admin("GET", "cost?execution=\(arn)")
        if output.json {
            var object = Self.json(execution)
            object["cost"] = cost?["amount"]
            object["events"] = .array(history.map { ["id": JSON($0.id), "type": .string($0.type.rawValue)] })
            return output.write(.object(object))
        }
        output.write("\(output.style.bold(execution.name ?? arn))  \(status(execution))")
        if events {
            for event in history { output.write("\(event.id)  \(event.timestamp)  \(event.type.rawValue)") }
        } else {
            output.write(ExecutionPicture(history).text(output.style))
        }
        writeEnd(execution, cost)
    }

    /// Shows each state as it ends, and fails when the execution does.
    func follow(_ arn: String) async throws {
        try Self.refuseExpress(arn)
        var shown = 0
        while true {
            let execution = try await client.call(StepFunctions.Operations.describeExecution) { $0.executionArn = arn }
            let picture = ExecutionPicture(try await history(arn))
            let lines = picture.text(output.style).split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            let ended = picture.rows.prefix { $0.outcome != .running }.count
            if !output.json {
                for line in lines.prefix(ended).dropFirst(shown) { output.write(String(line)) }
            }
            shown = max(shown, ended)
            guard execution.status.rawValue != "RUNNING", execution.status.rawValue != "PENDING_REDRIVE" else {
                try await Task.sleep(for: .milliseconds(300))
                continue
            }
            if output.json {
                output.write(.object(Self.json(execution)))
            } else {
                for line in lines.dropFirst(shown) { output.write(String(line)) }
                writeEnd(execution, try? await client.admin("GET", "cost?execution=\(arn)"))
            }
            return try check(execution)
        }
    }

    /// Runs an Express workflow and shows how it ends.
    func run(_ stateMachine: String, input: String, name: String?) async throws {
        let ended = try await client.call(StepFunctions.Operations.startSyncExecution) { request in
            request.stateMachineArn = stateMachine
            request.input = input
            request.name = name
        }
        let execution = StepFunctions.DescribeExecutionOutput {
            $0.executionArn = ended.executionArn
            $0.status = StepFunctions.ExecutionStatus(rawValue: ended.status.rawValue)
            $0.startDate = ended.startDate
            $0.stopDate = ended.stopDate
            $0.output = ended.output
            $0.error = ended.error
            $0.cause = ended.cause
        }
        if output.json {
            output.write(.object(Self.json(execution)))
        } else {
            output.write("\(output.style.bold(ended.name ?? ended.executionArn))  \(status(execution))")
            writeEnd(execution, try? await client.admin("GET", "cost?execution=\(ended.executionArn)"))
        }
        try check(execution)
    }

    private func check(_ execution: StepFunctions.DescribeExecutionOutput) throws {
        guard execution.status.rawValue == "SUCCEEDED" else {
            throw CommandFailure("the execution ended as \(execution.status.rawValue)")
        }
    }

    private static func refuseExpress(_ arn: String) throws {
        guard let parts = ARN(arn)?.resource.split(separator: ":"), parts.first == "express", parts.count > 1 else {
            return
        }
        throw CommandFailure(
            "an Express workflow keeps no history of its executions. With 'Logging: {Level: ALL}' in its .workflow.yaml "
                + "it writes one: millrace logs /aws/states/\(parts[1])", exitCode: .usage)
    }

    private func history(_ arn: String) async throws -> [StepFunctions.HistoryEvent] {
        var events: [StepFunctions.HistoryEvent] = []
        var token: String?
        repeat {
            let next = token
            let page = try await client.call(StepFunctions.Operations.getExecutionHistory) { request in
                request.executionArn = arn
                request.maxResults = 1000
                request.nextToken = next
            }
            events += page.events
            token = page.nextToken
        } while token != nil
        return events
    }

    private func status(_ execution: StepFunctions.DescribeExecutionOutput) -> String {
        ExecutionPicture.coloured(execution.status.rawValue, output.style)
    }

    private func writeEnd(_ execution: StepFunctions.DescribeExecutionOutput, _ cost: JSON?) {
        if let error = execution.error { output.write("\(output.style.red(error)): \(execution.cause ?? "")") }
        if let result = execution.output { output.write("output: \(result)") }
        if let amount = cost?["amount"]?.stringValue { output.write(output.style.dim("cost: $\(amount)")) }
    }

    private static func json(_ execution: StepFunctions.DescribeExecutionOutput) -> JSONObject {
        var object: JSONObject = [
            "executionArn": .string(execution.executionArn), "status": .string(execution.status.rawValue),
            "startDate": .string(execution.startDate.description),
        ]
        if let stop = execution.stopDate { object["stopDate"] = .string(stop.description) }
        if let result = execution.output { object["output"] = (try? JSON(parsing: result)) ?? .string(result) }
        if let error = execution.error { object["error"] = .string(error) }
        if let cause = execution.cause { object["cause"] = .string(cause) }
        return object
    }
}
