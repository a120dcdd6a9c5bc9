/// The names of S3's events, as notification configurations list them.
public enum S3EventName {
    /// Every name that a configuration may list.
    public static let all: Set<String> = [
        "s3:ReducedRedundancyLostObject", "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post",
        "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*",
        "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRestore:*",
        "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete", "s3:Replication:*",
        "s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked",
        "s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold",
        "s3:LifecycleTransition", "s3:IntelligentTiering", "s3:ObjectAcl:Put", "s3:LifecycleExpiration:*",
        "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated", "s3:ObjectTagging:*",
        "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete",
    ]

    /// Whether a listed name, which may end in `*`, means an event's name; both with `s3:`.
    public static func matches(_ listed: String, _ event: String) -> Bool {
        if listed == event { return true }
        guard listed.hasSuffix(":*") else { return false }
        return event.utf8.starts(with: listed.dropLast().utf8)
    }

    /// Whether some event is meant by both.
    static func overlap(_ left: String, _ right: String) -> Bool {
        matches(left, right) || matches(right, left)
    }
}

extension ObjectChange {
    /// S3's name for the change, with `s3:`.
    public var eventName: String {
        switch kind {
        case .created:
            switch cause {
            case .copy: "s3:ObjectCreated:Copy"
            case .multipart: "s3:ObjectCreated:CompleteMultipartUpload"
            case .post: "s3:ObjectCreated:Post"
            case .put, .drop, .delete, .lifecycle: "s3:ObjectCreated:Put"
            }
        case .removed: cause == .lifecycle ? "s3:LifecycleExpiration:Delete" : "s3:ObjectRemoved:Delete"
        case .deleteMarkerCreated:
            cause == .lifecycle
                ? "s3:LifecycleExpiration:DeleteMarkerCreated" : "s3:ObjectRemoved:DeleteMarkerCreated"
        case .taggingPut: "s3:ObjectTagging:Put"
        case .taggingDeleted: "s3:ObjectTagging:Delete"
        case .aclPut: "s3:ObjectAcl:Put"
        case .restoreBegun: "s3:ObjectRestore:Post"
        case .restored: "s3:ObjectRestore:Completed"
        }
    }
}
