public import Core
import StatesLanguage

/// Has the work of Task states done: functions, services, jobs. The host supplies it.
///
/// Calls are made after the task is on record. After a crash a task whose end was not recorded is started again, so
/// that effects happen at least once, and their results count exactly once.
public protocol TaskIntegration: Sendable {
    /// Does the work, or hands it over: a request-response task gives its result, a `.sync` or `.waitForTaskToken`
    /// task the service's answer to the request.
    func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON

    /// The same for a state that is tested: the trace takes what is exchanged with the service.
    func start(_ task: TaskInvocation, tracing trace: TaskTrace) async throws(TaskFailure) -> JSON

    /// Waits for the end of a `.sync` task that was handed over, maybe in an earlier life of the host.
    ///
    /// - Parameter submission: What ``start(_:)`` gave.
    func result(of task: TaskInvocation, submission: JSON) async throws(TaskFailure) -> JSON

    /// The task's result is no longer wanted: it timed out, or its execution was stopped.
    func cancel(_ task: TaskInvocation) async
}

extension TaskIntegration {
    public func start(_ task: TaskInvocation, tracing trace: TaskTrace) async throws(TaskFailure) -> JSON {
        try await start(task)
    }

    public func result(of task: TaskInvocation, submission: JSON) async throws(TaskFailure) -> JSON {
        throw TaskFailure(
            error: ErrorName.runtime, cause: "\(task.resource.text) cannot be waited for: the integration has no jobs.")
    }

    public func cancel(_ task: TaskInvocation) async {}
}

/// How a task failed, in the words of its service: `Lambda.ResourceNotFoundException`.
public struct TaskFailure: Error, Sendable, Equatable {
    public var error: String?
    public var cause: String?

    public init(error: String?, cause: String?) {
        self.error = error
        self.cause = cause
    }

    var output: ErrorOutput { ErrorOutput(error: error, cause: cause) }
}

/// Integrations by service: `lambda`, `sns`, `aws-sdk:dynamodb`. The first that takes the resource has it.
public struct TaskIntegrationTable: TaskIntegration {
    private var byService: [String: any TaskIntegration] = [:]

    public init() {}

    /// - Parameter service: The `resourceType` of history events; `lambda` also gets functions called directly.
    public mutating func register(_ integration: any TaskIntegration, service: String) {
        byService[service] = integration
    }

    private func integration(for task: TaskInvocation) throws(TaskFailure) -> any TaskIntegration {
        let service = task.resource.integration?.resourceType ?? "lambda"
        if let found = byService[service] { return found }
        if service.hasPrefix("aws-sdk:"), let found = byService["aws-sdk"] { return found }
        throw TaskFailure(
            error: ErrorName.runtime, cause: "The resource \(task.resource.text) is not supported by this host.")
    }

    public func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON {
        try await integration(for: task).start(task)
    }

    public func start(_ task: TaskInvocation, tracing trace: TaskTrace) async throws(TaskFailure) -> JSON {
        try await integration(for: task).start(task, tracing: trace)
    }

    public func result(of task: TaskInvocation, submission: JSON) async throws(TaskFailure) -> JSON {
        try await integration(for: task).result(of: task, submission: submission)
    }

    public func cancel(_ task: TaskInvocation) async {
        try? await integration(for: task).cancel(task)
    }
}
