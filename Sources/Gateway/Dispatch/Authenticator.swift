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
    /// Keys by which presigned addresses alone are verified.
    private let presigning: (any CredentialSource)?
    private let verifier: SignatureVerifier?
    private let presigningVerifier: SignatureVerifier?
    private let isDemanded: Bool
    private let clock: any HostClock

    init(_ configuration: GatewayConfiguration, clock: any HostClock) {
        defaults = Scope(account: configuration.defaultAccount, region: configuration.defaultRegion)
        credentials = configuration.credentials
        presigning = configuration.presigningCredentials
        verifier = configuration.credentials.map { SignatureVerifier($0, clock: clock) }
        presigningVerifier = configuration.presigningCredentials.map { SignatureVerifier($0, clock: clock) }
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
        } else if signature.place != .header {
            if let presigningVerifier, presigning?.credentials(for: signature.accessKeyID) != nil {
                caller.chunks = try presigningVerifier.verify(request, signature, body: body).chunks
            } else {
                try SignatureVerifier.checkTime(signature, now: clock.now)
                try SignatureVerifier.checkSignedHeaders(request, signature)
            }
        }
        return caller
    }

    /// The caller by the older kind of signature.
    func caller(_ request: WireRequest, _ signature: LegacySignature) throws(SignatureFailure) -> Caller {
        var known = credentials?.credentials(for: signature.accessKeyID)
        guard known != nil || !isDemanded else { throw .unknownKey(signature.accessKeyID) }
        if known == nil, signature.place != .header { known = presigning?.credentials(for: signature.accessKeyID) }
        if let known {
            try signature.verify(request, known, now: clock.now)
        } else {
            try signature.checkTime(now: clock.now)
        }
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
