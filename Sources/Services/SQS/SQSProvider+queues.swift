public import AWSModels
import Core
import Messaging
import Metering
public import Wire

extension SQSProvider {
    public func createQueue(
        _ input: SQS.CreateQueueRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.CreateQueueResult {
        try refuseAtQueue(context)
        let attributes = input.attributes ?? [:]
        let isFIFO = attributes["FifoQueue"]?.lowercased() == "true"
        try Self.validate(name: input.queueName, isFIFO: isFIFO, context)
        try await answering(context) {
            try QueueAttributes.validate(attributes, isFIFO: isFIFO, isNew: true)
            try requireDeadLetterQueue(attributes, isFIFO: isFIFO)
        }
        let (scope, name, tags) = (context.scope, input.queueName, input.tags ?? [:])
        var settings = QueueAttributes()
        settings.merge(attributes)
        let wanted = settings
        let now = clock.now
        let queue = try await write(context) { transaction in
            let queue = try queues.create(name, wanted, tags: tags, scope: scope, in: transaction)
            meter.record(
                .queueRequest(on: queue.arn.description, in: scope, isFIFO: isFIFO, at: now), in: transaction)
            if !tags.isEmpty { try meter.tag(queue.arn.description, queue.tags, in: transaction) }
            return queue
        }
        return SQS.CreateQueueResult { $0.queueUrl = addresses.url(queue, context) }
    }

    /// At a queue's own address nothing can be asked that is not about a queue.
    private func refuseAtQueue(_ context: RequestContext) throws(AWSError) {
        guard context.protocolName == .query, context.path.split(separator: "/").count > 1 else { return }
        throw AWSError("InvalidAction", "The action \(context.operation) is not valid for this endpoint.", status: 400)
    }

    private static func validate(name: String, isFIFO: Bool, _ context: RequestContext) throws(AWSError) {
        let hasSuffix = name.hasSuffix(".fifo")
        if isFIFO, !hasSuffix {
            throw refusal(
                "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end "
                    + "with .fifo suffix and be 1 to 80 in length.", context)
        }
        let stem = isFIFO ? name.dropLast(5) : name[...]
        let isValid =
            (1...80).contains(name.utf8.count) && !stem.isEmpty
            && stem.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isValid else {
            throw refusal(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length", context)
        }
    }

    /// The dead-letter queue that settings name must be there and be of the same type.
    private func requireDeadLetterQueue(_ attributes: [String: String], isFIFO: Bool) throws(MessagingError) {
        guard let text = attributes["RedrivePolicy"], let policy = RedrivePolicy(text: text) else { return }
        let prefix = "Value \(text) for parameter RedrivePolicy is invalid. Reason: "
        guard let target = queues.queue(policy.deadLetterTarget) else {
            throw MessagingError(.invalidParameterValue, prefix + "Dead letter target does not exist.")
        }
        guard target.attributes.isFIFO == isFIFO else {
            throw MessagingError(
                .invalidParameterValue, prefix + "Dead-letter queue must be same type of queue as the source.")
        }
    }

    public func getQueueUrl(
        _ input: SQS.GetQueueUrlRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.GetQueueUrlResult {
        let scope = Scope(
            account: input.queueOwnerAWSAccountId ?? context.scope.account, region: context.scope.region)
        guard let queue = queues.queue(scope.arn("sqs", input.queueName).description) else {
            throw Self.missingQueue(context)
        }
        recordRead(of: queue)
        return SQS.GetQueueUrlResult { $0.queueUrl = addresses.url(queue, context) }
    }

    public func listQueues(
        _ input: SQS.ListQueuesRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.ListQueuesResult {
        try refuseAtQueue(context)
        let limit = input.maxResults ?? 1000
        guard (1...1000).contains(limit) else {
            throw Self.refusal(
                "Value for parameter MaxResults is invalid. Reason: must be between 1 and 1000.", context)
        }
        let found = queues.list(context.scope, prefix: input.queueNamePrefix ?? "")
        let (page, next) = try page(found, after: input.nextToken, limit: limit, context)
        return SQS.ListQueuesResult {
            if !page.isEmpty { $0.queueUrls = page }
            $0.nextToken = next
        }
    }

    /// The addresses of the queues that follow the one that the token names, whether it is there or not.
    private func page(
        _ queues: [Queue], after token: String?, limit: Int, _ context: RequestContext
    ) throws(AWSError) -> (urls: [String], next: String?) {
        var rest = queues[...]
        if let token {
            guard let last = ListToken.parts(token, 1) else {
                throw Self.refusal("Value for parameter NextToken is invalid. Reason: Not a token of a list.", context)
            }
            rest = rest.drop { $0.name <= last[0] }
        }
        let page = Page(Array(rest), limit: limit)
        return (page.items.map { addresses.url($0, context) }, page.last.map { ListToken.make($0.name) })
    }

    public func listDeadLetterSourceQueues(
        _ input: SQS.ListDeadLetterSourceQueuesRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.ListDeadLetterSourceQueuesResult {
        let queue = try queue(input.queueUrl, context)
        recordRead(of: queue)
        let found = queues.sources(ofDeadLetterQueue: queue.arn.description)
        let (page, next) = try page(
            found, after: input.nextToken, limit: max(1, input.maxResults ?? 1000), context)
        return SQS.ListDeadLetterSourceQueuesResult {
            $0.queueUrls = page
            $0.nextToken = next
        }
    }

    public func deleteQueue(_ input: SQS.DeleteQueueRequest, _ context: RequestContext) async throws(AWSError) {
        let queue = try queue(input.queueUrl, context)
        try await answering(context) { try await queues.removeMessages(of: queue, upTo: queues.boundary()) }
        try await change(queue, context) { try queues.delete(queue, in: $0) }
    }

    public func purgeQueue(_ input: SQS.PurgeQueueRequest, _ context: RequestContext) async throws(AWSError) {
        let queue = try queue(input.queueUrl, context)
        let boundary = queues.boundary()
        try await change(queue, context) { try queues.beginPurge(queue.arn.description, in: $0) }
        try await answering(context) { try await queues.removeMessages(of: queue, upTo: boundary) }
    }

    // MARK: Attributes

    public func getQueueAttributes(
        _ input: SQS.GetQueueAttributesRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.GetQueueAttributesResult {
        let queue = try queue(input.queueUrl, context)
        recordRead(of: queue)
        let names = (input.attributeNames ?? []).map(\.rawValue)
        let known = SQS.QueueAttributeName.allNames
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw Self.error(MessagingError(.invalidAttributeName, "Unknown Attribute \(unknown)."), context)
        }
        guard !names.isEmpty else { return SQS.GetQueueAttributesResult() }
        var all = queue.attributes.effective
        all["QueueArn"] = queue.arn.description
        all["CreatedTimestamp"] = String(queue.createdAt.milliseconds / 1000)
        all["LastModifiedTimestamp"] = String(queue.modifiedAt.milliseconds / 1000)
        if names.contains("All") || names.contains(where: { $0.hasPrefix("ApproximateNumberOfMessages") }) {
            let counts = try await answering(context) { try await queues.counts(queue) }
            all["ApproximateNumberOfMessages"] = String(counts.visible)
            all["ApproximateNumberOfMessagesNotVisible"] = String(counts.inFlight)
            all["ApproximateNumberOfMessagesDelayed"] = String(counts.delayed)
        }
        let answer = names.contains("All") ? all : all.filter { names.contains($0.key) }
        return SQS.GetQueueAttributesResult { if !answer.isEmpty { $0.attributes = answer } }
    }

    public func setQueueAttributes(
        _ input: SQS.SetQueueAttributesRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let queue = try queue(input.queueUrl, context)
        let changes = input.attributes
        try await answering(context) {
            try QueueAttributes.validate(changes, isFIFO: queue.attributes.isFIFO, isNew: false)
            try requireDeadLetterQueue(changes, isFIFO: queue.attributes.isFIFO)
        }
        try await change(queue, context) { transaction in
            try queues.update(queue.arn.description, in: transaction) { $0.attributes.merge(changes) }
        }
    }

    // MARK: Tags and permissions

    public func tagQueue(_ input: SQS.TagQueueRequest, _ context: RequestContext) async throws(AWSError) {
        let tags = input.tags
        try await changeTags(input.queueUrl, context) { $0.merge(tags) { $1 } }
    }

    public func untagQueue(_ input: SQS.UntagQueueRequest, _ context: RequestContext) async throws(AWSError) {
        let keys = input.tagKeys
        try await changeTags(input.queueUrl, context) { tags in for key in keys { tags[key] = nil } }
    }

    private func changeTags(
        _ url: String, _ context: RequestContext, _ body: @escaping @Sendable (inout [String: String]) -> Void
    ) async throws(AWSError) {
        let queue = try queue(url, context)
        try await change(queue, context) { transaction in
            let changed = try queues.update(queue.arn.description, isSetting: false, in: transaction) { body(&$0.tags) }
            guard changed.tags.count <= 50 else {
                throw MessagingError(.invalidParameterValue, "Too many tags added for queue \(queue.name).")
            }
            try meter.tag(queue.arn.description, changed.tags, in: transaction)
        }
    }

    public func listQueueTags(
        _ input: SQS.ListQueueTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.ListQueueTagsResult {
        let queue = try queue(input.queueUrl, context)
        recordRead(of: queue)
        return SQS.ListQueueTagsResult { if !queue.tags.isEmpty { $0.tags = queue.tags } }
    }

    public func addPermission(_ input: SQS.AddPermissionRequest, _ context: RequestContext) async throws(AWSError) {
        let queue = try queue(input.queueUrl, context)
        let (label, accounts, actions) = (input.label, input.awsAccountIds, input.actions)
        let known = Set(SQS.model.operations.map(\.name) + ["*"])
        if let unknown = actions.first(where: { !known.contains($0) }) {
            throw Self.refusal(
                "Value SQS:\(unknown) for parameter ActionName is invalid. Reason: Please refer to the appropriate "
                    + "WSDL for a list of valid actions. ", context)
        }
        guard !accounts.isEmpty, !actions.isEmpty else {
            throw Self.error(
                MessagingError(
                    .missingParameter,
                    "The request must contain the parameter \(actions.isEmpty ? "Actions" : "AWSAccountIds")."),
                context)
        }
        try await change(queue, context) { transaction in
            try queues.update(queue.arn.description, in: transaction) {
                try $0.addPermission(label: label, accounts: accounts, actions: actions)
            }
        }
    }

    public func removePermission(
        _ input: SQS.RemovePermissionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let queue = try queue(input.queueUrl, context)
        let label = input.label
        try await change(queue, context) { transaction in
            try queues.update(queue.arn.description, in: transaction) { try $0.removePermission(label: label) }
        }
    }
}

extension SQS.QueueAttributeName {
    /// Every name that can be asked for.
    static let allNames: Set<String> = [
        "All", "Policy", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod",
        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "CreatedTimestamp",
        "LastModifiedTimestamp", "QueueArn", "ApproximateNumberOfMessagesDelayed", "DelaySeconds",
        "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "FifoQueue", "ContentBasedDeduplication", "KmsMasterKeyId",
        "KmsDataKeyReusePeriodSeconds", "DeduplicationScope", "FifoThroughputLimit", "RedriveAllowPolicy",
        "SqsManagedSseEnabled",
    ]
}
