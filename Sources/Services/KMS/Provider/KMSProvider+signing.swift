public import AWSModels
import Core
public import Wire

extension KMSProvider {
    public func sign(
        _ input: KMS.SignRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.SignResponse {
        let loaded = try await load(input.keyId, context, .signVerify, for: "Sign")
        let algorithm = input.signingAlgorithm
        let digest = try Self.digest(input.message, input.messageType, algorithm, loaded.key)
        try Self.endIfDry(input.dryRun)
        guard let signature = loaded.pair?.sign(digest, algorithm.digest, algorithm.scheme) else {
            throw KMS.Errors.kmsInternalException("The key \(loaded.key.arn) cannot sign.")
        }
        return KMS.SignResponse {
            $0.keyId = loaded.key.arn
            $0.signature = Blob(signature)
            $0.signingAlgorithm = algorithm
        }
    }

    public func verify(
        _ input: KMS.VerifyRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.VerifyResponse {
        let loaded = try await load(input.keyId, context, .signVerify, for: "Verify")
        let algorithm = input.signingAlgorithm
        let digest = try Self.digest(input.message, input.messageType, algorithm, loaded.key)
        let isValid = loaded.pair?.isValid(input.signature.bytes, of: digest, algorithm.digest, algorithm.scheme)
        guard isValid == true else { throw KMS.Errors.kmsInvalidSignatureException(nil) }
        try Self.endIfDry(input.dryRun)
        return KMS.VerifyResponse {
            $0.keyId = loaded.key.arn
            $0.signatureValid = true
            $0.signingAlgorithm = algorithm
        }
    }

    /// What is signed of a message.
    private static func digest(
        _ message: Blob, _ type: KMS.MessageType?, _ algorithm: KMS.SigningAlgorithmSpec, _ key: KMSKey
    ) throws(AWSError) -> [UInt8] {
        try key.requireAlgorithm(algorithm.rawValue, key.spec.signingAlgorithms.contains(algorithm))
        switch type ?? .raw {
        case .raw: return Digest.of(message.bytes, algorithm.digest)
        case .digest:
            guard message.bytes.count == algorithm.digest.size else {
                throw KMSError.invalid("Digest is invalid length for algorithm \(algorithm.rawValue).")
            }
            return message.bytes
        case let other:
            throw KMSError.invalid(
                "Message type \(other.rawValue) is incompatible with signing algorithm \(algorithm.rawValue).")
        }
    }

    // MARK: Message authentication codes

    public func generateMac(
        _ input: KMS.GenerateMacRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GenerateMacResponse {
        let (loaded, mac) = try await mac(
            input.message, input.macAlgorithm, input.keyId, context, for: "GenerateMac")
        try Self.endIfDry(input.dryRun)
        return KMS.GenerateMacResponse {
            $0.mac = Blob(mac)
            $0.macAlgorithm = input.macAlgorithm
            $0.keyId = loaded.key.arn
        }
    }

    public func verifyMac(
        _ input: KMS.VerifyMacRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.VerifyMacResponse {
        let (loaded, mac) = try await mac(
            input.message, input.macAlgorithm, input.keyId, context, for: "VerifyMac")
        guard KeyedDigest.isEqual(mac, input.mac.bytes) else { throw KMS.Errors.kmsInvalidMacException(nil) }
        try Self.endIfDry(input.dryRun)
        return KMS.VerifyMacResponse {
            $0.keyId = loaded.key.arn
            $0.macValid = true
            $0.macAlgorithm = input.macAlgorithm
        }
    }

    private func mac(
        _ message: Blob, _ algorithm: KMS.MacAlgorithmSpec, _ name: String, _ context: RequestContext,
        for operation: String
    ) async throws(AWSError) -> (Loaded, [UInt8]) {
        let loaded = try await load(name, context, .generateVerifyMac, for: operation)
        try loaded.key.requireAlgorithm(algorithm.rawValue, loaded.key.spec.macAlgorithm == algorithm)
        return (loaded, loaded.key.spec.digest?.of(message.bytes, key: loaded.material) ?? [])
    }

    // MARK: Public keys

    public func getPublicKey(
        _ input: KMS.GetPublicKeyRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GetPublicKeyResponse {
        let loaded = try await load(input.keyId, context, nil, for: "GetPublicKey")
        let key = loaded.key
        guard let pair = loaded.pair, key.spec.pair != nil else {
            throw KMS.Errors.unsupportedOperationException(nil)
        }
        return KMS.GetPublicKeyResponse {
            $0.keyId = key.arn
            $0.publicKey = Blob(pair.publicKey)
            $0.customerMasterKeySpec = KMS.CustomerMasterKeySpec(rawValue: key.spec.rawValue)
            $0.keySpec = KMS.KeySpec(rawValue: key.spec.rawValue)
            $0.keyUsage = key.usage
            switch key.usage {
            case .encryptDecrypt: $0.encryptionAlgorithms = key.spec.encryptionAlgorithms
            case .keyAgreement: $0.keyAgreementAlgorithms = [.ecdh]
            default: $0.signingAlgorithms = key.spec.signingAlgorithms
            }
        }
    }

    public func deriveSharedSecret(
        _ input: KMS.DeriveSharedSecretRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.DeriveSharedSecretResponse {
        try Self.refuse(input.recipient, "DeriveSharedSecret")
        let loaded = try await load(input.keyId, context, .keyAgreement, for: "DeriveSharedSecret")
        guard let other = KeyPair(publicKey: input.publicKey.bytes),
            let secret = loaded.pair?.sharedSecret(with: other)
        else { throw KMSError.invalid(nil) }
        try Self.endIfDry(input.dryRun)
        return KMS.DeriveSharedSecretResponse {
            $0.keyId = loaded.key.arn
            $0.sharedSecret = Blob(secret)
            $0.keyAgreementAlgorithm = input.keyAgreementAlgorithm
            $0.keyOrigin = loaded.key.origin
        }
    }
}
