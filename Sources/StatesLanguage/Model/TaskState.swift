/// Has work done by a function, a service or an activity worker.
public struct TaskState: Sendable {
    public let resource: TaskResource
    /// `Parameters` (JSONPath) or `Arguments` (JSONata); nil hands on the effective input.
    public let arguments: Template?
    public let resultSelector: Template?
    public let resultPath: ResultPath
    /// `TimeoutSeconds` or `TimeoutSecondsPath`; nil means the service's own limit.
    public let timeoutSeconds: FieldValue<Int64>?
    /// `HeartbeatSeconds` or `HeartbeatSecondsPath`.
    public let heartbeatSeconds: FieldValue<Int64>?
    /// `Credentials`, an object with the role to assume.
    public let credentials: Template?
    public let retriers: [Retrier]
    public let catchers: [Catcher]
}
