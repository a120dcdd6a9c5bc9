import AWSModels
import Core
import Objects
import Wire

/// How long an archived object's restored copy can be read.
struct Restoration {
    private static let archives: Set<String> = ["GLACIER", "DEEP_ARCHIVE"]

    /// What the header `x-amz-restore` says.
    let document: String
    let end: Timestamp

    /// A restoration that begins now. It takes no time here, and ends with a day, as Greenwich counts them.
    init(days: Int, at now: Timestamp) {
        let days = Int64(min(max(days, 1), 36_500))
        end = Timestamp(milliseconds: (now.milliseconds / 86_400_000 + days + 1) * 86_400_000)
        document = "ongoing-request=\"false\", expiry-date=\"\(CivilTime(end).httpDate)\""
    }

    /// Nil when the object was never restored, or its copy is gone by now.
    init?(_ version: ObjectVersion, at now: Timestamp) {
        guard let document = version.attributes.document("restore") else { return nil }
        let parts = document.split(separator: "\"")
        guard parts.count >= 4, let end = HTTPDate.parse(String(parts[3])), now < end else {
            return nil
        }
        (self.document, self.end) = (document, end)
    }

    var status: S3.RestoreStatus {
        S3.RestoreStatus {
            $0.isRestoreInProgress = false
            $0.restoreExpiryDate = end
        }
    }

    /// The archive in which the object lies; nil for an object that lies in none.
    static func archive(of version: ObjectVersion) -> String? {
        version.attributes.storageClass.flatMap { archives.contains($0) ? $0 : nil }
    }

    /// What was moved to an archive must be restored before it is read.
    ///
    /// - Parameter isCopied: whether it is read to be copied, which AWS words differently.
    static func check(_ version: ObjectVersion, at now: Timestamp, isCopied: Bool = false) throws(AWSError) {
        guard let archive = archive(of: version), Restoration(version, at: now) == nil else { return }
        let object = isCopied ? "source object's" : "object's"
        let error = AWSError(
            "InvalidObjectState",
            "\(isCopied ? "Operation" : "The operation") is not valid for the \(object) storage class",
            status: 403)
        throw isCopied ? error : error.with("StorageClass", .string(archive))
    }
}
