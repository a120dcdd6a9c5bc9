public import Core
import StatesLanguage
import Wire
public import Workflows

/// Tasks on services: the optimized integrations that need nothing but a call (`sns:publish`, `sqs:sendMessage`), and
/// every `aws-sdk:<service>:<action>`, over the services of this host.
public struct AWSServiceIntegration: TaskIntegration {
    let services: InProcessServices
    let clock: any HostClock
    let random: any RandomSource
    /// By which services name themselves in what they answer, such as queue URLs.
    let endpoint: String

    public init(
        _ services: InProcessServices, clock: any HostClock, random: any RandomSource = SystemRandomSource(),
        endpoint: String = "http://127.0.0.1:4566"
    ) {
        self.services = services
        self.clock = clock
        self.random = random
        self.endpoint = endpoint
    }

    public func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON {
        guard let integration = task.resource.integration else { throw unsupported(task) }
        let names =
            integration.isSDK ? SDKService.sdk(integration.service) : SDKService.optimized(integration.service)
        guard integration.pattern == .requestResponse || integration.pattern == .waitForTaskToken,
            let service = services[names.modelID],
            let operation = service.model.operation(named: SDKService.capitalized(integration.action)),
            operation.isSupported
        else { throw unsupported(task) }
        let call = ServiceCall(
            service: service, operation: operation, names: names,
            context: RequestContext(
                scope: task.scope,
                requestID: UUIDText.random(using: random), endpoint: endpoint, userAgent: "AWS Step Functions",
                operation: operation.name, protocolName: service.model.traits.protocols.first ?? .json10))
        return try await answer(call, task)
    }

    private func unsupported(_ task: TaskInvocation) -> TaskFailure {
        TaskFailure(
            error: ErrorName.runtime, cause: "The resource '\(task.resource.text)' is not supported by this host.")
    }

    private func answer(_ call: ServiceCall, _ task: TaskInvocation) async throws(TaskFailure) -> JSON {
        let input = try input(of: call, task)
        let output: Record
        do throws(AWSError) {
            output = try await call.service.call(call.operation, input, call.context)
        } catch {
            throw call.failure(error)
        }
        let type = task.resource.integration?.resourceType ?? ""
        let result = try await TaskResult(style: call.names.style, resourceType: type).json(output)
        guard call.names.style == .optimized else { return .object(result) }
        if call.names.modelID == "events" { return try Self.entries(result) }
        return call.metadata(of: output, at: clock.now).adding(to: result)
    }

    private func input(of call: ServiceCall, _ task: TaskInvocation) throws(TaskFailure) -> Record {
        if call.names.modelID == "sqs", call.names.style == .optimized { try Self.checkQueue(task.parameters) }
        var input: Record
        do {
            input = try TaskParameters.record(task.parameters, call.operation.input)
        } catch {
            throw .parameters(task.parameters, error.message)
        }
        if call.names.modelID == "s3" { call.describeBody(of: &input) }
        if call.names.modelID == "events" { Self.addExecution(task, to: &input) }
        return input
    }

    /// A queue's URL is where the request goes to.
    private static func checkQueue(_ parameters: JSON) throws(TaskFailure) {
        guard let url = parameters["QueueUrl"]?.stringValue else { return }
        let parts = url.split(separator: "/", omittingEmptySubsequences: true)
        guard let scheme = parts.first, scheme == "http:" || scheme == "https:", parts.count == 2 else { return }
        throw TaskFailure(
            error: "SQS.SdkClientException",
            cause: "Unable to execute HTTP request: \(parts[1]): Name or service not known")
    }

    /// Events of workflows name the execution and the machine that they come from.
    private static func addExecution(_ task: TaskInvocation, to input: inout Record) {
        guard task.resource.integration?.isSDK == false, case .list(let entries) = input[member: "Entries"] else {
            return
        }
        let own = [task.execution.stateMachineARN, task.execution.arn].map { Value.string($0) }
        input[member: "Entries"] = .list(
            entries.map { entry in
                guard case .structure(var record) = entry else { return entry }
                if case .list(let named) = record[member: "Resources"] {
                    record[member: "Resources"] = .list(named + own)
                } else {
                    record[member: "Resources"] = .list(own)
                }
                return .structure(record)
            })
    }

    /// Entries that were refused fail the task, with the whole answer as the cause.
    private static func entries(_ result: JSONObject) throws(TaskFailure) -> JSON {
        guard (result["FailedEntryCount"]?.intValue ?? 0) > 0 else { return .object(result) }
        throw TaskFailure(error: "EventBridge.FailedEntry", cause: JSON.object(result).text())
    }
}

extension TaskFailure {
    /// The parameters do not fit the operation: the task is not begun.
    static func parameters(_ parameters: JSON, _ problem: String) -> TaskFailure {
        TaskFailure(
            error: ErrorName.runtime,
            cause: "The Parameters '\(parameters.text())' could not be used to start the Task: [\(problem)]")
    }
}
