import Core
import Events
import Messaging
import Project
import Schedules
import Services
import Storage
import Wire

/// Puts triggers where they work: routes of buckets, schedules, webhooks, subscriptions.
struct TriggerApplier {
    let service: ProjectService
    let transaction: Transaction

    private var host: MillraceHost { service.host }
    private var scope: Scope { host.settings.scope }

    private var rules: RuleTriggers {
        RuleTriggers(buses: host.buses, scope: scope, clock: host.clock) { service.arn($0, "sqs") }
    }

    /// Creates or changes the trigger; returns what is needed to remove it again.
    func put(_ trigger: TriggerResource) throws -> JSON {
        let before = try service.store.document(.trigger, trigger.name, in: transaction) ?? .null
        if before["type"] != nil, before["type"]?.stringValue != trigger.source.kind {
            try delete(trigger.name, before)
        }
        let target = trigger.target.arn(scope)
        switch trigger.source {
        case .bucket(let source):
            try host.bucketRoutes.save(
                BucketRoutes.Route(
                    name: trigger.name, bucket: source.bucket, events: source.events, prefix: source.prefix,
                    suffix: source.suffix, target: target), in: transaction)
        case .schedule(let source): try putSchedule(trigger.name, source, target)
        case .http(let source): return Webhook(trigger.name, source, target: target).document
        case .topic(let source):
            return ["type": "topic", "subscription": .string(try subscribe(trigger, source, target, before))]
        case .rule(let source):
            try rules.put(trigger.name, source, target, in: transaction)
            return ["type": "event", "bus": .string(source.bus)]
        case .queue(let source):
            try host.mappings.put(
                EventSourceMappingService.Trigger(
                    functionARN: target, queueARN: service.arn(source.queue, "sqs"), isEnabled: source.isEnabled,
                    batchSize: source.batchSize, window: source.batchingWindow, filters: source.filterPatterns,
                    reportsItemFailures: source.reportsBatchItemFailures,
                    maximumConcurrency: source.maximumConcurrency), named: trigger.name, scope, in: transaction)
        }
        return ["type": .string(trigger.source.kind)]
    }

    private func putSchedule(_ name: String, _ source: ScheduleTrigger, _ target: String) throws {
        let schedule = try TriggerSchedules.schedule(source, created: host.clock.now)
        _ = try host.schedules.store.put(
            ScheduleDefinition(
                ScheduleKey(.scheduler, scope, name: name), schedule, isEnabled: source.isEnabled,
                target: ScheduleTarget(
                    arn: target, roleARN: "arn:aws:iam::\(scope.account):role/millrace-project", input: source.input,
                    maximumAge: source.retry.maximumEventAge, maximumRetries: source.retry.maximumRetryAttempts,
                    deadLetter: source.retry.deadLetter.map { service.arn($0, "sqs") })), in: transaction)
    }

    private func subscribe(
        _ trigger: TriggerResource, _ source: TopicTrigger, _ target: String, _ before: JSON
    ) throws -> String {
        if let old = before["subscription"]?.stringValue.flatMap(host.topics.subscription) {
            try host.topics.unsubscribe(old, in: transaction)
        }
        let topic = try transactionTopic(source.topic)
        var attributes: [String: String] = [:]
        if let policy = source.filterPolicy {
            attributes["FilterPolicy"] = policy
            attributes["FilterPolicyScope"] = source.filterPolicyScope
        }
        if source.isRaw { attributes["RawMessageDelivery"] = "true" }
        if let queue = source.deadLetter {
            attributes["RedrivePolicy"] =
                JSON.object(["deadLetterTargetArn": .string(service.arn(queue, "sqs"))]).text()
        }
        let (proto, endpoint): (SubscriptionProtocol, String) =
            switch trigger.target {
            case .function: (.function, target)
            case .workflow: (.workflow, target)
            case .queue: (.queue, target)
            case .topic: (.queue, target)
            case .endpoint(let url): (url.hasPrefix("https:") ? .https : .http, url)
            }
        // Who writes the project directory owns this host: nobody else has to confirm.
        return try host.topics.subscribe(
            to: topic, proto, endpoint: endpoint, attributes: attributes, owner: scope.account, isConfirmed: true,
            in: transaction
        ).arn
    }

    /// The topic, which may have been created in this very transaction.
    private func transactionTopic(_ name: String) throws -> Topic {
        let arn = service.arn(name, "sns")
        if let topic = host.topics.topic(arn) { return topic }
        guard let parsed = ARN(arn) else { throw MessagingError(.topicDoesNotExist, "'\(name)' names no topic") }
        return Topic(
            id: 0, scope: Scope(account: parsed.account, region: parsed.region), name: parsed.resource,
            attributes: [:], tags: [:], createdAt: host.clock.now)
    }

    func delete(_ name: String, _ document: JSON) throws {
        switch document["type"]?.stringValue {
        case "drop": try host.bucketRoutes.delete(name, in: transaction)
        case "timer": _ = try host.schedules.store.remove(ScheduleKey(.scheduler, scope, name: name), in: transaction)
        case "topic":
            if let subscription = document["subscription"]?.stringValue.flatMap(host.topics.subscription) {
                try host.topics.unsubscribe(subscription, in: transaction)
            }
        case "queue": try host.mappings.remove(named: name, scope, in: transaction)
        case "event":
            try rules.delete(name, bus: document["bus"]?.stringValue ?? BusKey.defaultName, in: transaction)
        default: break
        }
    }
}

extension Webhook {
    /// As it is kept in the database.
    var document: JSON {
        var object: JSONObject = [
            "type": "webhook", "method": .string(method), "path": .string(path), "isQueued": .bool(isQueued),
            "bodyLimit": JSON(bodyLimit), "concurrencyLimit": JSON(concurrencyLimit), "timeout": JSON(timeout),
            "target": .string(target),
        ]
        if let signature {
            object["scheme"] = .string(signature.scheme)
            object["secret"] = .string(signature.secret)
            if let header = signature.header { object["header"] = .string(header) }
        }
        return .object(object)
    }

    init?(name: String, document: JSON) {
        guard document["type"]?.stringValue == "webhook", let method = document["method"]?.stringValue,
            let path = document["path"]?.stringValue, let target = document["target"]?.stringValue
        else { return nil }
        self.name = name
        self.method = method
        self.path = path
        self.target = target
        isQueued = document["isQueued"]?.boolValue ?? false
        bodyLimit = Int(document["bodyLimit"]?.intValue ?? 6_291_456)
        concurrencyLimit = Int(document["concurrencyLimit"]?.intValue ?? 100)
        timeout = Int(document["timeout"]?.intValue ?? 30_000)
        signature = document["scheme"]?.stringValue.map { scheme in
            WebhookSignature(
                scheme: scheme, secret: document["secret"]?.stringValue ?? "",
                header: document["header"]?.stringValue)
        }
    }
}
