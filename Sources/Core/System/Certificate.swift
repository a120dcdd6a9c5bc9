import CCrypto

/// An X.509 certificate.
public struct Certificate: ~Copyable {
    private let handle: OpaquePointer

    /// The certificate of a text in PEM. Nil when the text holds none that can be read.
    public init?(pem: String) {
        guard let handle = PEM.first(of: pem, read: { PEM_read_bio_X509($0, nil, PEM.noPassword, nil) }) else {
            return nil
        }
        self.handle = handle
    }

    deinit { X509_free(handle) }

    /// The last second in which it is valid.
    public var expiration: Timestamp? {
        var time = tm()
        guard ASN1_TIME_to_tm(X509_get0_notAfter(handle), &time) == 1 else { return nil }
        let civil = CivilTime(
            year: Int(time.tm_year) + 1900, month: Int(time.tm_mon) + 1, day: Int(time.tm_mday),
            hour: Int(time.tm_hour), minute: Int(time.tm_min), second: Int(time.tm_sec))
        return civil.timestamp
    }

    /// Whether its public key is that of the private key.
    public func matches(_ key: borrowing PrivateKey) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(handle, key.handle) == 1
    }

    /// Whether the other one names it as its issuer, by name and by key. The signature is not checked.
    public func isIssuer(of other: borrowing Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_issued(handle, other.handle) == X509_V_OK
    }
}

/// The private key of a pair.
public struct PrivateKey: ~Copyable {
    fileprivate let handle: OpaquePointer

    /// The key of a text in PEM. Nil when the text holds none that can be read without a password.
    public init?(pem: String) {
        guard let handle = PEM.first(of: pem, read: { PEM_read_bio_PrivateKey($0, nil, PEM.noPassword, nil) }) else {
            return nil
        }
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }
}

private enum PEM {
    /// Nobody is asked for a password.
    static let noPassword:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = {
            _, _, _, _ in -1
        }

    /// What was found wrong is not left behind for whoever uses the thread next.
    static func first(of text: String, read: (OpaquePointer?) -> OpaquePointer?) -> OpaquePointer? {
        defer { ERR_clear_error() }
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { buffer in
            let memory = BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count))
            defer { BIO_free(memory) }
            return read(memory)
        }
    }
}
