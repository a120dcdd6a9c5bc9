import Core
import Wire

/// Who is calling, as far as the request says and the configuration demands it.
struct Caller: Sendable {
    var scope: Scope
    var accessKeyID: String?
    var sessionToken: String?
    /// Verifies the chunks of the body.
    var chunks: ChunkSignatures?
}

struct Authenticator: Sendable {
    private let defaults: Scope
    private let credentials: (any CredentialSource)?
    private let verifier: SignatureVerifier?
    private let isDemanded: Bool
    private let clock: any HostClock

    init(_ configuration: GatewayConfiguration, clock: any HostClock) {
        defaults = Scope(account: configuration.defaultAccount, region: configuration.defaultRegion)
        credentials = configuration.credentials
        verifier = configuration.credentials.map { SignatureVerifier($0, clock: clock) }
        isDemanded = configuration.demandsSignatures
        self.clock = clock
    }

    /// - Parameters:
    ///   - isAnonymous: the operation is one that carries no signature.
    ///   - body: the bytes, when they are at hand.
    func caller(
        _ request: WireRequest, _ signature: RequestSignature?, isAnonymous: Bool, body: [UInt8]?
    ) throws(SignatureFailure) -> Caller {
        guard let signature else {
            guard isAnonymous || !isDemanded else { throw .missing }
            return Caller(scope: defaults)
        }
        var caller = Caller(
            scope: scope(signature), accessKeyID: signature.accessKeyID, sessionToken: signature.sessionToken)
        // Without a demand, only keys that are known here can be verified.
        if let verifier, isDemanded || credentials?.credentials(for: signature.accessKeyID) != nil {
            caller.chunks = try verifier.verify(request, signature, body: body).chunks
        } else if case .query(let expires) = signature.place, let signed = signature.time {
            guard clock.now.milliseconds(since: signed) <= expires * 1000 else { throw .expired }
        }
        return caller
    }

    /// The caller of an address that was presigned the older way.
    func caller(_ request: WireRequest, _ signature: LegacyQuerySignature) throws(SignatureFailure) -> Caller {
        let known = credentials?.credentials(for: signature.accessKeyID)
        guard known != nil || !isDemanded else { throw .unknownKey(signature.accessKeyID) }
        try signature.verify(request, known, now: clock.now)
        let account = AccessKeyID.account(signature.accessKeyID) ?? defaults.account
        return Caller(scope: Scope(account: account, region: defaults.region), accessKeyID: signature.accessKeyID)
    }

    private func scope(_ signature: RequestSignature) -> Scope {
        Scope(
            account: AccessKeyID.account(signature.accessKeyID) ?? defaults.account,
            region: Self.isRegion(signature.scope.region) ? signature.scope.region : defaults.region)
    }

    private static func isRegion(_ text: String) -> Bool {
        (2...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}
