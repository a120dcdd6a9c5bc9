public import AWSModels
import Core
import Storage
public import Wire

/// The versions of managed policies.
extension IAMProvider {
    private static func shape(_ version: PolicyVersions.Version, isDefault: Bool) -> IAM.PolicyVersion {
        IAM.PolicyVersion {
            $0.versionId = version.id
            $0.isDefaultVersion = isDefault
            $0.createDate = version.createdAt
        }
    }

    public func createPolicyVersion(
        _ input: IAM.CreatePolicyVersionRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreatePolicyVersionResponse {
        try PolicyVersions.check(input.policyDocument)
        let time = now
        let isDefault = input.setAsDefault ?? false
        let version = try await changeVersions(input.policyArn, context) { versions in
            try versions.add(input.policyDocument, isDefault: isDefault, at: time)
        }
        return IAM.CreatePolicyVersionResponse { $0.policyVersion = Self.shape(version, isDefault: isDefault) }
    }

    public func getPolicyVersion(
        _ input: IAM.GetPolicyVersionRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetPolicyVersionResponse {
        let arn = try PolicyARN.check(input.policyArn)
        if arn.isManagedByAWS {
            let shape = try managedVersion(arn, input.versionId)
            return IAM.GetPolicyVersionResponse { $0.policyVersion = shape }
        }
        let shape = try await read { transaction in
            let versions = PolicyVersions(try requirePolicy(arn.text, context, in: transaction))
            guard let version = versions[input.versionId] else {
                throw Self.missingVersion(arn.text, input.versionId)
            }
            var shape = Self.shape(version, isDefault: version.id == versions.defaultID)
            shape.document = PercentCoding.encode(version.document)
            return shape
        }
        return IAM.GetPolicyVersionResponse { $0.policyVersion = shape }
    }

    private func managedVersion(_ arn: PolicyARN, _ id: String) throws(AWSError) -> IAM.PolicyVersion {
        guard let policy = ManagedPolicy(arn) else { throw IAMError.missing(.policy, arn.text) }
        guard policy.version == id else { throw Self.missingVersion(arn.text, id) }
        let document = try managedDocument(arn)
        return IAM.PolicyVersion {
            $0.document = PercentCoding.encode(document)
            $0.versionId = id
            $0.isDefaultVersion = true
            $0.createDate = policy.updatedAt
        }
    }

    /// The document of a policy that AWS manages.
    func managedDocument(_ arn: PolicyARN) throws(AWSError) -> String {
        guard let policy = ManagedPolicy(arn) else { throw IAMError.missing(.policy, arn.text) }
        guard let document = policy.document else {
            throw AWSError(
                "NotImplemented", "The document of the policy \(arn.text), which AWS manages, is not known here.",
                status: 501, isSender: false)
        }
        return document.text()
    }

    public func listPolicyVersions(
        _ input: IAM.ListPolicyVersionsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListPolicyVersionsResponse {
        let arn = try PolicyARN.check(input.policyArn)
        let all: [IAM.PolicyVersion]
        if arn.isManagedByAWS {
            guard let policy = ManagedPolicy(arn) else { throw IAMError.missing(.policy, arn.text) }
            all = [
                IAM.PolicyVersion {
                    $0.versionId = policy.version
                    $0.isDefaultVersion = true
                    $0.createDate = policy.updatedAt
                }
            ]
        } else {
            all = try await read { transaction in
                let versions = PolicyVersions(try requirePolicy(arn.text, context, in: transaction))
                return versions.all.map { Self.shape($0, isDefault: $0.id == versions.defaultID) }
            }
        }
        // The newest comes first; versions of one policy are fewer than a page.
        let page = Array(all.reversed().prefix(input.maxItems ?? PolicyVersions.limit))
        return IAM.ListPolicyVersionsResponse {
            $0.versions = page
            $0.isTruncated = false
        }
    }

    public func setDefaultPolicyVersion(
        _ input: IAM.SetDefaultPolicyVersionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await changeVersions(input.policyArn, context) { versions in
            guard versions.setDefault(input.versionId) else {
                throw Self.missingVersion(input.policyArn, input.versionId)
            }
        }
    }

    public func deletePolicyVersion(
        _ input: IAM.DeletePolicyVersionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await changeVersions(input.policyArn, context) { versions in
            guard versions[input.versionId] != nil else {
                throw Self.missingVersion(input.policyArn, input.versionId)
            }
            guard versions.defaultID != input.versionId else {
                throw IAM.Errors.deleteConflictException("Cannot delete the default version of a policy.")
            }
            versions.remove(input.versionId)
        }
    }

    private static func missingVersion(_ arn: String, _ id: String) -> AWSError {
        IAMError.noSuchEntity("Policy \(arn) version \(id) does not exist or is not attachable.")
    }

    @discardableResult
    private func changeVersions<Value: Sendable>(
        _ arn: String, _ context: RequestContext,
        _ change: @escaping @Sendable (inout PolicyVersions) throws -> Value
    ) async throws(AWSError) -> Value {
        let time = now
        return try await write { transaction in
            var policy = try requirePolicy(arn, context, in: transaction)
            var versions = PolicyVersions(policy)
            let value = try change(&versions)
            policy.body["versions"] = versions.json
            policy["updated"] = time.description
            try store.update(policy, in: transaction)
            return value
        }
    }
}
