import Objects
import Wire

extension S3Provider {
    /// The ARN of the key of KMS that objects of a bucket are encrypted with.
    ///
    /// - Parameter name: an identifier, an alias or an ARN; nil for the key that AWS keeps for S3.
    /// - Throws: KMS's errors for keys that are not there or cannot be used, as S3 names them.
    func usableKey(_ name: String?, in bucket: Bucket) async throws(AWSError) -> String {
        do {
            return try await keys.usable(name, for: "s3", bucket.scope)
        } catch {
            throw AWSError("KMS.\(error.code)", error.message, status: error.status ?? 400, isSender: error.isSender)
        }
    }

    /// Nothing is read or written with a key that cannot be used at present.
    func requireKey(of encryption: Encryption, in bucket: Bucket) async throws(AWSError) {
        guard let key = encryption.kmsKey else { return }
        _ = try await usableKey(key, in: bucket)
    }
}
