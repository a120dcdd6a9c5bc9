import Core

/// The forms in which a change is told to functions, topics, queues and buses.
public struct S3EventRecord: Sendable {
    public let change: ObjectChange
    /// The account that owns the bucket, as notifications name it.
    public let ownerPrincipalID: String
    private let requestID: String
    private let hostID: String

    /// - Parameter requestID: names the request in the notification when the change did not come by the API.
    public init(_ change: ObjectChange, ownerPrincipalID: String, requestID: String) {
        self.change = change
        self.ownerPrincipalID = ownerPrincipalID
        self.requestID = change.requester?.requestID ?? requestID
        // S3's second identifier has no meaning outside of it; one that follows from the first serves its readers.
        hostID = Base64.encode(Digest.sha256(Array(self.requestID.utf8)) + Digest.sha1(Array(self.requestID.utf8)))
    }

    /// A principal of an account: opaque, and the same for the same account.
    public static func principalID(of account: String, prefix: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        let digest = Digest.sha256(Array("\(prefix)/\(account)".utf8))
        return prefix
            + String(decoding: digest.prefix(17 - prefix.utf8.count / 2).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    private var bucketARN: JSON { .string("arn:aws:s3:::\(change.bucket)") }

    /// The payload for functions, topics and queues: an object with one record.
    public func notification(configurationID: String) -> JSON {
        ["Records": [record(configurationID: configurationID)]]
    }

    func record(configurationID: String) -> JSON {
        let requester = change.requester
        let hasNewVersion = change.kind == .taggingPut || change.kind == .taggingDeleted || change.kind == .aclPut
        var record: JSONObject = [
            "eventVersion": hasNewVersion ? "2.3" : "2.1", "eventSource": "aws:s3",
            "awsRegion": .string(change.scope.region), "eventTime": .string(change.time.description),
            "eventName": .string(String(change.eventName.dropFirst(3))),
            "userIdentity": [
                "principalId": .string(principalID)
            ],
            "requestParameters": ["sourceIPAddress": .string(requester?.sourceIP ?? Self.ownAddress(change))],
            "responseElements": ["x-amz-request-id": .string(requestID), "x-amz-id-2": .string(hostID)],
            "s3": [
                "s3SchemaVersion": "1.0", "configurationId": .string(configurationID),
                "bucket": [
                    "name": .string(change.bucket), "ownerIdentity": ["principalId": .string(ownerPrincipalID)],
                    "arn": bucketARN,
                ],
                "object": .object(object),
            ],
        ]
        if case .restored(let storageClass, let end) = change.kind {
            record["glacierEventData"] = [
                "restoreEventData": [
                    "lifecycleRestorationExpiryTime": .string(end.description),
                    "lifecycleRestoreStorageClass": .string(storageClass),
                ]
            ]
        }
        return .object(record)
    }

    private var principalID: String {
        if let id = change.requester?.principalID { return id }
        // What S3 does on its own is done for the owner.
        if case .restored = change.kind { return "AmazonCustomer:\(ownerPrincipalID)" }
        return "AWS:\(Self.principalID(of: change.scope.account, prefix: "AIDA"))"
    }

    /// Where a change came from that nobody asked for over the network.
    private static func ownAddress(_ change: ObjectChange) -> String {
        if case .restored = change.kind { "s3.amazonaws.com" } else { "127.0.0.1" }
    }

    /// Which members the object has depends on what happened to it.
    private var object: JSONObject {
        var object: JSONObject = ["key": .string(Self.urlEncode(change.key.text))]
        switch change.kind {
        case .created, .restoreBegun, .restored:
            object["size"] = .int(change.size)
            object["eTag"] = .string(change.etag)
        case .deleteMarkerCreated, .taggingPut, .taggingDeleted, .aclPut: object["eTag"] = .string(change.etag)
        case .removed: break
        }
        if let version = change.versionID { object["versionId"] = .string(version) }
        switch change.kind {
        case .created, .removed, .deleteMarkerCreated, .restoreBegun, .restored:
            object["sequencer"] = .string(change.sequencer)
        case .taggingPut, .taggingDeleted, .aclPut: break
        }
        return object
    }

    /// S3's encoding of keys in notifications: that of HTML forms, with slashes kept.
    static func urlEncode(_ key: String) -> String {
        var encoded = percentEncode(key.utf8) { isAlphanumeric($0) || "-_.*/ ".utf8.contains($0) }
        if encoded.utf8.contains(UInt8(ascii: " ")) { encoded = String(encoded.map { $0 == " " ? "+" : $0 }) }
        return encoded
    }

    // MARK: EventBridge

    /// The event for the default bus of the bucket's account and region.
    public func busEvent(id: String) -> JSON {
        let (type, reason, deletion) = busWords
        var object: JSONObject = ["key": .string(change.key.text)]
        switch change.kind {
        case .created, .restoreBegun, .restored: object["size"] = .int(change.size)
        case .taggingPut, .taggingDeleted, .aclPut, .removed, .deleteMarkerCreated: break
        }
        switch change.kind {
        case .created, .taggingPut, .taggingDeleted, .aclPut, .restoreBegun, .restored:
            object["etag"] = .string(change.etag)
        case .removed, .deleteMarkerCreated: break
        }
        if let version = change.versionID { object["version-id"] = .string(version) }
        switch change.kind {
        case .created, .removed, .deleteMarkerCreated: object["sequencer"] = .string(change.sequencer)
        case .taggingPut, .taggingDeleted, .aclPut, .restoreBegun, .restored: break
        }
        var detail: JSONObject = [
            "version": "0", "bucket": ["name": .string(change.bucket)], "object": .object(object),
            "request-id": .string(requestID), "requester": .string(change.requester?.account ?? change.scope.account),
            "source-ip-address": .string(change.requester?.sourceIP ?? "127.0.0.1"),
        ]
        switch change.kind {
        case .restoreBegun(let storageClass): detail["source-storage-class"] = .string(storageClass)
        case .restored(let storageClass, let end):
            detail["source-storage-class"] = .string(storageClass)
            detail["restore-expiry-time"] = .string(CivilTime(end).iso8601())
            detail["source-ip-address"] = nil
        case .created, .removed, .deleteMarkerCreated, .taggingPut, .taggingDeleted, .aclPut: break
        }
        if let reason { detail["reason"] = .string(reason) }
        if let deletion { detail["deletion-type"] = .string(deletion) }
        return [
            "version": "0", "id": .string(id), "detail-type": .string(type), "source": "aws.s3",
            "account": .string(change.scope.account), "time": .string(CivilTime(change.time).iso8601()),
            "region": .string(change.scope.region), "resources": [bucketARN], "detail": .object(detail),
        ]
    }

    private var busWords: (type: String, reason: String?, deletion: String?) {
        let remover = change.cause == .lifecycle ? "Lifecycle Expiration" : "DeleteObject"
        return switch change.kind {
        case .created:
            switch change.cause {
            case .copy: ("Object Created", "CopyObject", nil)
            case .multipart: ("Object Created", "CompleteMultipartUpload", nil)
            case .post: ("Object Created", "POST Object", nil)
            case .put, .drop, .delete, .lifecycle: ("Object Created", "PutObject", nil)
            }
        case .removed: ("Object Deleted", remover, "Permanently Deleted")
        case .deleteMarkerCreated: ("Object Deleted", remover, "Delete Marker Created")
        case .taggingPut: ("Object Tags Added", nil, nil)
        case .taggingDeleted: ("Object Tags Deleted", nil, nil)
        case .aclPut: ("Object ACL Updated", nil, nil)
        case .restoreBegun: ("Object Restore Initiated", nil, nil)
        case .restored: ("Object Restore Completed", nil, nil)
        }
    }

    /// What S3 sends to a queue or topic when it becomes a destination.
    public static func testEvent(bucket: String, time: Timestamp, requestID: String, hostID: String) -> JSON {
        [
            "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": .string(time.description),
            "Bucket": .string(bucket), "RequestId": .string(requestID), "HostId": .string(hostID),
        ]
    }
}
