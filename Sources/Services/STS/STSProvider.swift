public import AWSModels
public import Core
public import Wire

/// AWS STS: who the caller is, and temporary credentials. Roles are trusted: nothing is refused.
public struct STSProvider: STS.API {
    let clock: any HostClock
    let identities: CallerIdentities
    /// Whether sessions are given to callers who did not sign, for what others say of them.
    let trustsProviders: Bool
    private var sessions: STSSessions { identities.sessions }

    /// Sessions that others issue too are known to it.
    ///
    /// - Parameter trustsProviders: false where callers have to be known, because nobody verifies what is said of those
    ///   who come with a token.
    public init(clock: any HostClock, identities: CallerIdentities, trustsProviders: Bool = true) {
        self.identities = identities
        self.trustsProviders = trustsProviders
        self.clock = clock
    }

    /// - Parameter identities: without them, only sessions have names.
    public init(clock: any HostClock, random: any RandomSource, identities: IAMDirectory? = nil) {
        self.init(
            clock: clock,
            identities: CallerIdentities(
                sessions: STSSessions(clock: clock, random: random), directory: identities))
    }

    public func getCallerIdentity(
        _ input: STS.GetCallerIdentityRequest, _ context: RequestContext
    ) async throws(AWSError) -> STS.GetCallerIdentityResponse {
        let caller = try await caller(context)
        return STS.GetCallerIdentityResponse {
            $0.userId = caller.userID ?? caller.account
            $0.account = caller.account
            $0.arn = caller.arn
        }
    }

    /// Whose session or key it is.
    private func caller(_ context: RequestContext) async throws(AWSError) -> STSSessions.Session {
        try await identities.caller(ofKey: context.accessKeyID, context.scope.account)
    }

    public func assumeRole(
        _ input: STS.AssumeRoleRequest, _ context: RequestContext
    ) async throws(AWSError) -> STS.AssumeRoleResponse {
        var user = try await assume(input.roleArn, input.roleSessionName)
        let calling = context.accessKeyID.flatMap { sessions[$0] }
        user.session.transitiveTags = try SessionTags.transitive(
            of: (input.tags ?? []).map(\.key), input.transitiveTagKeys ?? [], calling?.transitiveTags ?? [])
        return STS.AssumeRoleResponse { [user] in
            $0.credentials = issue(to: user.session, seconds: input.durationSeconds ?? 3600)
            $0.assumedRoleUser = user.shape
            $0.packedPolicySize = Self.packedSize(input.policy)
            $0.sourceIdentity = input.sourceIdentity
        }
    }

    public func getSessionToken(
        _ input: STS.GetSessionTokenRequest, _ context: RequestContext
    ) async throws(AWSError) -> STS.GetSessionTokenResponse {
        let session = try await caller(context)
        return STS.GetSessionTokenResponse {
            $0.credentials = issue(to: session, seconds: input.durationSeconds ?? 43_200)
        }
    }

    public func getFederationToken(
        _ input: STS.GetFederationTokenRequest, _ context: RequestContext
    ) async throws(AWSError) -> STS.GetFederationTokenResponse {
        let account = context.scope.account
        let arn = "arn:aws:sts::\(account):federated-user/\(input.name)"
        let session = STSSessions.Session(account: account, userID: "\(account):\(input.name)", arn: arn)
        return STS.GetFederationTokenResponse {
            $0.credentials = issue(to: session, seconds: input.durationSeconds ?? 43_200)
            $0.federatedUser = STS.FederatedUser {
                $0.federatedUserId = session.userID ?? ""
                $0.arn = arn
            }
            $0.packedPolicySize = Self.packedSize(input.policy) ?? 0
        }
    }

    public func getAccessKeyInfo(
        _ input: STS.GetAccessKeyInfoRequest, _ context: RequestContext
    ) async throws(AWSError) -> STS.GetAccessKeyInfoResponse {
        STS.GetAccessKeyInfoResponse { $0.account = AccessKeyID.account(input.accessKeyId) ?? context.scope.account }
    }

    // MARK: Sessions

    func assume(
        _ roleARN: String, _ name: String
    ) async throws(AWSError) -> (session: STSSessions.Session, shape: STS.AssumedRoleUser) {
        guard let role = ARN(roleARN), role.service == "iam", role.resource.hasPrefix("role/") else {
            throw AWSError("ValidationError", "\(roleARN) is invalid", status: 400)
        }
        var session = STSSessions.Session(role: role, name: name)
        session.userID = try await identities.userID(role, name)
        let shape = STS.AssumedRoleUser { [session] in
            $0.assumedRoleId = session.userID ?? ""
            $0.arn = session.arn
        }
        return (session, shape)
    }

    func issue(to session: STSSessions.Session, seconds: Int) -> STS.Credentials {
        let expiration = Timestamp(milliseconds: clock.now.milliseconds / 1000 * 1000)
            .adding(milliseconds: Int64(seconds) * 1000)
        let credentials = sessions.issue(to: session, until: expiration)
        return STS.Credentials {
            $0.accessKeyId = credentials.accessKeyID
            $0.secretAccessKey = credentials.secretAccessKey
            $0.sessionToken = credentials.sessionToken ?? ""
            $0.expiration = expiration
        }
    }

    /// Percent of the 2,048 bytes that a session policy may take.
    static func packedSize(_ policy: String?) -> Int? {
        policy.map { min(100, $0.utf8.count * 100 / 2048) }
    }
}
