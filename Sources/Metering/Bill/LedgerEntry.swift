/// A sum of the ledger: what one resource used of one metric on one day.
public struct LedgerEntry: Hashable, Sendable {
    public var day: Day
    public var account: String
    public var region: String
    public var metric: Metric
    public var resource: String
    /// The state machine it was used by, or empty.
    public var workflow: String
    /// The execution it was used by, where that was asked for, or empty.
    public var execution: String
    /// In base units.
    public var quantity: Int64

    public init(
        day: Day, account: String, region: String, metric: Metric, resource: String, workflow: String = "",
        execution: String = "", quantity: Int64
    ) {
        self.day = day
        self.account = account
        self.region = region
        self.metric = metric
        self.resource = resource
        self.workflow = workflow
        self.execution = execution
        self.quantity = quantity
    }
}
