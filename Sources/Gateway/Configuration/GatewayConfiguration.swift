public import Wire

/// How the gateway listens and whom it lets in.
public struct GatewayConfiguration: Sendable {
    /// An address, or a name that resolves to one.
    public var host = "127.0.0.1"
    /// Zero picks a free port.
    public var port = 4566
    /// Host names by which this program may be reached, besides loopback addresses and `localhost`; names below them
    /// are allowed too, such as `bucket.s3.example.test` for `example.test`.
    public var domains: [String] = []
    /// Origins of web pages that may call the services, such as `http://localhost:8080`.
    public var allowedOrigins: [String] = []
    /// Keys of callers; needed on any address but loopback.
    public var credentials: (any CredentialSource)?
    /// Keys by which presigned addresses are verified where signatures are not demanded, if ``credentials`` has none of
    /// that name.
    public var presigningCredentials: (any CredentialSource)?
    /// The account of callers whose access key names none.
    public var defaultAccount = "000000000000"
    /// The region of requests that are not signed.
    public var defaultRegion = "us-east-1"
    public var limits = GatewayLimits()
    public var tls: TLSFiles?
    /// Event loops; zero means one a core.
    public var threads = 0

    public init() {}
}

/// A certificate with its chain and the private key, as PEM files.
public struct TLSFiles: Sendable {
    public var certificateChain: String
    public var privateKey: String

    public init(certificateChain: String, privateKey: String) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}

extension GatewayConfiguration {
    /// Whether only this machine can connect.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// Whether every request must be signed by known keys.
    public var demandsSignatures: Bool { !isLoopback }

    /// Why this configuration must not be started with; nil when it is sound.
    public var defect: String? {
        if demandsSignatures, credentials == nil {
            return "listening on \(host), which other machines can reach, needs credentials: configure at least one "
                + "access key, or listen on 127.0.0.1"
        }
        if !(0...65_535).contains(port) { return "\(port) is no port: choose one from 0 to 65535" }
        if defaultAccount.utf8.count != 12 || Int(defaultAccount) == nil {
            return "the account '\(defaultAccount)' must be twelve digits"
        }
        return nil
    }
}
