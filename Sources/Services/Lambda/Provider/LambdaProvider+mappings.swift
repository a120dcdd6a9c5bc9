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
        let queueARN = try queue(input, context)
        if input.destinationConfig?.onSuccess?.destination != nil || input.destinationConfig?.onFailure != nil {
            throw LambdaError.invalidParameter(
                "Unsupported DestinationConfig parameter for given event source mapping type.")
        }
        let name = try FunctionName(input.functionName, nil, context)
        let mapping = EventSourceMapping(
            id: makeRevision(), scope: context.scope, functionARN: "\(name.arn)", queueARN: queueARN,
            isEnabled: input.enabled ?? true, batchSize: input.batchSize ?? 10,
            windowSeconds: input.maximumBatchingWindowInSeconds ?? 0,
            filters: try Self.filters(input.filterCriteria) ?? [],
            reportsItemFailures: input.functionResponseTypes?.contains(.reportBatchItemFailures) ?? false,
            maximumConcurrency: input.scalingConfig?.maximumConcurrency, modifiedAt: wholeSecond,
            tags: input.tags ?? [:])
        try Self.check(mapping)
        try checkTags(mapping.tags)
        let timeout = try await functionTimeout(name)
        try requireQueue(mapping, functionTimeout: timeout)
        try await write { transaction in
            let same = try self.mappings.all(context.scope, in: transaction).first {
                $0.queueARN == queueARN && $0.functionARN == mapping.functionARN
            }
            if let same {
                throw LambdaError.conflict(
                    "An event source mapping with SQS arn (\" \(queueARN) \") and function (\" \(name.name) \") already "
                        + "exists. Please update or delete the existing mapping with UUID \(same.id)")
            }
            try self.mappings.put(mapping, in: transaction)
        }
        return mapping.shape(mapping.isEnabled ? "Creating" : "Disabled")
    }

    /// The queue that the request names; other kinds of sources are refused in words.
    private func queue(
        _ input: Lambda.CreateEventSourceMappingRequest, _ context: RequestContext
    ) throws(AWSError) -> String {
        guard let text = input.eventSourceArn else {
            if input.selfManagedEventSource != nil {
                guard input.sourceAccessConfigurations != nil else {
                    throw LambdaError.invalidParameter("Required 'sourceAccessConfigurations' parameter is missing.")
                }
                throw LambdaError.invalidParameter(
                    "Self-managed Kafka event sources are not supported by this host: only SQS queues are.")
            }
            throw LambdaError.invalidParameter("Unrecognized event source.")
        }
        guard let arn = ARN(text) else { throw LambdaError.invalidParameter("Unrecognized event source.") }
        switch arn.service {
        case "sqs": return text
        case "dynamodb", "kinesis":
            guard input.startingPosition != nil else {
                throw LambdaError.invalidParameter(
                    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
                        + "Member must not be null.")
            }
            guard arn.service == "kinesis" || input.startingPosition != .atTimestamp else {
                throw LambdaError.invalidParameter("Unsupported starting position for arn type: \(text)")
            }
            // No stream exists on a host without those services.
            throw LambdaError.invalidParameter("Stream not found: \(text)")
        default: throw LambdaError.invalidParameter("Unrecognized event source.")
        }
    }

    private func functionTimeout(_ name: FunctionName) async throws(AWSError) -> Int {
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

    private static func check(_ mapping: EventSourceMapping) throws(AWSError) {
        if mapping.isFIFO {
            guard mapping.batchSize <= 10 else {
                throw LambdaError.invalidParameter(
                    "Batch size for FIFO queues must be 10 or less: it is \(mapping.batchSize)")
            }
            guard mapping.windowSeconds == 0 else {
                throw LambdaError.invalidParameter("Batching window is not supported for FIFO queues.")
            }
        }
        guard mapping.batchSize <= 10 || mapping.windowSeconds > 0 else {
            throw LambdaError.invalidParameter(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
        }
    }

    private static func filters(_ criteria: Lambda.FilterCriteria?) throws(AWSError) -> [String]? {
        guard let criteria else { return nil }
        let patterns = (criteria.filters ?? []).map { $0.pattern ?? "" }
        do { _ = try EventSourceFilter(patterns: patterns, payloadKey: "body") } catch {
            throw LambdaError.invalidParameter(EventPattern.eventSourceRefusal)
        }
        return patterns
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
        let filters = try Self.filters(input.filterCriteria)
        let name = try input.functionName.map { text throws(AWSError) in try FunctionName(text, nil, context) }
        if let name { _ = try await functionTimeout(name) }
        let now = wholeSecond
        let (before, mapping) = try await write { transaction in
            let before = try self.requireMapping(input.uuid, context.scope, in: transaction)
            var mapping = before
            if let name { mapping.functionARN = "\(name.arn)" }
            if let enabled = input.enabled { mapping.isEnabled = enabled }
            if let size = input.batchSize { mapping.batchSize = size }
            if let window = input.maximumBatchingWindowInSeconds { mapping.windowSeconds = window }
            if let filters { mapping.filters = filters }
            if let types = input.functionResponseTypes {
                mapping.reportsItemFailures = types.contains(.reportBatchItemFailures)
            }
            if let scaling = input.scalingConfig { mapping.maximumConcurrency = scaling.maximumConcurrency }
            try Self.check(mapping)
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
