import AWSModels
import Core
import Wire

/// A key of KMS in one region, without its material.
struct KMSKey: Sendable {
    enum State: String, Sendable {
        case enabled = "Enabled"
        case disabled = "Disabled"
        case pendingImport = "PendingImport"
        case pendingDeletion = "PendingDeletion"
        /// The primary key waits until its replicas are deleted.
        case pendingReplicaDeletion = "PendingReplicaDeletion"
    }

    var scope: Scope
    var id: String
    var createdAt: Timestamp
    /// Made by AWS for one of its services, rather than by a customer.
    var isManaged = false
    var spec: KMSKeySpec
    var usage: KMS.KeyUsageType
    var origin: KMS.OriginType = .awsKms
    var state: State = .enabled
    /// Nil for keys of one region.
    var role: KMS.MultiRegionKeyType?
    var description = ""
    var policy: String
    /// When it is deleted, where that is to come.
    var deletionDate: Timestamp?
    /// Days between the wish to delete it and its end.
    var deletionWindow: Int?
    /// Days from one automatic rotation to the next; nil where there are none.
    var rotationDays: Int?
    var nextRotation: Timestamp?
    /// Of imported material.
    var expiration: KMS.ExpirationModelType?
    var validTo: Timestamp?

    var arn: String { scope.arn("kms", "key/\(id)").description }

    static let millisecondsOfDay: Int64 = 86_400_000

    /// When something happens to it by itself.
    var due: Timestamp? {
        switch state {
        case .pendingDeletion: deletionDate
        // Neither disabled keys nor those without material are rotated.
        case .enabled: [nextRotation, validTo].compactMap(\.self).min()
        case .disabled: validTo
        case .pendingImport, .pendingReplicaDeletion: nil
        }
    }

    /// Whether this is an identifier as KMS gives them.
    static func isID(_ text: String) -> Bool {
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
        if text.hasPrefix("mrk-") { return text.utf8.count == 36 && text.utf8.dropFirst(4).allSatisfy(isDigit) }
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(isDigit) }
    }

    // MARK: What it may be used for

    /// - Throws: what stands in the way of its use.
    func requireUsable() throws(AWSError) {
        switch state {
        case .enabled: return
        case .disabled: throw KMS.Errors.disabledException("\(arn) is disabled.")
        case .pendingImport: throw KMSError.state("\(arn) is pending import.")
        case .pendingDeletion: throw KMSError.state("\(arn) is pending deletion.")
        case .pendingReplicaDeletion: throw KMSError.state("\(arn) is pending replica deletion.")
        }
    }

    /// - Throws: where it waits for its deletion.
    func requireNotDeleted() throws(AWSError) {
        if state == .pendingDeletion || state == .pendingReplicaDeletion { try requireUsable() }
    }

    func requireUsage(_ wanted: KMS.KeyUsageType, for operation: String) throws(AWSError) {
        guard usage != wanted else { return }
        throw KMS.Errors.invalidKeyUsageException(
            "\(arn) key usage is \(usage.rawValue) which is not valid for \(operation).")
    }

    func requireAlgorithm(_ name: String, _ isFitting: Bool) throws(AWSError) {
        guard !isFitting else { return }
        throw KMS.Errors.invalidKeyUsageException(
            "Algorithm \(name) is incompatible with key spec \(spec.rawValue).")
    }

    /// Keys that AWS made for its services are not for others to change.
    func requireCustomers() throws(AWSError) {
        guard isManaged else { return }
        throw AWSError("AccessDeniedException", "\(arn) is managed by AWS and cannot be changed.", status: 400)
    }
}
