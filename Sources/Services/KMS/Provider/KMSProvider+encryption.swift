public import AWSModels
import Core
import Storage
public import Wire

extension KMSProvider {
    public func encrypt(
        _ input: KMS.EncryptRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.EncryptResponse {
        let algorithm = input.encryptionAlgorithm ?? .symmetricDefault
        let loaded = try await load(input.keyId, context, .encryptDecrypt, for: "Encrypt")
        let sealed = try seal(input.plaintext.bytes, loaded, algorithm, input.encryptionContext)
        try Self.endIfDry(input.dryRun)
        return KMS.EncryptResponse {
            $0.ciphertextBlob = Blob(sealed)
            $0.keyId = loaded.key.arn
            $0.encryptionAlgorithm = algorithm
        }
    }

    public func decrypt(
        _ input: KMS.DecryptRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.DecryptResponse {
        try Self.refuse(input.recipient, "Decrypt")
        let algorithm = input.encryptionAlgorithm ?? .symmetricDefault
        let opened = try await open(
            input.ciphertextBlob, input.keyId, algorithm, input.encryptionContext, context, for: "Decrypt")
        try Self.endIfDry(input.dryRun)
        return KMS.DecryptResponse {
            $0.keyId = opened.key.arn
            $0.plaintext = Blob(opened.bytes)
            $0.encryptionAlgorithm = algorithm
            $0.keyMaterialId = opened.materialID
        }
    }

    public func reEncrypt(
        _ input: KMS.ReEncryptRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ReEncryptResponse {
        let source = input.sourceEncryptionAlgorithm ?? .symmetricDefault
        let destination = input.destinationEncryptionAlgorithm ?? .symmetricDefault
        let opened = try await open(
            input.ciphertextBlob, input.sourceKeyId, source, input.sourceEncryptionContext, context,
            for: "ReEncryptFrom")
        let loaded = try await load(input.destinationKeyId, context, .encryptDecrypt, for: "ReEncryptTo")
        let sealed = try seal(opened.bytes, loaded, destination, input.destinationEncryptionContext)
        try Self.endIfDry(input.dryRun)
        return KMS.ReEncryptResponse {
            $0.ciphertextBlob = Blob(sealed)
            $0.sourceKeyId = opened.key.arn
            $0.keyId = loaded.key.arn
            $0.sourceEncryptionAlgorithm = source
            $0.destinationEncryptionAlgorithm = destination
        }
    }

    // MARK: Sealing and opening

    /// The bytes, encrypted under the key.
    func seal(
        _ bytes: [UInt8], _ loaded: Loaded, _ algorithm: KMS.EncryptionAlgorithmSpec, _ context: [String: String]?
    ) throws(AWSError) -> [UInt8] {
        let key = loaded.key
        try key.requireAlgorithm(algorithm.rawValue, key.spec.encryptionAlgorithms.contains(algorithm))
        guard let limit = key.spec.limit(algorithm) else {
            return KMSCiphertext.seal(
                bytes, loaded.material, materialID: loaded.materialID, context: context ?? [:], keys.random)
        }
        guard bytes.count <= limit else {
            throw KMSError.invalid(
                "Algorithm \(algorithm.rawValue) and key spec \(key.spec.rawValue) cannot encrypt data larger than \(limit) bytes."
            )
        }
        guard let sealed = loaded.pair?.encrypt(bytes, oaep: algorithm.digest) else {
            throw KMS.Errors.kmsInternalException("The key \(key.arn) cannot encrypt.")
        }
        return sealed
    }

    private struct Opened: Sendable {
        var key: KMSKey
        var bytes: [UInt8]
        /// Of symmetric keys.
        var materialID: String?
    }

    private func open(
        _ ciphertext: Blob?, _ name: String?, _ algorithm: KMS.EncryptionAlgorithmSpec, _ context: [String: String]?,
        _ request: RequestContext, for operation: String
    ) async throws(AWSError) -> Opened {
        guard let ciphertext else { throw KMSError.invalid("CiphertextBlob is required.") }
        guard algorithm == .symmetricDefault else {
            return try await openPair(ciphertext.bytes, name, algorithm, request, for: operation)
        }
        let scope = request.scope
        if let name { try await keys.prepare(name, scope) }
        return try await keys.lookup { [keys] transaction in
            let named = try name.map { try keys.find($0, scope, takesAliases: true, in: transaction) }
            guard let sealed = KMSCiphertext(ciphertext.bytes),
                let material = try keys.store.material(sealed.materialID, in: transaction)
            else { throw KMS.Errors.invalidCiphertextException(nil) }
            if let named, named.id != material.keyID { throw KMSError.incorrectKey }
            let home = Scope(account: material.account, region: scope.region)
            guard let key = try keys.store.key(material.keyID, home, in: transaction) else {
                throw AWSError(
                    "AccessDeniedException",
                    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
                    status: 400)
            }
            try key.requireUsable()
            guard let secret = material.bytes else {
                throw KMSError.state("\(key.arn) is pending import.")
            }
            guard let bytes = sealed.open(secret, context: context ?? [:]) else {
                throw KMS.Errors.invalidCiphertextException(nil)
            }
            return Opened(key: key, bytes: bytes, materialID: material.id)
        }
    }

    /// What a public key encrypted does not say which one it was.
    private func openPair(
        _ ciphertext: [UInt8], _ name: String?, _ algorithm: KMS.EncryptionAlgorithmSpec, _ request: RequestContext,
        for operation: String
    ) async throws(AWSError) -> Opened {
        guard let name else {
            throw KMSError.invalid("A KeyId must be specified to decrypt with algorithm \(algorithm.rawValue).")
        }
        let loaded = try await load(name, request, .encryptDecrypt, for: operation)
        let isFitting = loaded.key.spec.encryptionAlgorithms.contains(algorithm)
        try loaded.key.requireAlgorithm(algorithm.rawValue, isFitting)
        guard let bytes = loaded.pair?.decrypt(ciphertext, oaep: algorithm.digest) else {
            throw KMS.Errors.invalidCiphertextException(nil)
        }
        return Opened(key: loaded.key, bytes: bytes)
    }
}
