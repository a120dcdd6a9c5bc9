import Core

/// What a log group or an account is told to keep besides its lines: filters, policies, destinations, queries,
/// exports. They are documents by AWS's member names; only subscription filters and exports have an effect of their own.
public struct LogDefinition: Sendable {
    public enum Kind: String, Sendable {
        case metricFilter = "metric-filter"
        case subscriptionFilter = "subscription-filter"
        case resourcePolicy = "resource-policy"
        case destination
        case deliverySource = "delivery-source"
        case deliveryDestination = "delivery-destination"
        case delivery
        case query
        case queryDefinition = "query-definition"
        case exportTask = "export-task"

        /// The parts of deliveries and exports are listed from the oldest on, all else by name.
        var isListedByAge: Bool {
            switch self {
            case .deliverySource, .deliveryDestination, .delivery, .exportTask: true
            default: false
            }
        }
    }

    public var kind: Kind
    public var scope: Scope
    /// The log group that it belongs to; empty for those of the account.
    public var group: String
    public var name: String
    public var body: JSONObject
    public var createdAt: Timestamp

    public init(
        _ kind: Kind, _ scope: Scope, group: String = "", name: String, body: JSONObject, at time: Timestamp
    ) {
        self.kind = kind
        self.scope = scope
        self.group = group
        self.name = name
        self.body = body
        createdAt = time
    }

    /// Where it stands among those of its kind: by what they are ordered, and the name.
    public var place: (String, String) { (kind.isListedByAge ? String(createdAt.milliseconds) : group, name) }
}
