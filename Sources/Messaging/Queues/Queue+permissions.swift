import Core

extension Queue {
    /// Lets accounts do things with the queue, by a statement of that label.
    ///
    /// - Throws: `invalidParameterValue` when there is one already.
    public mutating func addPermission(label: String, accounts: [String], actions: [String]) throws(MessagingError) {
        var policy = accessPolicy
        guard !policy.has(label: label) else {
            throw MessagingError(
                .invalidParameterValue, "Value \(label) for parameter Label is invalid. Reason: Already exists.")
        }
        policy.allow(
            label: label, accounts: accounts, actions: actions.map { "SQS:\($0)" }, on: arn.description)
        attributes.values["Policy"] = policy.text
    }

    /// - Throws: `invalidParameterValue` when there is no such statement.
    public mutating func removePermission(label: String) throws(MessagingError) {
        var policy = accessPolicy
        guard policy.has(label: label) else {
            throw MessagingError(
                .invalidParameterValue, "Value \(label) for parameter Label is invalid. Reason: can't find label.")
        }
        policy.remove(label: label)
        attributes.values["Policy"] = policy.statements.isEmpty ? nil : policy.text
    }

    private var accessPolicy: AccessPolicy {
        attributes.values["Policy"].flatMap(AccessPolicy.init(text:))
            ?? AccessPolicy(id: "\(arn)/SQSDefaultPolicy")
    }
}
