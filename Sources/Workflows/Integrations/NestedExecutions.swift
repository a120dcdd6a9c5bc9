import Core
import StatesLanguage

/// `arn:aws:states:::states:startExecution`, in all its patterns: the engine serves it by itself.
struct NestedExecutions: TaskIntegration {
    let engine: WorkflowEngine

    static func takes(_ task: TaskInvocation) -> Bool {
        guard let integration = task.resource.integration, !integration.isSDK else { return false }
        return integration.service == "states" && integration.action == "startExecution"
    }

    func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON {
        guard let machine = task.parameters["StateMachineArn"]?.stringValue else {
            throw TaskFailure(
                error: ErrorName.runtime, cause: "The field 'StateMachineArn' is required to start an execution.")
        }
        let input = Self.input(task.parameters["Input"])
        // Without a name of its own the child is named after its task, so that a start that is repeated after a crash
        // finds the execution that it had begun.
        let name = task.parameters["Name"]?.stringValue ?? name(of: task)
        do throws(WorkflowError) {
            let record = try await engine.startExecution(
                StartExecutionRequest(machineARN: machine, name: name, input: input))
            return answer(record)
        } catch {
            throw failure(error)
        }
    }

    private static func input(_ value: JSON?) -> String {
        switch value {
        case nil, .null?: "{}"
        case .string(let text)?: text
        case let other?: other.text()
        }
    }

    private func name(of task: TaskInvocation) -> String {
        var random = SeededRandom(
            seed: UInt64(bitPattern: task.execution.key &* 0x1000193) ^ UInt64(bitPattern: task.id))
        return UUIDText.random(using: &random)
    }

    private func answer(_ record: ExecutionRecord) -> JSON {
        let members: JSONObject = [
            "ExecutionArn": .string(record.arn), "StartDate": .double(record.startedAt.seconds),
        ]
        let length = JSON.object(members).bytes().count
        return SDKResponseMetadata(
            requestID: UUIDText.random(using: engine.random), contentType: "application/x-amz-json-1.0",
            contentLength: length, date: engine.clock.now
        ).adding(to: members)
    }

    private func failure(_ error: WorkflowError) -> TaskFailure {
        let request = UUIDText.random(using: engine.random)
        return TaskFailure(
            error: "StepFunctions.\(error.code.rawValue)Exception",
            cause: "\(error.message) (Service: AWSStepFunctions; Status Code: 400; Error Code: \(error.code.rawValue); "
                + "Request ID: \(request); Proxy: null)")
    }

    // MARK: Waiting for the end

    func result(of task: TaskInvocation, submission: JSON) async throws(TaskFailure) -> JSON {
        guard let arn = submission["ExecutionArn"]?.stringValue else {
            throw TaskFailure(error: ErrorName.runtime, cause: "The execution to wait for is not known.")
        }
        let record: ExecutionRecord
        do throws(WorkflowError) {
            record = try await engine.ended(arn)
        } catch {
            throw failure(error)
        }
        let isParsed = task.resource.integration?.pattern == .sync2
        let description = description(record, isParsed: isParsed)
        guard record.status == .succeeded else {
            throw TaskFailure(error: ErrorName.taskFailed, cause: description.text())
        }
        return description
    }

    /// - Parameter isParsed: `.sync:2` gives input and output as JSON, `.sync` as text.
    private func description(_ record: ExecutionRecord, isParsed: Bool) -> JSON {
        func data(_ text: String) -> JSON { isParsed ? (try? JSON(parsing: text)) ?? .string(text) : .string(text) }
        var members: JSONObject = [:]
        if let cause = record.failure.cause { members["Cause"] = .string(cause) }
        if let error = record.failure.error { members["Error"] = .string(error) }
        members["ExecutionArn"] = .string(record.arn)
        members["Input"] = data(record.input)
        members["InputDetails"] = ["Included": true]
        members["Name"] = .string(record.name)
        if let output = record.output {
            members["Output"] = data(output)
            members["OutputDetails"] = ["Included": true]
        }
        let redrive = engine.redriveStatus(of: record)
        members["RedriveCount"] = .int(record.redriveCount)
        members["RedriveStatus"] = .string(redrive.name)
        if let reason = redrive.reason { members["RedriveStatusReason"] = .string(reason) }
        members["StartDate"] = .int(record.startedAt.milliseconds)
        members["StateMachineArn"] = .string(record.machineARN)
        members["Status"] = .string(record.status.rawValue)
        if let stopped = record.stoppedAt { members["StopDate"] = .int(stopped.milliseconds) }
        return .object(members)
    }

    /// A parent that no longer waits takes its child along, as AWS does for jobs that it waits for.
    func cancel(_ task: TaskInvocation) async {
        guard let pattern = task.resource.integration?.pattern, pattern == .sync || pattern == .sync2,
            let machine = task.parameters["StateMachineArn"]?.stringValue.flatMap(QualifiedARN.init)
        else { return }
        let name = task.parameters["Name"]?.stringValue ?? name(of: task)
        let arn = machine.scope.arn("states", "execution:\(machine.name):\(name)").description
        _ = try? await engine.stopExecution(arn)
    }
}
