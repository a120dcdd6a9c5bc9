import AWSModels
import Core
import Wire

/// A certificate with its private key and the certificates between it and a root, as they were uploaded.
struct ServerCertificateFiles {
    let expiration: Timestamp

    init(certificate: String, key: String, chain: String?) throws(AWSError) {
        guard let leaf = Certificate(pem: certificate), let end = leaf.expiration else {
            throw IAM.Errors.malformedCertificateException(
                "Unable to parse certificate. Please ensure the certificate is in PEM format.")
        }
        guard let pair = PrivateKey(pem: key) else {
            throw IAM.Errors.malformedCertificateException(
                "Unable to parse private key. Please ensure the key is in PEM format and is not encrypted.")
        }
        guard leaf.matches(pair) else {
            throw IAM.Errors.keyPairMismatchException("Certificate and private key do not match.")
        }
        expiration = end
        if let chain { try Self.check(chain: chain, of: certificate) }
    }

    /// Each certificate is issued by the one that follows.
    private static func check(chain: String, of certificate: String) throws(AWSError) {
        let texts = blocks(of: chain)
        guard !texts.isEmpty else { throw invalidChain(at: 0) }
        var subject = certificate
        for (index, text) in texts.enumerated() {
            guard let issuer = Certificate(pem: text) else { throw invalidChain(at: index) }
            guard let issued = Certificate(pem: subject), issuer.isIssuer(of: issued) else {
                throw invalidChain(at: index - 1)
            }
            subject = text
        }
    }

    /// The certificates of a text in PEM.
    private static func blocks(of text: String) -> [String] {
        let begin = "-----BEGIN CERTIFICATE-----"
        return text.split(separator: begin, omittingEmptySubsequences: false).dropFirst().map { begin + $0 }
    }

    private static func invalidChain(at index: Int) -> AWSError {
        IAM.Errors.malformedCertificateException(
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
                + "certificate, followed by any intermediaries in order. The index within the chain of the invalid "
                + "certificate is: \(index)")
    }
}
