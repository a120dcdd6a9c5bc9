import AWSModels
import Core
import Objects
import Wire

/// How an object is encrypted at rest. With a customer's key it is (see ``ObjectCipher``); of the service's own keys it is
/// only said, so that programs on this machine share the files.
struct Encryption: Sendable, Hashable {
    var algorithm: String?
    var kmsKey: String?
    var kmsContext: String?
    var bucketKey: Bool?
    var customerAlgorithm: String?
    var customerKeyMD5: String?
    /// With what the bytes were encrypted besides the customer's key.
    var nonce: String?

    static let document = "encryption"

    init(algorithm: String? = "AES256") { self.algorithm = algorithm }

    /// What a stored object has.
    init(_ attributes: ObjectAttributes) {
        self.init()
        guard let text = attributes.document(Self.document), let json = try? JSON(parsing: text) else { return }
        algorithm = json["algorithm"]?.stringValue
        kmsKey = json["key"]?.stringValue
        kmsContext = json["context"]?.stringValue
        bucketKey = json["bucketKey"]?.boolValue
        customerAlgorithm = json["customer"]?.stringValue
        customerKeyMD5 = json["md5"]?.stringValue
        nonce = json["nonce"]?.stringValue
    }

    /// Nil for what every object has.
    var text: String? {
        guard self != Encryption() else { return nil }
        var object = JSONObject()
        object["algorithm"] = algorithm.map { .string($0) }
        object["key"] = kmsKey.map { .string($0) }
        object["context"] = kmsContext.map { .string($0) }
        object["bucketKey"] = bucketKey.map { .bool($0) }
        object["customer"] = customerAlgorithm.map { .string($0) }
        object["md5"] = customerKeyMD5.map { .string($0) }
        object["nonce"] = nonce.map { .string($0) }
        return JSON.object(object).text()
    }

    var serverSide: S3.ServerSideEncryption? { algorithm.map { S3.ServerSideEncryption(rawValue: $0) } }
}

/// The headers of a key that the customer keeps.
struct CustomerKey {
    var algorithm: String?
    var key: String?
    var md5: String?

    var isEmpty: Bool { algorithm == nil && key == nil && md5 == nil }

    /// The key itself; nil when it is none.
    var bytes: [UInt8]? { key.flatMap { Base64.decode($0) }.flatMap { $0.count == CounterCipher.keySize ? $0 : nil } }

    /// - Throws: S3's errors for headers that do not belong together.
    func check() throws(AWSError) {
        guard !isEmpty else { return }
        try checkAlgorithm()
        guard let bytes, md5 != nil else {
            throw .invalidArgument(
                "The secret key was invalid for the specified algorithm.", "x-amz-server-side-encryption")
        }
        guard Base64.encode(Digest.md5(bytes)) == md5 else {
            throw .invalidArgument(
                "The calculated MD5 hash of the key did not match the hash that was provided.",
                "x-amz-server-side-encryption")
        }
    }

    private func checkAlgorithm() throws(AWSError) {
        guard let algorithm else {
            throw .invalidArgument(
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
                "x-amz-server-side-encryption")
        }
        guard key != nil else {
            throw .invalidArgument(
                "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
                "x-amz-server-side-encryption")
        }
        guard algorithm == "AES256" else {
            throw AWSError(
                "InvalidEncryptionAlgorithmError",
                "The Encryption request you specified is not valid. Supported value: AES256.", status: 400
            ).with("ArgumentName", "x-amz-server-side-encryption").with("ArgumentValue", .string(algorithm))
        }
    }

    /// Whether the key is the one that the object was written with.
    func open(_ encryption: Encryption) throws(AWSError) {
        guard let stored = encryption.customerKeyMD5 else {
            guard isEmpty else {
                throw .invalidRequest(
                    "The encryption parameters are not applicable to this object.")
            }
            return
        }
        guard !isEmpty else {
            throw .invalidRequest(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."
            )
        }
        let wrongKey = AWSError(
            "AccessDenied",
            "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
            status: 403)
        guard let md5, !md5.isEmpty, bytes != nil else {
            try checkAlgorithm()
            throw wrongKey
        }
        try check()
        guard md5 == stored else { throw wrongKey }
    }
}
