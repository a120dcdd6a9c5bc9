public import AWSModels
import Core
import Storage
public import Wire

extension KMSProvider {
    public func getParametersForImport(
        _ input: KMS.GetParametersForImportRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GetParametersForImportResponse {
        let key = try await key(input.keyId, context)
        try Self.requireImportable(key)
        guard let kind = KMSKeySpec(rawValue: input.wrappingKeySpec.rawValue)?.pair,
            input.wrappingAlgorithm != .sm2pke
        else {
            throw KMS.Errors.unsupportedOperationException("WrappingKeySpec SM2 is not supported in this Region.")
        }
        let pair = try await compute { KeyPair(generating: kind) }
        let now = keys.clock.now
        let token = keys.random.bytes(128)
        let kept = KMSStore.ImportToken(
            token: Base64.encode(token), scope: key.scope, keyID: key.id, algorithm: input.wrappingAlgorithm,
            wrappingKey: pair.pkcs8, expires: now.adding(milliseconds: KMSKey.millisecondsOfDay))
        try await keys.write { [store] in try store.put(kept, at: now, in: $0) }
        return KMS.GetParametersForImportResponse {
            $0.keyId = key.arn
            $0.importToken = Blob(token)
            $0.publicKey = Blob(pair.publicKey)
            $0.parametersValidTo = kept.expires
        }
    }

    public func importKeyMaterial(
        _ input: KMS.ImportKeyMaterialRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ImportKeyMaterialResponse {
        let now = keys.clock.now
        let expiration = input.expirationModel ?? .keyMaterialExpires
        guard expiration != .keyMaterialExpires || input.validTo != nil else {
            throw KMSError.invalid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
        }
        guard expiration != .keyMaterialExpires || input.validTo.map({ $0 > now }) == true else {
            throw KMSError.invalid("The validTo date must be in the future.")
        }
        let bytes = try await unwrapped(input, context, at: now)
        let scope = context.scope
        let (key, material) = try await keys.write { [keys] transaction in
            var key = try keys.find(input.keyId, scope, takesAliases: false, in: transaction)
            try Self.requireImportable(key)
            let material = try Self.place(
                bytes, of: key, input, keys.store.materials(of: key, in: transaction), at: now)
            try keys.store.put(material, in: transaction)
            if material.state == .current {
                if key.state == .pendingImport { key.state = .enabled }
                key.expiration = expiration
                key.validTo = expiration == .keyMaterialExpires ? input.validTo : nil
                try keys.put(key, in: transaction)
            }
            return (key, material)
        }
        return KMS.ImportKeyMaterialResponse {
            $0.keyId = key.arn
            $0.keyMaterialId = key.spec == .symmetric ? material.id : nil
        }
    }

    public func deleteImportedKeyMaterial(
        _ input: KMS.DeleteImportedKeyMaterialRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.DeleteImportedKeyMaterialResponse {
        let key = try await change(input.keyId, context) { [store] key, transaction in
            try Self.requireImportable(key)
            if let id = input.keyMaterialId {
                let all = try store.materials(of: key, in: transaction)
                guard var material = all.first(where: { $0.id == id }) else {
                    throw KMS.Errors.notFoundException("Key material \(id) does not exist.")
                }
                material.bytes = nil
                try store.put(material, in: transaction)
            } else if var material = try store.current(of: key, in: transaction) {
                material.bytes = nil
                try store.put(material, in: transaction)
            }
            (key.state, key.expiration, key.validTo) = (.pendingImport, nil, nil)
        }
        return KMS.DeleteImportedKeyMaterialResponse {
            $0.keyId = key.arn
            $0.keyMaterialId = input.keyMaterialId
        }
    }

    // MARK: Parts

    private static func requireImportable(_ key: KMSKey) throws(AWSError) {
        guard key.origin == .external else { throw KMSError.origin(key) }
        try key.requireNotDeleted()
    }

    /// The material that the request brings, freed of its wrapping.
    private func unwrapped(
        _ input: KMS.ImportKeyMaterialRequest, _ context: RequestContext, at now: Timestamp
    ) async throws(AWSError) -> [UInt8] {
        let scope = context.scope
        let (key, token) = try await keys.lookup { [keys] transaction in
            let key = try keys.find(input.keyId, scope, takesAliases: false, in: transaction)
            try Self.requireImportable(key)
            let text = Base64.encode(input.importToken.bytes)
            return (key, try keys.store.importToken(text, of: key, in: transaction))
        }
        guard let token, let pair = KeyPair(pkcs8: token.wrappingKey) else {
            throw KMS.Errors.invalidImportTokenException(nil)
        }
        guard token.expires > now else { throw KMS.Errors.expiredImportTokenException(nil) }
        guard let bytes = Self.unwrap(input.encryptedKeyMaterial.bytes, pair, token.algorithm) else {
            throw KMS.Errors.invalidCiphertextException(nil)
        }
        guard key.spec.isMaterial(bytes) else { throw KMS.Errors.incorrectKeyMaterialException(nil) }
        return bytes
    }

    private static func unwrap(_ bytes: [UInt8], _ pair: KeyPair, _ algorithm: KMS.AlgorithmSpec) -> [UInt8]? {
        switch algorithm {
        case .rsaesPkcs1V15: return pair.decryptPKCS1(bytes)
        case .rsaesOaepSha1: return pair.decrypt(bytes, oaep: .sha1)
        case .rsaesOaepSha256: return pair.decrypt(bytes, oaep: .sha256)
        default:
            // A key of AES under the public key, and the material under that key.
            guard case .rsa(let bits) = pair.kind, bytes.count > bits / 8 else { return nil }
            let digest: DigestAlgorithm = algorithm == .rsaAesKeyWrapSha1 ? .sha1 : .sha256
            return pair.decrypt(Array(bytes[..<(bits / 8)]), oaep: digest).flatMap {
                KeyWrap.unwrap(Array(bytes[(bits / 8)...]), key: $0)
            }
        }
    }

    /// What becomes of the material beside what the key has already.
    private static func place(
        _ bytes: [UInt8], of key: KMSKey, _ input: KMS.ImportKeyMaterialRequest, _ all: [KMSMaterial],
        at now: Timestamp
    ) throws(AWSError) -> KMSMaterial {
        let id = KMSMaterial.id(of: bytes, key: key.id)
        guard input.keyMaterialId == nil || input.keyMaterialId == id else {
            throw KMS.Errors.incorrectKeyMaterialException(nil)
        }
        var material =
            all.first { $0.id == id }
            ?? KMSMaterial(id: id, account: key.scope.account, keyID: key.id, createdAt: now)
        let isKnown = all.contains { $0.id == id }
        if !isKnown, !all.isEmpty {
            guard input.importType == .newKeyMaterial, key.spec == .symmetric else {
                throw KMS.Errors.incorrectKeyMaterialException(nil)
            }
            if let pending = all.first(where: { $0.state == .pendingRotation }) {
                throw KMSError.state(
                    """
                    New key material (id: \(id)) cannot be imported into KMS key \(key.arn), because another key \
                    material (id: \(pending.id)) is pending rotation.
                    """)
            }
            material.state = .pendingRotation
        }
        material.bytes = bytes
        material.description = input.keyMaterialDescription ?? material.description
        return material
    }
}
