import Core
import Events
import Storage

extension DeliveryKind {
    /// Lines of a log group for a subscriber.
    public static let logSubscription = DeliveryKind(rawValue: "log-subscription")
}

extension LogService {
    /// AWS's limit.
    public static let subscriptionLimit = 2

    /// Hands lines over to the subscribers of their group, in the transaction that writes them.
    func notifySubscribers(
        of group: LogGroup, _ stream: String, _ events: [LogEvent], in transaction: Transaction
    ) throws {
        let filters = try LogDefinitionStore().list(
            .subscriptionFilter, group.scope, group: group.name, prefix: "", after: ("", ""),
            limit: Self.subscriptionLimit, in: transaction)
        for filter in filters {
            guard let pattern = try? FilterPattern(filter.body["filterPattern"]?.stringValue ?? ""),
                let arn = filter.body["destinationArn"]?.stringValue
            else { continue }
            let matching = events.filter { pattern.matches($0.message) }
            guard !matching.isEmpty else { continue }
            let target = try self.target(arn, in: transaction)
            let message = Self.message(matching, group, stream, filter.name)
            guard let data = Gzip.compress(message, level: 6) else { continue }
            let payload: JSON = ["awslogs": ["data": .string(Base64.encode(data))]]
            try outbox.enqueue(
                NewDelivery(
                    target: target, kind: .logSubscription, payload: payload.bytes(),
                    context: ["logGroup": .string(group.name)]), in: transaction)
        }
    }

    /// A destination of another account stands for the resource behind it.
    private func target(_ arn: String, in transaction: Transaction) throws -> String {
        guard let parsed = ARN(arn), parsed.service == "logs", parsed.resource.hasPrefix("destination:") else {
            return arn
        }
        let scope = Scope(account: parsed.account, region: parsed.region)
        let destination = try LogDefinitionStore().find(
            .destination, scope, group: "", name: String(parsed.resource.dropFirst(12)), in: transaction)
        return destination?.body["targetArn"]?.stringValue ?? arn
    }

    private static func message(
        _ events: [LogEvent], _ group: LogGroup, _ stream: String, _ filter: String
    ) -> [UInt8] {
        let lines = events.map { event -> JSON in
            [
                "id": .string(event.identifier), "timestamp": .int(event.time.milliseconds),
                "message": .string(event.message),
            ]
        }
        let message: JSON = [
            "messageType": "DATA_MESSAGE", "owner": .string(group.scope.account), "logGroup": .string(group.name),
            "logStream": .string(stream), "subscriptionFilters": [.string(filter)], "logEvents": .array(lines),
        ]
        return message.bytes()
    }
}

extension LogEvent {
    /// The identifier in AWS's form: 56 digits that rise with the order of writing.
    public var identifier: String { LogService.digits(id, count: 56) }
}

extension LogService {
    public static func digits(_ number: Int64, count: Int) -> String {
        let text = String(max(number, 0))
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
