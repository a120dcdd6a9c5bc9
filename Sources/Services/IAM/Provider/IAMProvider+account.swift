public import AWSModels
import Core
import Storage
public import Wire

/// The account as a whole.
extension IAMProvider {
    /// An account has one alias: a new one takes the place of the one before.
    public func createAccountAlias(
        _ input: IAM.CreateAccountAliasRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let account = context.scope.account
        let alias = IAMEntity(
            kind: .alias, account: account, id: "alias/\(account)/\(input.accountAlias)", name: input.accountAlias,
            createdAt: now)
        try await write { transaction in
            for known in try store.list(.alias, account, in: transaction) { try remove(known, in: transaction) }
            try create(alias, in: transaction)
        }
    }

    public func listAccountAliases(
        _ input: IAM.ListAccountAliasesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListAccountAliasesResponse {
        let aliases = try await read { try store.list(.alias, context.scope.account, in: $0) }
        return IAM.ListAccountAliasesResponse {
            $0.accountAliases = aliases.map(\.name)
            $0.isTruncated = false
        }
    }

    public func deleteAccountAlias(
        _ input: IAM.DeleteAccountAliasRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            try remove(require(.alias, input.accountAlias, context, in: transaction), in: transaction)
        }
    }

    public func getAccountSummary(
        _ input: Unit, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetAccountSummaryResponse {
        let account = context.scope.account
        let counts = try await read { transaction in
            var counts = Self.quotas
            for (name, kind) in Self.counted {
                counts[name] = try store.count(kind, account, in: transaction)
            }
            counts["Providers"] =
                try store.count(.samlProvider, account, in: transaction)
                + store.count(.openIDProvider, account, in: transaction)
            counts["PolicyVersionsInUse"] = try store.list(.policy, account, in: transaction)
                .reduce(0) { $0 + PolicyVersions($1).all.count }
            return counts
        }
        return IAM.GetAccountSummaryResponse { $0.summaryMap = counts }
    }

    private static let counted: [(String, IAMEntity.Kind)] = [
        ("Users", .user), ("Groups", .group), ("Roles", .role), ("Policies", .policy), ("InstanceProfiles", .profile),
        ("ServerCertificates", .certificate),
    ]

    private static let quotas = [
        "UsersQuota": 5000, "GroupsQuota": 300, "RolesQuota": 1000, "PoliciesQuota": 1500,
        "InstanceProfilesQuota": 1000,
        "AccessKeysPerUserQuota": 2, "GroupsPerUserQuota": 10, "VersionsPerPolicyQuota": 5,
        "AttachedPoliciesPerUserQuota": 10, "AttachedPoliciesPerGroupQuota": 10, "AttachedPoliciesPerRoleQuota": 10,
        "PolicySizeQuota": 6144, "UserPolicySizeQuota": 2048, "GroupPolicySizeQuota": 5120,
        "RolePolicySizeQuota": 10_240, "AssumeRolePolicySizeQuota": 2048, "PolicyVersionsInUseQuota": 10_000,
        "SigningCertificatesPerUserQuota": 2, "ServerCertificatesQuota": 20, "MFADevices": 0, "MFADevicesInUse": 0,
        "AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0,
        "AccountPasswordPresent": 1, "AccountSigningCertificatesPresent": 0, "GlobalEndpointTokenVersion": 1,
    ]
}
