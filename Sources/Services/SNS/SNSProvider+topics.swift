public import AWSModels
import Core
import Messaging
import Metering
public import Wire

extension SNSProvider {
    public func createTopic(
        _ input: SNS.CreateTopicInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.CreateTopicResponse {
        var attributes = input.attributes ?? [:]
        let isFIFO = attributes["FifoTopic"]?.lowercased() == "true"
        if isFIFO { attributes["FifoTopic"] = "true" }
        guard Self.isTopicName(input.name, isFIFO: isFIFO) else { throw Self.invalid("Topic Name") }
        if let unknown = attributes.keys.sorted().first(where: { !Topic.isSettable($0) }) {
            throw Self.invalid("Attributes Reason: Unknown attribute \(unknown)")
        }
        if !isFIFO { attributes["FifoTopic"] = nil }
        do {
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
                try Topic.validate(name, value, isFIFO: isFIFO)
            }
        } catch {
            throw Self.error(error)
        }
        let tags = try Self.tags(input.tags ?? [])
        let (name, policy, scope, settings) = (input.name, input.dataProtectionPolicy, context.scope, attributes)
        let topic = try await write { transaction in
            let topic = try topics.create(
                name, attributes: settings, tags: tags, dataProtectionPolicy: policy, scope: scope, in: transaction)
            if !tags.isEmpty { try meter.tag(topic.arn.description, topic.tags, in: transaction) }
            return topic
        }
        return SNS.CreateTopicResponse { $0.topicArn = topic.arn.description }
    }

    private static func isTopicName(_ name: String, isFIFO: Bool) -> Bool {
        if isFIFO, !name.hasSuffix(".fifo") { return false }
        let stem = isFIFO ? name.dropLast(5) : name[...]
        return !stem.isEmpty && name.utf8.count <= 256
            && stem.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    public func getTopicAttributes(
        _ input: SNS.GetTopicAttributesInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.GetTopicAttributesResponse {
        let topic = try topic(input.topicArn, context)
        let subscriptions = topics.subscriptions(of: topic.arn.description)
        let confirmed = subscriptions.count { $0.isConfirmed }
        return SNS.GetTopicAttributesResponse {
            $0.attributes = topic.described(confirmed: confirmed, pending: subscriptions.count - confirmed)
        }
    }

    public func setTopicAttributes(
        _ input: SNS.SetTopicAttributesInput, _ context: RequestContext
    ) async throws(AWSError) {
        let topic = try topic(input.topicArn, context)
        let (name, value) = (input.attributeName, input.attributeValue ?? "")
        guard Topic.isSettable(name), name != "FifoTopic" else { throw Self.invalid("AttributeName") }
        do {
            try Topic.validate(name, value, isFIFO: topic.isFIFO)
        } catch {
            throw Self.error(error)
        }
        let goesWhenEmpty = ["DeliveryPolicy", "KmsMasterKeyId", "Policy"].contains(name)
        try await write { transaction in
            try topics.update(topic.arn.description, in: transaction) { topic in
                // The other settings are there from the first time that they were touched.
                topic.attributes[name] = value.isEmpty && goesWhenEmpty ? nil : value
            }
        }
    }

    public func deleteTopic(_ input: SNS.DeleteTopicInput, _ context: RequestContext) async throws(AWSError) {
        try requireRegion(input.topicArn, context)
        guard let topic = topics.topic(input.topicArn) else { return }
        try await write { try topics.delete(topic, in: $0) }
    }

    public func listTopics(
        _ input: SNS.ListTopicsInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.ListTopicsResponse {
        let all = topics.topics(context.scope).map(\.arn.description)
        let (page, next) = try Self.page(all, after: input.nextToken) { $0 }
        return SNS.ListTopicsResponse {
            $0.topics = page.map { arn in SNS.Topic { $0.topicArn = arn } }
            $0.nextToken = next
        }
    }

    // MARK: Permissions and data protection

    public func addPermission(_ input: SNS.AddPermissionInput, _ context: RequestContext) async throws(AWSError) {
        let topic = try topic(input.topicArn, context)
        let (label, accounts, actions) = (input.label, input.awsAccountId, input.actionName)
        try await write { transaction in
            try topics.update(topic.arn.description, in: transaction) {
                try $0.addPermission(label: label, accounts: accounts, actions: actions)
            }
        }
    }

    public func removePermission(
        _ input: SNS.RemovePermissionInput, _ context: RequestContext
    ) async throws(AWSError) {
        let topic = try topic(input.topicArn, context)
        let label = input.label
        try await write { transaction in
            try topics.update(topic.arn.description, in: transaction) { $0.removePermission(label: label) }
        }
    }

    public func getDataProtectionPolicy(
        _ input: SNS.GetDataProtectionPolicyInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.GetDataProtectionPolicyResponse {
        let topic = try topic(input.resourceArn, context)
        return SNS.GetDataProtectionPolicyResponse { $0.dataProtectionPolicy = topic.dataProtectionPolicy }
    }

    public func putDataProtectionPolicy(
        _ input: SNS.PutDataProtectionPolicyInput, _ context: RequestContext
    ) async throws(AWSError) {
        let topic = try topic(input.resourceArn, context)
        let policy = input.dataProtectionPolicy
        guard policy.isEmpty || (try? JSON(parsing: policy))?.objectValue != nil else {
            throw Self.invalid("DataProtectionPolicy Reason: Invalid JSON")
        }
        try await write { transaction in
            try topics.update(topic.arn.description, in: transaction) {
                $0.dataProtectionPolicy = policy.isEmpty ? nil : policy
            }
        }
    }

    // MARK: Tags

    static func tags(_ tags: [SNS.Tag]) throws(AWSError) -> [String: String] {
        var map: [String: String] = [:]
        for tag in tags {
            guard map.updateValue(tag.value, forKey: tag.key) == nil else {
                throw invalid("Duplicated keys are not allowed.")
            }
        }
        guard map.count <= 50 else {
            throw SNS.Errors.tagLimitExceededException("Could not complete request: tag quota of per resource exceeded")
        }
        return map
    }

    private func taggable(_ arn: String) throws(AWSError) -> Topic {
        guard let topic = topics.topic(arn) else {
            throw SNS.Errors.resourceNotFoundException("Resource does not exist")
        }
        return topic
    }

    public func listTagsForResource(
        _ input: SNS.ListTagsForResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> SNS.ListTagsForResourceResponse {
        let topic = try taggable(input.resourceArn)
        return SNS.ListTagsForResourceResponse {
            $0.tags = topic.tags.sorted { $0.key < $1.key }.map { key, value in
                SNS.Tag {
                    $0.key = key
                    $0.value = value
                }
            }
        }
    }

    public func tagResource(
        _ input: SNS.TagResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> SNS.TagResourceResponse {
        let new = try Self.tags(input.tags)
        try await changeTags(try taggable(input.resourceArn)) { $0.merge(new) { $1 } }
        return SNS.TagResourceResponse()
    }

    public func untagResource(
        _ input: SNS.UntagResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> SNS.UntagResourceResponse {
        let keys = input.tagKeys
        try await changeTags(try taggable(input.resourceArn)) { tags in for key in keys { tags[key] = nil } }
        return SNS.UntagResourceResponse()
    }

    private func changeTags(
        _ topic: Topic, _ body: @escaping @Sendable (inout [String: String]) -> Void
    ) async throws(AWSError) {
        let arn = topic.arn.description
        try await write { transaction in
            let changed = try topics.update(arn, in: transaction) { body(&$0.tags) }
            guard changed.tags.count <= 50 else {
                throw SNS.Errors.tagLimitExceededException(
                    "Could not complete request: tag quota of per resource exceeded")
            }
            try meter.tag(arn, changed.tags, in: transaction)
        }
    }
}
