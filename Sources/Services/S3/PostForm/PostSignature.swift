import Core
import Wire

/// Who vouches for a form: the signature over its policy, by either of S3's two methods.
struct PostSignature {
    let policy: String
    let accessKeyID: String
    private let signature: String
    /// `20261122/us-east-1/s3/aws4_request`; nil by the old method.
    private let scope: [String]?

    /// Nil for a form without a policy.
    init?(_ fields: [String: String]) throws(AWSError) {
        let known = ["policy", "signature", "x-amz-signature", "awsaccesskeyid", "x-amz-credential"]
        guard known.contains(where: { fields[$0] != nil }) else { return nil }
        guard let policy = fields["policy"], fields.keys.contains(where: { $0 != "policy" && known.contains($0) })
        else {
            throw .s3AccessDenied
        }
        self.policy = policy
        if fields["awsaccesskeyid"] != nil || fields["signature"] != nil {
            accessKeyID = try Self.field("AWSAccessKeyId", fields)
            signature = try Self.field("Signature", fields)
            scope = nil
            return
        }
        for name in ["X-Amz-Algorithm", "X-Amz-Date"] { _ = try Self.field(name, fields) }
        let parts = try Self.field("X-Amz-Credential", fields).split(separator: "/").map(String.init)
        signature = try Self.field("X-Amz-Signature", fields)
        guard parts.count == 5, parts[3] == "s3", parts[4] == "aws4_request" else {
            throw .invalidArgument(
                "Error parsing the X-Amz-Credential parameter.", "X-Amz-Credential", parts.joined(separator: "/"))
        }
        accessKeyID = parts[0]
        scope = Array(parts[1...])
    }

    private static func field(_ name: String, _ fields: [String: String]) throws(AWSError) -> String {
        if let value = fields[name.lowercased()], !value.isEmpty { return value }
        throw .invalidArgument(
            "Bucket POST must contain a field named '\(name)'.  If it is specified, please check the order of the fields.",
            name, "")
    }

    /// - Parameter isDemanded: whether unknown keys are turned away.
    func verify(by credentials: (any CredentialSource)?, isDemanded: Bool) throws(AWSError) {
        guard let secret = credentials?.credentials(for: accessKeyID)?.secretAccessKey else {
            guard isDemanded else { return }
            throw AWSError(
                "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", status: 403
            ).with("AWSAccessKeyId", .string(accessKeyID))
        }
        guard SignatureVerifier.isEqual(computed(secret), signature) else {
            throw SignatureMismatch(accessKeyID: accessKeyID, signature: signature, stringToSign: policy).s3Error
        }
    }

    private func computed(_ secret: String) -> String {
        let text = Array(policy.utf8)
        guard let scope else { return Base64.encode(Digest.hmac(text, key: Array(secret.utf8), .sha1)) }
        var key = Array("AWS4\(secret)".utf8)
        for part in scope { key = Digest.hmac(Array(part.utf8), key: key, .sha256) }
        return hexadecimal(Digest.hmac(text, key: key, .sha256))
    }
}
