/// The keys with which requests are signed.
public struct Credentials: Sendable, Hashable {
    public var accessKeyID: String
    public var secretAccessKey: String
    /// Goes with temporary credentials.
    public var sessionToken: String?

    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

extension Credentials {
    /// The pair that local programs are given by custom, `test` and `test`.
    public static let customary = Credentials(accessKeyID: "test", secretAccessKey: "test")
}

/// Where the secrets of known access keys are found.
public protocol CredentialSource: Sendable {
    /// Nil for an unknown key.
    func credentials(for accessKeyID: String) -> Credentials?
}

/// A fixed set of credentials.
public struct StaticCredentials: CredentialSource {
    private let byKey: [String: Credentials]

    public init(_ credentials: [Credentials]) {
        byKey = Dictionary(credentials.map { ($0.accessKeyID, $0) }) { _, last in last }
    }

    public func credentials(for accessKeyID: String) -> Credentials? { byKey[accessKeyID] }
}

/// Several sources; the first that knows a key has its secret.
public struct CredentialSources: CredentialSource {
    private let sources: [any CredentialSource]

    public init(_ sources: [any CredentialSource]) { self.sources = sources }

    public func credentials(for accessKeyID: String) -> Credentials? {
        for source in sources {
            if let credentials = source.credentials(for: accessKeyID) { return credentials }
        }
        return nil
    }
}
