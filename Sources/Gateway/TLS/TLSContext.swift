import CTLS

/// A certificate with its key, ready for connections. Uses the system's libssl.
final class TLSContext: @unchecked Sendable {
    // Not changed after it was made; libssl counts its references under locks of its own.
    private let context: OpaquePointer

    init(_ files: TLSFiles) throws(GatewayError) {
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw GatewayError(reason: "libssl cannot be used: \(Self.lastError())")
        }
        self.context = context
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        guard SSL_CTX_use_certificate_chain_file(context, files.certificateChain) == 1 else {
            throw GatewayError(reason: "cannot use the certificate \(files.certificateChain): \(Self.lastError())")
        }
        guard SSL_CTX_use_PrivateKey_file(context, files.privateKey, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(context) == 1
        else {
            throw GatewayError(
                reason:
                    "cannot use the key \(files.privateKey) with the certificate \(files.certificateChain): \(Self.lastError())"
            )
        }
    }

    deinit { SSL_CTX_free(context) }

    /// The state of one connection, with buffers in memory on both sides. Nil when there is no memory.
    func makeConnection() -> (tls: OpaquePointer, input: OpaquePointer, output: OpaquePointer)? {
        guard let tls = SSL_new(context), let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            return nil
        }
        SSL_set_bio(tls, input, output)
        SSL_set_accept_state(tls)
        return (tls, input, output)
    }

    static func lastError() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let code = ERR_get_error()
        guard code != 0 else { return "unknown" }
        ERR_error_string_n(code, &buffer, buffer.count)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
