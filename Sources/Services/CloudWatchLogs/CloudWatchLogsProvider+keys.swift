public import AWSModels
import Core
import Logs
public import Wire

extension CloudWatchLogsProvider {
    public func associateKmsKey(
        _ input: CloudWatchLogs.AssociateKmsKeyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = try Self.group(input.logGroupName, input.resourceIdentifier)
        let found = try await answer { try await logs.group(name, context.scope) }
        guard let found else { throw Self.missing("The specified log group does not exist.") }
        try await requireKey(input.kmsKeyId, for: found)
        try await answer {
            try await logs.changeGroup(name, context.scope) { $0.settings["kmsKeyId"] = .string(input.kmsKeyId) }
        }
    }

    public func disassociateKmsKey(
        _ input: CloudWatchLogs.DisassociateKmsKeyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = try Self.group(input.logGroupName, input.resourceIdentifier)
        try await answer {
            try await logs.changeGroup(name, context.scope) { $0.settings["kmsKeyId"] = nil }
        }
    }

    /// Groups are encrypted with keys that are there and can be used.
    func requireKey(_ key: String, for group: LogGroup) async throws(AWSError) {
        guard key.hasPrefix("arn:") else { throw Self.invalid("Invalid KMS key ARN '\(key)'.") }
        do {
            _ = try await keys.usable(key, for: "logs", group.scope)
        } catch {
            throw AWSError(
                "AccessDeniedException",
                "The specified KMS key does not exist or is not allowed to be used with Arn '\(group.arn)'", status: 400
            )
        }
    }
}
