import Core
import Storage
import Synchronization

/// Signs notifications with a key of this host's own, whose certificate receivers fetch from ``certificatePath``.
///
/// Making a key takes a tenth of a second and reading one loads much of libcrypto, so a host without topics has none:
/// the key is made with the first topic and read for the first signature.
public final class NotificationSigner: Sendable {
    public static let schema = [
        Migration(
            "signing", 1,
            ["CREATE TABLE signing_keys (name TEXT PRIMARY KEY, key TEXT NOT NULL, certificate TEXT NOT NULL)"])
    ]

    private struct Stored {
        var pem: String
        var certificate: String
        var path: String
        var key: SigningKey?

        init(_ made: (pem: String, certificate: String)) {
            self.init(pem: made.pem, certificate: made.certificate)
        }

        init(pem: String, certificate: String) {
            self.pem = pem
            self.certificate = certificate
            path = "/SimpleNotificationService-\(hexadecimal(Digest.md5(Array(certificate.utf8)))).pem"
        }
    }

    private let stored: Mutex<Stored?>

    private init(_ stored: Stored?) { self.stored = Mutex(stored) }

    /// Where the certificate is served; empty before the first topic.
    public var certificatePath: String { stored.withLock { $0?.path ?? "" } }

    /// The certificate in PEM; empty before the first topic.
    public var certificate: String { stored.withLock { $0?.certificate ?? "" } }

    /// The signer with the stored key, if there is one.
    public static func load(from database: Database) async throws -> NotificationSigner {
        NotificationSigner(try await database.read { try read(in: $0) })
    }

    private static func read(in transaction: Transaction) throws -> Stored? {
        try transaction.first("SELECT key, certificate FROM signing_keys WHERE name = 'notifications'").map {
            Stored(pem: try $0.text(0), certificate: try $0.text(1))
        }
    }

    /// Makes and stores the key unless there is one. What is signed in a transaction that creates a topic, and after
    /// it, can be verified after a crash too.
    public func prepare(in transaction: Transaction) throws {
        if let known = try Self.read(in: transaction) {
            return stored.withLock { if $0?.certificate != known.certificate { $0 = known } }
        }
        // One that was made for a transaction which then failed is as good as a new one.
        let fresh = try stored.withLock { $0 } ?? Stored(SigningKey.make())
        try transaction.execute(
            "INSERT INTO signing_keys (name, key, certificate) VALUES ('notifications', $1, $2)",
            .text(fresh.pem), .text(fresh.certificate))
        stored.withLock { $0 = fresh }
    }

    /// The signature in Base64: PKCS #1 v1.5 with SHA-1 (version 1) or SHA-256 (version 2).
    public func sign(_ text: String, version: String) -> String {
        let key = stored.withLock { stored -> SigningKey? in
            if stored?.key == nil, let pem = stored?.pem { stored?.key = SigningKey(pem: pem) }
            return stored?.key
        }
        return key?.sign(text, version: version) ?? ""
    }
}
