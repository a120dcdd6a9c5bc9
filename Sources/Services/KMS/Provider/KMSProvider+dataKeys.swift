public import AWSModels
import Core
public import Wire

extension KMSProvider {
    public func generateDataKey(
        _ input: KMS.GenerateDataKeyRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GenerateDataKeyResponse {
        try Self.refuse(input.recipient, "GenerateDataKey")
        let size = try Self.size(input.keySpec, input.numberOfBytes)
        let loaded = try await load(input.keyId, context, .encryptDecrypt, for: "GenerateDataKey")
        let plain = keys.random.bytes(size)
        let sealed = try seal(plain, loaded, .symmetricDefault, input.encryptionContext)
        try Self.endIfDry(input.dryRun)
        return KMS.GenerateDataKeyResponse {
            $0.ciphertextBlob = Blob(sealed)
            $0.plaintext = Blob(plain)
            $0.keyId = loaded.key.arn
        }
    }

    public func generateDataKeyWithoutPlaintext(
        _ input: KMS.GenerateDataKeyWithoutPlaintextRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GenerateDataKeyWithoutPlaintextResponse {
        let size = try Self.size(input.keySpec, input.numberOfBytes)
        let operation = "GenerateDataKeyWithoutPlaintext"
        let loaded = try await load(input.keyId, context, .encryptDecrypt, for: operation)
        let sealed = try seal(keys.random.bytes(size), loaded, .symmetricDefault, input.encryptionContext)
        try Self.endIfDry(input.dryRun)
        return KMS.GenerateDataKeyWithoutPlaintextResponse {
            $0.ciphertextBlob = Blob(sealed)
            $0.keyId = loaded.key.arn
        }
    }

    public func generateDataKeyPair(
        _ input: KMS.GenerateDataKeyPairRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GenerateDataKeyPairResponse {
        try Self.refuse(input.recipient, "GenerateDataKeyPair")
        let made = try await makePair(
            input.keyPairSpec, input.keyId, input.encryptionContext, isDry: input.dryRun, context,
            for: "GenerateDataKeyPair")
        return KMS.GenerateDataKeyPairResponse {
            $0.privateKeyCiphertextBlob = Blob(made.sealed)
            $0.privateKeyPlaintext = Blob(made.plain)
            $0.publicKey = Blob(made.publicKey)
            $0.keyId = made.key.arn
            $0.keyPairSpec = input.keyPairSpec
        }
    }

    public func generateDataKeyPairWithoutPlaintext(
        _ input: KMS.GenerateDataKeyPairWithoutPlaintextRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GenerateDataKeyPairWithoutPlaintextResponse {
        let made = try await makePair(
            input.keyPairSpec, input.keyId, input.encryptionContext, isDry: input.dryRun, context,
            for: "GenerateDataKeyPairWithoutPlaintext")
        return KMS.GenerateDataKeyPairWithoutPlaintextResponse {
            $0.privateKeyCiphertextBlob = Blob(made.sealed)
            $0.publicKey = Blob(made.publicKey)
            $0.keyId = made.key.arn
            $0.keyPairSpec = input.keyPairSpec
        }
    }

    public func generateRandom(
        _ input: KMS.GenerateRandomRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GenerateRandomResponse {
        try Self.refuse(input.recipient, "GenerateRandom")
        if let store = input.customKeyStoreId {
            throw KMS.Errors.customKeyStoreNotFoundException("Custom key store \(store) does not exist.")
        }
        guard let count = input.numberOfBytes else { throw KMSError.invalid("NumberOfBytes is required.") }
        return KMS.GenerateRandomResponse { $0.plaintext = Blob(keys.random.bytes(count)) }
    }

    // MARK: Parts

    /// Bytes of a data key.
    private static func size(_ spec: KMS.DataKeySpec?, _ count: Int?) throws(AWSError) -> Int {
        switch (spec, count) {
        case (nil, nil): throw KMSError.invalid("Please specify either number of bytes or key spec.")
        case (.some, .some): throw KMSError.invalid("Please specify either number of bytes or key spec, but not both.")
        case (let spec?, nil): return spec == .aes128 ? 16 : 32
        case (nil, let count?): return count
        }
    }

    private struct DataKeyPair: Sendable {
        var key: KMSKey
        /// The private key as a PKCS #8 document, encrypted and as it is.
        var sealed: [UInt8]
        var plain: [UInt8]
        var publicKey: [UInt8]
    }

    private func makePair(
        _ spec: KMS.DataKeyPairSpec, _ name: String, _ encryptionContext: [String: String]?, isDry: Bool?,
        _ context: RequestContext, for operation: String
    ) async throws(AWSError) -> DataKeyPair {
        guard let kind = KMSKeySpec(rawValue: spec.rawValue)?.pair else {
            throw KMS.Errors.unsupportedOperationException(
                "KeyPairSpec \(spec.rawValue) is not supported in this Region.")
        }
        let loaded = try await load(name, context, .encryptDecrypt, for: operation)
        try loaded.key.requireAlgorithm("SYMMETRIC_DEFAULT", loaded.key.spec == .symmetric)
        try Self.endIfDry(isDry)
        let pair = try await compute { KeyPair(generating: kind) }
        let plain = pair.pkcs8
        let sealed = try seal(plain, loaded, .symmetricDefault, encryptionContext)
        return DataKeyPair(key: loaded.key, sealed: sealed, plain: plain, publicKey: pair.publicKey)
    }
}
