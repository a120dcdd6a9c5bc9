import Core

/// What usage is summed under, besides its day.
struct Series: Hashable, Sendable {
    var account: String
    var region: String
    var metric: Metric
    var resource: String
    /// The state machine on whose behalf it was used, or empty.
    var workflow: String

    init(_ usage: Usage, _ metric: Metric) {
        account = usage.scope.account
        region = usage.scope.region
        self.metric = metric
        resource = usage.resource
        workflow = usage.execution.map(Self.workflow) ?? ""
    }

    /// The state machine's ARN, from that of one of its executions:
    /// `arn:aws:states:R:A:execution:NAME:ID` or `…:express:NAME:ID:UUID`.
    static func workflow(ofExecution execution: String) -> String {
        guard let arn = ARN(execution) else { return execution }
        let parts = arn.resource.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "execution" || parts[0] == "express" else { return execution }
        return Scope(account: arn.account, region: arn.region).arn("states", "stateMachine:\(parts[1])").description
    }
}
