import CCrypto
import Core
import Storage

/// Signs notifications with a key of this host's own, whose certificate receivers fetch from ``certificatePath``.
public final class NotificationSigner: @unchecked Sendable {
    public static let schema = [
        Migration(
            "signing", 1,
            ["CREATE TABLE signing_keys (name TEXT PRIMARY KEY, key TEXT NOT NULL, certificate TEXT NOT NULL)"])
    ]

    // libcrypto's key is not typed as Sendable; it is never changed, and signing makes a context of its own.
    private let key: OpaquePointer
    /// The certificate in PEM.
    public let certificate: String

    private init(key: OpaquePointer, certificate: String) {
        self.key = key
        self.certificate = certificate
    }

    deinit { EVP_PKEY_free(key) }

    /// Where the certificate is served.
    public var certificatePath: String {
        "/SimpleNotificationService-\(hexadecimal(Digest.md5(Array(certificate.utf8)))).pem"
    }

    /// The stored key, or a new one that is stored.
    public static func load(from database: Database) async throws -> NotificationSigner {
        let stored = try await database.read { transaction in
            try transaction.first("SELECT key, certificate FROM signing_keys WHERE name = 'notifications'").map {
                (try $0.text(0), try $0.text(1))
            }
        }
        if let (key, certificate) = stored, let parsed = parse(key) {
            return NotificationSigner(key: parsed, certificate: certificate)
        }
        guard let made = make() else { throw MessagingError(.invalidParameter, "libcrypto made no signing key") }
        let (keyText, certificate) = (made.keyText, made.certificate)
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO signing_keys (name, key, certificate) VALUES ('notifications', $1, $2)
                ON CONFLICT (name) DO UPDATE SET key = excluded.key, certificate = excluded.certificate
                """,
                .text(keyText), .text(certificate))
        }
        return NotificationSigner(key: made.key, certificate: certificate)
    }

    /// The signature in Base64: PKCS #1 v1.5 with SHA-1 (version 1) or SHA-256 (version 2).
    public func sign(_ text: String, version: String) -> String {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let digest = version == "2" ? EVP_sha256() : EVP_sha1()
        guard EVP_DigestSignInit(context, nil, digest, nil, key) == 1 else { return "" }
        let bytes = Array(text.utf8)
        var count = 0
        guard EVP_DigestSign(context, nil, &count, bytes, bytes.count) == 1 else { return "" }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1 else { return "" }
        return Base64.encode(Array(signature[..<count]))
    }

    // MARK: Keys

    private static func make() -> (key: OpaquePointer, keyText: String, certificate: String)? {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1,
            EVP_PKEY_keygen(context, &made) == 1, let key = made, let certificate = certify(key)
        else { return nil }
        let keyText = text { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
        return (key, keyText, certificate)
    }

    /// A certificate that the key signs itself, for ten years.
    private static func certify(_ key: OpaquePointer) -> String? {
        let certificate = X509_new()
        defer { X509_free(certificate) }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1)
        X509_gmtime_adj(X509_getm_notBefore(certificate), 0)
        X509_gmtime_adj(X509_getm_notAfter(certificate), 10 * 365 * 86_400)
        X509_set_pubkey(certificate, key)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "CN", 0x1001, "sns.amazonaws.com", -1, -1, 0)
        X509_set_issuer_name(certificate, name)
        guard X509_sign(certificate, key, EVP_sha256()) > 0 else { return nil }
        return text { PEM_write_bio_X509($0, certificate) }
    }

    private static func text(_ write: (OpaquePointer?) -> Int32) -> String {
        let memory = BIO_new(BIO_s_mem())
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { return "" }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = BIO_read(memory, &bytes, Int32(bytes.count))
        return String(decoding: bytes[..<max(0, Int(count))], as: UTF8.self)
    }

    private static func parse(_ text: String) -> OpaquePointer? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { buffer in
            let memory = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count))
            defer { BIO_free(memory) }
            return PEM_read_bio_PrivateKey(memory, nil, nil, nil)
        }
    }
}
