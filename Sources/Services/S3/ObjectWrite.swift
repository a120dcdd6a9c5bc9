import AWSModels
import Core
import Objects
import Wire

/// What requests that write an object say of it besides the bytes.
struct ObjectWrite {
    var acl: String?
    var grants = AccessControl.Headers()
    var storageClass: String?
    var tagging: String?
    var encryption: String?
    var kmsKey: String?
    var kmsContext: String?
    var bucketKey: Bool?
    var customerKey = CustomerKey()
    var lockMode: String?
    var retainUntil: Timestamp?
    var legalHold: String?
    var metadata: [String: String]?
    /// Whether what describes the object came in header fields, where metadata that is not ASCII is encoded.
    var cameInHeader = true

    init(_ input: S3.PutObjectRequest) {
        (acl, grants) = (input.acl?.rawValue, AccessControl.Headers(input))
        (storageClass, tagging, metadata) = (input.storageClass?.rawValue, input.tagging, input.metadata)
        (encryption, kmsKey) = (input.serverSideEncryption?.rawValue, input.ssekmsKeyId)
        (kmsContext, bucketKey) = (input.ssekmsEncryptionContext, input.bucketKeyEnabled)
        customerKey = CustomerKey(
            algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5)
        (lockMode, retainUntil) = (input.objectLockMode?.rawValue, input.objectLockRetainUntilDate)
        legalHold = input.objectLockLegalHoldStatus?.rawValue
    }

    init(_ input: S3.CreateMultipartUploadRequest) {
        (acl, grants) = (input.acl?.rawValue, AccessControl.Headers(input))
        (storageClass, tagging, metadata) = (input.storageClass?.rawValue, input.tagging, input.metadata)
        (encryption, kmsKey) = (input.serverSideEncryption?.rawValue, input.ssekmsKeyId)
        (kmsContext, bucketKey) = (input.ssekmsEncryptionContext, input.bucketKeyEnabled)
        customerKey = CustomerKey(
            algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5)
        (lockMode, retainUntil) = (input.objectLockMode?.rawValue, input.objectLockRetainUntilDate)
        legalHold = input.objectLockLegalHoldStatus?.rawValue
    }

    init(_ input: S3.CopyObjectRequest) {
        (acl, grants) = (input.acl?.rawValue, AccessControl.Headers(input))
        (storageClass, tagging, metadata) = (input.storageClass?.rawValue, input.tagging, input.metadata)
        (encryption, kmsKey) = (input.serverSideEncryption?.rawValue, input.ssekmsKeyId)
        (kmsContext, bucketKey) = (input.ssekmsEncryptionContext, input.bucketKeyEnabled)
        customerKey = CustomerKey(
            algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5)
        (lockMode, retainUntil) = (input.objectLockMode?.rawValue, input.objectLockRetainUntilDate)
        legalHold = input.objectLockLegalHoldStatus?.rawValue
    }
}

extension S3Provider {
    static let storageClasses: Set<String> = [
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
        "DEEP_ARCHIVE", "GLACIER_IR", "SNOW",
    ]
    /// The user's own metadata, names and values together, in bytes.
    static let metadataLimit = 2048

    /// Checks what the request says, and fills it into the attributes with the bucket's defaults.
    func fill(_ attributes: inout ObjectAttributes, from write: ObjectWrite, in bucket: Bucket) async throws {
        if let storageClass = write.storageClass {
            guard Self.storageClasses.contains(storageClass) else {
                throw AWSError(
                    "InvalidStorageClass", "The storage class you specified is not valid", status: 400
                ).with("StorageClassRequested", .string(storageClass))
            }
            attributes.storageClass = storageClass == "STANDARD" ? nil : storageClass
        }
        if write.cameInHeader { attributes.keepHeaderBytes() }
        if let metadata = write.metadata {
            let size = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            guard size <= Self.metadataLimit else {
                throw AWSError(
                    "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", status: 400
                ).with("Size", .string(String(size))).with("MaxSizeAllowed", .string(String(Self.metadataLimit)))
            }
            attributes.metadata = metadata.sorted { $0.key < $1.key }.map {
                .init($0.key.lowercased(), write.cameInHeader ? EncodedWord.decode($0.value) : $0.value)
            }
        }
        if let tagging = write.tagging { attributes.tags = try TagRules.parse(header: tagging) }
        let acl = try AccessControl.grants(
            canned: write.acl, headers: write.grants, owner: bucket.scope.account, isBucket: false)
        attributes.setDocument("acl", acl.map { RecordDocument.text($0) })
        let encryption = try await encryption(write, in: bucket)
        attributes.setDocument(Encryption.document, encryption.text)
        try await lock(&attributes, write, in: bucket)
    }

    private func encryption(_ write: ObjectWrite, in bucket: Bucket) async throws -> Encryption {
        var result = Encryption()
        if !write.customerKey.isEmpty {
            guard write.encryption == nil else {
                throw AWSError.invalidArgument(
                    "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
                    "x-amz-server-side-encryption", "AES256")
            }
            try write.customerKey.check()
            result.algorithm = nil
            result.customerAlgorithm = write.customerKey.algorithm
            result.customerKeyMD5 = write.customerKey.md5
            result.nonce = ObjectCipher.newNonce(random)
            return result
        }
        if let algorithm = write.encryption {
            guard ["AES256", "aws:kms", "aws:kms:dsse"].contains(algorithm) else {
                throw AWSError.invalidArgument(
                    "The encryption method specified is not supported", "x-amz-server-side-encryption", algorithm)
            }
            result.algorithm = algorithm
        }
        if let rule = try await defaultEncryption(bucket) {
            if write.encryption == nil {
                result.algorithm = rule.applyServerSideEncryptionByDefault?.sseAlgorithm.rawValue ?? "AES256"
                result.kmsKey = rule.applyServerSideEncryptionByDefault?.kmsMasterKeyID
            }
            if rule.bucketKeyEnabled == true { result.bucketKey = true }
        }
        guard result.algorithm != "AES256" else {
            guard write.kmsKey == nil || write.encryption == nil else {
                throw AWSError.invalidArgument(
                    "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
                    "x-amz-server-side-encryption", write.encryption)
            }
            return Encryption()
        }
        if let key = write.kmsKey { result.kmsKey = key }
        if let flag = write.bucketKey { result.bucketKey = flag ? true : nil }
        result.kmsContext = write.kmsContext
        result.kmsKey = try await usableKey(result.kmsKey, in: bucket)
        return result
    }

    /// The bucket's own rule; without one objects are encrypted with S3's keys.
    private func defaultEncryption(_ bucket: Bucket) async throws -> S3.ServerSideEncryptionRule? {
        let stored: S3.ServerSideEncryptionConfiguration? = RecordDocument.read(
            try await store.document(.encryption, of: bucket.name))
        return stored?.rules.first
    }
}
