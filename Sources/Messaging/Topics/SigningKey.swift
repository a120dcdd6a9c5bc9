import CCrypto
import Core

/// An RSA key with a certificate that it signed itself.
final class SigningKey: @unchecked Sendable {
    // libcrypto's key is not typed as Sendable; it is never changed, and signing makes a context of its own.
    private let key: OpaquePointer

    struct Failure: Error, CustomStringConvertible {
        var description: String { "libcrypto made no key to sign notifications with" }
    }

    private init(_ key: OpaquePointer) { self.key = key }

    deinit { EVP_PKEY_free(key) }

    /// The key of a PEM text; nil when it is none.
    convenience init?(pem: String) {
        guard let key = Self.parse(pem) else { return nil }
        self.init(key)
    }

    /// The signature in Base64: PKCS #1 v1.5 with SHA-1 (version 1) or SHA-256 (version 2).
    func sign(_ text: String, version: String) -> String {
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

    /// A new key of 2,048 bits, in PEM with its certificate. Takes a tenth of a second.
    static func make() throws -> (pem: String, certificate: String) {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1,
            EVP_PKEY_keygen(context, &made) == 1, let made
        else { throw Failure() }
        let key = SigningKey(made)
        guard let certificate = certify(key.key) else { throw Failure() }
        return (text { PEM_write_bio_PrivateKey($0, key.key, nil, nil, 0, nil, nil) }, certificate)
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
