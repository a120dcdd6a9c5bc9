import Core
public import Events
public import Logs

/// A log group as the target of deliveries: the event becomes a line in a stream of its own, or in the context's
/// `logStream`. With `createsGroup` in the context a group that is missing is made.
public struct LogGroupTarget: DeliveryTarget {
    private let logs: LogService

    public init(_ logs: LogService) { self.logs = logs }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        let group = CloudWatchLogsProvider.groupName(delivery.target)
        guard let scope = ARN(delivery.target).map({ Scope(account: $0.account, region: $0.region) }) else {
            return .rejected("InvalidParameterException", "\(delivery.target) is no log group.")
        }
        let stream =
            (delivery.context["logStream"] ?? delivery.context["eventId"])?.stringValue ?? String(delivery.id)
        let record = LogRecord(
            time: delivery.createdAt, message: String(decoding: delivery.payload, as: UTF8.self))
        do {
            if delivery.context["createsGroup"] == true, try await logs.group(group, scope) == nil {
                do {
                    try await logs.createGroup(logs.newGroup(group, scope))
                } catch let error as LogError where error.kind == .alreadyExists {
                    // Another line made it meanwhile.
                }
            }
            do {
                try await logs.createStream(stream, of: group, scope)
            } catch let error as LogError where error.kind == .alreadyExists {
                // An earlier attempt made it.
            }
            try await logs.put([record], to: group, stream: stream, scope: scope)
            return .done
        } catch let error as LogError {
            return .rejected("ResourceNotFoundException", error.description)
        } catch {
            return DeliveryOutcome(.throttled, error: ("ServiceUnavailable", String(describing: error)))
        }
    }
}
