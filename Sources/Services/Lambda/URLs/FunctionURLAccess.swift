import Core
public import Wire

/// Lets callers in to function URLs that demand a signature.
///
/// As everywhere on the host, a signature is compared with a secret where the key is known or the host is open to others;
/// on the machine itself any other is taken at its word.
public struct FunctionURLAccess: Sendable {
    private let credentials: (any CredentialSource)?
    private let demandsSignatures: Bool
    private let identities: CallerIdentities
    private let verifier: SignatureVerifier?

    public init(
        credentials: (any CredentialSource)?, demandsSignatures: Bool, identities: CallerIdentities,
        clock: any HostClock
    ) {
        self.credentials = credentials
        self.demandsSignatures = demandsSignatures
        self.identities = identities
        verifier = credentials.map { SignatureVerifier($0, clock: clock) }
    }

    struct Caller {
        var account: String
        /// What the function is told of the caller.
        var authorizer: JSON
    }

    static let forbidden = AWSError(
        "AccessDeniedException",
        "Forbidden. For troubleshooting Function URL authorization issues, see: "
            + "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html", status: 403)

    func caller(_ request: WireRequest, _ body: [UInt8], owner: Scope) async throws(AWSError) -> Caller {
        let signature: RequestSignature?
        do throws(SignatureFailure) {
            signature = try RequestSignature(request)
            if let signature, let verifier,
                demandsSignatures || credentials?.credentials(for: signature.accessKeyID) != nil
            {
                _ = try verifier.verify(request, signature, body: body)
            }
        } catch {
            throw error.error(.restJSON)
        }
        guard let signature else { throw Self.forbidden }
        let account = AccessKeyID.account(signature.accessKeyID) ?? owner.account
        let identity = try await identities.caller(ofKey: signature.accessKeyID, account)
        return Caller(
            account: account,
            authorizer: [
                "iam": [
                    "accessKey": .string(signature.accessKeyID), "accountId": .string(account),
                    "callerId": .string(identity.userID ?? account), "cognitoIdentity": .null, "principalOrgId": .null,
                    "userArn": .string(identity.arn),
                    "userId": .string(identity.userID ?? account),
                ]
            ])
    }
}
