public import AWSModels
import Core
public import Wire

/// Sessions for those whom somebody else vouches for. What their tokens say has to be well-formed, in time and, where
/// their provider is known to IAM, from that provider; who signed them is not asked.
extension STSProvider {
    private static let tokenLife: Int64 = 5 * 60_000

    /// A token that nobody verified must not be a way around signatures.
    private func requireTrust(_ context: RequestContext, _ operation: String) throws(AWSError) {
        guard trustsProviders || context.accessKeyID != nil else { throw Self.denied(operation) }
    }

    private static func denied(_ operation: String) -> AWSError {
        AWSError("AccessDenied", "Not authorized to perform sts:\(operation)", status: 403)
    }

    // MARK: SAML

    public func assumeRoleWithSAML(
        _ input: STS.AssumeRoleWithSAMLRequest, _ context: RequestContext
    ) async throws(AWSError) -> STS.AssumeRoleWithSAMLResponse {
        try requireTrust(context, "AssumeRoleWithSAML")
        guard let provider = ARN(input.principalArn), provider.service == "iam",
            provider.resource.hasPrefix("saml-provider/")
        else { throw AWSError("ValidationError", "\(input.principalArn) is invalid", status: 400) }
        let assertion = try SAMLAssertion(input.samlAssertion)
        try checkTimes(of: assertion)
        try await checkIssuer(of: assertion, provider, context)
        var user = try await assume(input.roleArn, assertion.sessionName())
        guard assertion.grants(input.roleArn, through: input.principalArn) else {
            throw Self.denied("AssumeRoleWithSAML")
        }
        user.session.transitiveTags = try SessionTags.transitive(
            of: assertion.tagKeys, assertion["TransitiveTagKeys"], [])
        let seconds = try seconds(for: assertion, asked: input.durationSeconds)
        return STS.AssumeRoleWithSAMLResponse { [user] in
            $0.credentials = issue(to: user.session, seconds: seconds)
            $0.assumedRoleUser = user.shape
            $0.packedPolicySize = Self.packedSize(input.policy)
            $0.subject = assertion.subject
            $0.subjectType = assertion.subjectType
            $0.issuer = assertion.issuer
            $0.audience = assertion.recipient
            $0.nameQualifier = Self.nameQualifier(assertion.issuer, provider)
            $0.sourceIdentity = assertion["SourceIdentity"].first
        }
    }

    private func checkTimes(of assertion: SAMLAssertion) throws(AWSError) {
        if let end = assertion.end, clock.now >= end { throw STS.Errors.expiredTokenException("Response has expired") }
        if let issued = assertion.issuedAt, clock.now >= issued.adding(milliseconds: Self.tokenLife) {
            throw STS.Errors.expiredTokenException("Token must be redeemed within 5 minutes of issuance")
        }
    }

    private func checkIssuer(
        of assertion: SAMLAssertion, _ provider: ARN, _ context: RequestContext
    ) async throws(AWSError) {
        guard let issuer = try await identities.directory?.issuer(ofSAMLProvider: provider) else { return }
        guard issuer == assertion.issuer else {
            throw SAMLAssertion.invalid(
                "Issuer not present in specified provider (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error "
                    + "Code: AuthSamlInvalidSamlResponseException; Request ID: \(context.requestID); Proxy: null)")
        }
    }

    /// The shortest of what is asked for, what the assertion allows and what is left of the provider's own session.
    private func seconds(for assertion: SAMLAssertion, asked: Int?) throws(AWSError) -> Int {
        let given = [asked, try assertion.sessionDuration()].compactMap(\.self)
        let seconds = given.min() ?? 3600
        guard let end = assertion.sessionEnd else { return seconds }
        return min(seconds, max(0, Int((end.milliseconds - clock.now.milliseconds) / 1000)))
    }

    /// Tells subjects of one provider from those of another that are called the same.
    private static func nameQualifier(_ issuer: String, _ provider: ARN) -> String {
        let name = provider.resource.dropFirst("saml-provider".utf8.count)
        return Base64.encode(Digest.sha1(Array("\(issuer)\(provider.account)\(name)".utf8)))
    }

    // MARK: OpenID Connect and OAuth 2.0

    public func assumeRoleWithWebIdentity(
        _ input: STS.AssumeRoleWithWebIdentityRequest, _ context: RequestContext
    ) async throws(AWSError) -> STS.AssumeRoleWithWebIdentityResponse {
        try requireTrust(context, "AssumeRoleWithWebIdentity")
        let user = try await assume(input.roleArn, input.roleSessionName)
        let token = WebIdentityToken(input.webIdentityToken)
        var provider = input.providerId ?? token?.issuer ?? "accounts.google.com"
        if let token {
            if let end = token.end, clock.now >= end {
                let (now, end) = (clock.now.milliseconds / 1000, end.milliseconds / 1000)
                throw STS.Errors.expiredTokenException(
                    "Token expired: current date/time \(now) must be before the expiration date/time\(end)")
            }
            let known = try await identities.directory?.openIDProvider(issuer: token.issuer, user.session.account)
            if let known {
                guard token.audiences.contains(where: known.clients.contains) else {
                    throw SAMLAssertion.invalid("Incorrect token audience")
                }
                provider = known.arn
            }
        }
        return STS.AssumeRoleWithWebIdentityResponse { [provider] in
            $0.credentials = issue(to: user.session, seconds: input.durationSeconds ?? 3600)
            $0.subjectFromWebIdentityToken = token?.subject
            $0.assumedRoleUser = user.shape
            $0.packedPolicySize = Self.packedSize(input.policy)
            $0.provider = provider
            $0.audience = token?.audiences.first
        }
    }
}
