import AWSModels
import Core
import EventPatterns
import Functions
import Messaging
import Storage
import Wire

extension LambdaProvider {
    public func createEventSourceMapping(
        _ input: Lambda.CreateEventSourceMappingRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.EventSourceMappingConfiguration {
        let queueARN = try input.queue()
        try input.checkSuitsQueues()
        let name = try FunctionName(input.functionName, nil, context)
        var mapping = EventSourceMapping(
            id: makeRevision(), scope: context.scope, functionARN: "\(name.arn)", queueARN: queueARN,
            modifiedAt: wholeSecond, tags: input.tags ?? [:])
        try input.apply(to: &mapping)
        try checkTags(mapping.tags)
        try requireQueue(mapping, functionTimeout: try functionTimeout(name))
        let created = mapping
        try await write { transaction in
            let same = try self.mappings.all(context.scope, in: transaction).first {
                $0.queueARN == queueARN && $0.functionARN == created.functionARN
            }
            if let same {
                throw LambdaError.conflict(
                    "An event source mapping with SQS arn (\" \(queueARN) \") and function (\" \(name.name) \") already "
                        + "exists. Please update or delete the existing mapping with UUID \(same.id)")
            }
            try self.mappings.put(created, in: transaction)
        }
        return created.shape(created.isEnabled ? "Creating" : "Disabled")
    }

    private func functionTimeout(_ name: FunctionName) throws(AWSError) -> Int {
        guard let function = invoker.directory.resolve(name.name, qualifier: name.qualifier, name.scope) else {
            throw LambdaError.invalidParameter("Function does not exist")
        }
        return function.version.timeoutSeconds
    }

    private func requireQueue(_ mapping: EventSourceMapping, functionTimeout: Int) throws(AWSError) {
        guard let queue = mappings.queues.queue(mapping.queueARN) else {
            throw LambdaError.invalidParameter(
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
                    + "SQS Error Message: The specified queue does not exist.")
        }
        let visibility = queue.attributes.visibilityTimeout
        guard visibility >= functionTimeout else {
            throw LambdaError.invalidParameter(
                "Queue visibility timeout: \(visibility) seconds is less than Function timeout: \(functionTimeout) "
                    + "seconds")
        }
    }

    public func getEventSourceMapping(
        _ input: Lambda.GetEventSourceMappingRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.EventSourceMappingConfiguration {
        let mapping = try await read { try self.requireMapping(input.uuid, context.scope, in: $0) }
        return mapping.shape(mapping.settledState)
    }

    private func requireMapping(
        _ id: String, _ scope: Scope, in transaction: Transaction
    ) throws -> EventSourceMapping {
        guard let mapping = try mappings.mapping(id, scope, in: transaction) else {
            throw LambdaError.notFound("The resource you requested does not exist.")
        }
        return mapping
    }

    public func listEventSourceMappings(
        _ input: Lambda.ListEventSourceMappingsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListEventSourceMappingsResponse {
        let name = try input.functionName.map { text throws(AWSError) in try FunctionName(text, nil, context) }
        let after = MarkerPage<Int>.after(input.marker) ?? ""
        let all = try await read { try self.mappings.all(context.scope, in: $0) }.filter { mapping in
            mapping.id > after && (input.eventSourceArn ?? mapping.queueARN) == mapping.queueARN
                && (name.map { mapping.functionARN == "\($0.arn)" } ?? true)
        }
        let page = MarkerPage(all, limit: min(input.maxItems ?? 100, 100), key: \.id)
        return Lambda.ListEventSourceMappingsResponse {
            $0.eventSourceMappings = page.items.map { $0.shape($0.settledState) }
            $0.nextMarker = page.nextMarker
        }
    }

    public func updateEventSourceMapping(
        _ input: Lambda.UpdateEventSourceMappingRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.EventSourceMappingConfiguration {
        try input.checkSuitsQueues()
        let name = try input.functionName.map { text throws(AWSError) in try FunctionName(text, nil, context) }
        let timeout = try name.map { name throws(AWSError) in try functionTimeout(name) }
        let now = wholeSecond
        let (before, mapping) = try await write { transaction in
            let before = try self.requireMapping(input.uuid, context.scope, in: transaction)
            var mapping = before
            if let name { mapping.functionARN = "\(name.arn)" }
            try input.apply(to: &mapping)
            if let timeout { try self.requireQueue(mapping, functionTimeout: timeout) }
            mapping.modifiedAt = now
            try self.mappings.put(mapping, in: transaction)
            return (before, mapping)
        }
        if mapping.isEnabled, !before.isEnabled { return mapping.shape("Enabling") }
        if !mapping.isEnabled, before.isEnabled { return mapping.shape("Disabling") }
        return mapping.shape("Updating")
    }

    public func deleteEventSourceMapping(
        _ input: Lambda.DeleteEventSourceMappingRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.EventSourceMappingConfiguration {
        let mapping = try await write { transaction in
            let mapping = try self.requireMapping(input.uuid, context.scope, in: transaction)
            try self.mappings.remove(mapping, in: transaction)
            return mapping
        }
        return mapping.shape("Deleting")
    }
}
