import Core
import Events
import Messaging
import Metering
import Services
import Storage

extension MillraceHost {
    /// S3, with what it needs of the other services.
    var objectProvider: S3Provider {
        S3Provider(
            store: objects, database: database, clock: clock, random: SystemRandomSource(),
            environment: S3Provider.Environment(
                record: { [usage] in usage.record($0) },
                tag: { [meter, database] resource, tags in
                    try await database.write { try meter.tag(resource, tags, in: $0) }
                },
                destinationExists: { [queues, topics, deployment] arn in
                    Self.answers(arn, queues, topics, deployment)
                },
                sendTestEvent: { [dispatcher] arn, event, transaction in
                    try dispatcher.outbox.enqueue(
                        NewDelivery(
                            target: arn.description, kind: .bucketNotification, payload: event.bytes(),
                            context: arn.service == "sns" ? ["subject": "Amazon S3 Notification"] : [:]),
                        in: transaction)
                }), keys: keys)
    }

    /// Whether notifications can be sent there.
    private static func answers(
        _ arn: ARN, _ queues: QueueService, _ topics: TopicService, _ deployment: FunctionDeployment
    ) -> Bool {
        switch arn.service {
        case "sqs": return queues.queue(arn.description) != nil
        case "sns": return topics.topic(arn.description) != nil
        case "lambda":
            let parts = arn.resource.split(separator: ":")
            guard parts.count >= 2, parts[0] == "function" else { return false }
            let scope = Scope(account: arn.account, region: arn.region)
            return deployment.directory.function(String(parts[1]), scope) != nil
        default: return false
        }
    }
}
