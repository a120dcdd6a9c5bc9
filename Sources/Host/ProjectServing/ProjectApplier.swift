import Core
import Events
import Functions
import Messaging
import Metering
import Project
import Services
import StatesLanguage
import Storage
import Workflows

/// Applies the changes of a plan within one transaction.
struct ProjectApplier {
    let service: ProjectService
    let reading: ProjectService.Reading
    let transaction: Transaction

    private var host: MillraceHost { service.host }
    private var scope: Scope { host.settings.scope }

    func apply() throws {
        for change in reading.plan.changes where change.action == .delete { try delete(change.item) }
        let changed = Set(reading.plan.changes.filter { $0.action != .delete }.map(\.item))
        for (position, item) in reading.items.enumerated() where changed.contains(item) {
            let document = try put(item)
            try service.store.save(item, at: position, document, in: transaction)
        }
    }

    // MARK: Creating and changing

    private func put(_ item: ProjectItem) throws -> JSON {
        switch item.kind {
        case .bucket: return .null
        case .queue:
            if host.queues.queue(service.arn(item.name, "sqs")) == nil {
                try host.queues.create(item.name, QueueAttributes(), tags: [:], scope: scope, in: transaction)
            }
        case .topic:
            if host.topics.topic(service.arn(item.name, "sns")) == nil {
                try host.topics.create(item.name, attributes: [:], tags: [:], scope: scope, in: transaction)
            }
        case .function: try putFunction(item.name)
        case .workflow: try putWorkflow(item.name)
        case .trigger:
            guard let trigger = reading.definition.triggers.first(where: { $0.name == item.name }) else { return .null }
            return try TriggerApplier(service: service, transaction: transaction).put(trigger)
        }
        return .null
    }

    private func putFunction(_ name: String) throws {
        guard let function = reading.definition.functions.first(where: { $0.name == name }),
            let record = reading.functions.first(where: { $0.reference.functionName == name })
        else { return }
        try host.deployment.apply(
            record, tags: function.tags, reservedConcurrency: function.reservedConcurrency, in: transaction)
        let invoke = EventInvokeConfiguration(
            maximumRetryAttempts: function.maximumRetryAttempts, maximumEventAgeSeconds: function.maximumEventAge,
            onSuccess: function.onSuccess?.arn(scope), onFailure: function.onFailure?.arn(scope),
            modifiedAt: host.clock.now)
        try host.deployment.store.setEventInvoke(
            invoke, of: name, qualifier: FunctionVersionReference.latest, scope, in: transaction)
        try provision(function)
        try host.deployment.refresh(name, scope, in: transaction)
        try host.meter.tag(record.reference.functionARN.description, function.tags, in: transaction)
    }

    /// Keeps as many instances ready as the manifest asks for. What was asked for without one is taken back.
    private func provision(_ function: FunctionResource) throws {
        let (store, latest) = (host.deployment.store, FunctionVersionReference.latest)
        guard function.provisionedConcurrency > 0 else {
            try store.remove(.provisionedConcurrency, of: function.name, qualifier: latest, scope, in: transaction)
            return
        }
        let document: JSON = [
            "requested": JSON(function.provisionedConcurrency), "modifiedAt": .int(host.clock.now.milliseconds),
        ]
        try store.set(
            .provisionedConcurrency, document, of: function.name, qualifier: latest, scope, in: transaction)
    }

    private func putWorkflow(_ name: String) throws {
        guard let workflow = reading.definition.workflows.first(where: { $0.name == name }) else { return }
        var settings = JSONObject()
        if workflow.logLevel != "OFF" {
            settings["loggingConfiguration"] = [
                "level": .string(workflow.logLevel), "includeExecutionData": .bool(workflow.logsExecutionData),
                "destinations": [
                    [
                        "cloudWatchLogsLogGroup": [
                            "logGroupArn": .string(scope.arn("logs", "log-group:/aws/states/\(name):*").description)
                        ]
                    ]
                ],
            ]
        }
        try host.workflows.apply(
            CreateStateMachineRequest(
                name: name, definition: workflow.definition,
                roleARN: "arn:aws:iam::\(scope.account):role/millrace-project",
                type: workflow.isExpress ? .express : .standard, settings: settings,
                tags: workflow.tags.sorted { $0.key < $1.key }.map { Workflows.Tag(key: $0.key, value: $0.value) }),
            scope: scope, in: transaction)
        try host.meter.tag(
            scope.arn("states", "stateMachine:\(name)").description, workflow.tags, in: transaction)
    }

    // MARK: Deleting

    private func delete(_ item: ProjectItem) throws {
        switch item.kind {
        case .bucket, .queue, .topic: break
        case .function: try host.deployment.delete(item.name, scope, in: transaction)
        case .workflow:
            try host.workflows.delete(scope.arn("states", "stateMachine:\(item.name)").description, in: transaction)
        case .trigger:
            let document = try service.store.document(.trigger, item.name, in: transaction) ?? .null
            try TriggerApplier(service: service, transaction: transaction).delete(item.name, document)
        }
        try service.store.delete(item, in: transaction)
    }
}
