import Core

/// Which part of the ledger a bill is about.
public struct BillRequest: Hashable, Sendable {
    public var from: Day
    /// Inclusive.
    public var to: Day
    public var grouping: Bill.Grouping
    public var account: String?
    public var region: String?
    /// Only what this service (``Metric/service``) was used for.
    public var service: String?
    /// Only this resource's ARN.
    public var resource: String?
    /// Only what was used on behalf of this state machine.
    public var workflow: String?
    /// Most groups that are shown on their own; the rest is in `(others)`.
    public var groupLimit: Int

    public init(
        from: Day, to: Day, by grouping: Bill.Grouping = .service, account: String? = nil, region: String? = nil,
        service: String? = nil, resource: String? = nil, workflow: String? = nil, groupLimit: Int = 10_000
    ) {
        self.from = from
        self.to = to
        self.grouping = grouping
        self.account = account
        self.region = region
        self.service = service
        self.resource = resource
        self.workflow = workflow
        self.groupLimit = groupLimit
    }

    /// The month up to the day of `time`.
    public static func month(of time: Timestamp, by grouping: Bill.Grouping = .service) -> BillRequest {
        BillRequest(from: Month(time).firstDay, to: Day(time), by: grouping)
    }

    func includes(_ entry: LedgerEntry) -> Bool {
        (account ?? entry.account) == entry.account && (region ?? entry.region) == entry.region
            && (service ?? entry.metric.service) == entry.metric.service
            && (resource ?? entry.resource) == entry.resource && (workflow ?? entry.workflow) == entry.workflow
    }
}
