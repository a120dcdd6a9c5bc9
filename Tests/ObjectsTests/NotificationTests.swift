import Core
import Objects
import Testing

@Suite struct NotificationTests {
    static let time = Timestamp(rfc3339: "2026-11-22T10:31:03.042Z")!

    func change(
        _ kind: ObjectChange.Kind, _ cause: ObjectChange.Cause, version: String? = nil, key: String = "a b/ü@+.txt"
    ) throws -> ObjectChange {
        ObjectChange(
            kind: kind, cause: cause, bucket: "data", scope: Scope(), key: try ObjectKey(key),
            size: kind == .created ? 9 : 0,
            etag: "437b930db84b8079c2dd804a71936b5f", versionID: version, sequencer: "00ABCDEF0123456789",
            time: Self.time,
            requester: .init(account: "000000000000", principalID: "AIDA", sourceIP: "10.0.0.1", requestID: "R1"))
    }

    @Test func `the record of a created object`() throws {
        let record = S3EventRecord(try change(.created, .put), ownerPrincipalID: "OWNER", requestID: "unused")
        var json = record.notification(configurationID: "conf")
        let host = try #require(json["Records"]?[0]?["responseElements"]?["x-amz-id-2"]?.stringValue)
        #expect(!host.isEmpty)
        let expected = try JSON(
            parsing: """
                {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1",
                "eventTime":"2026-11-22T10:31:03.042Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AIDA"},
                "requestParameters":{"sourceIPAddress":"10.0.0.1"},
                "responseElements":{"x-amz-request-id":"R1","x-amz-id-2":"\(host)"},
                "s3":{"s3SchemaVersion":"1.0","configurationId":"conf",
                "bucket":{"name":"data","ownerIdentity":{"principalId":"OWNER"},"arn":"arn:aws:s3:::data"},
                "object":{"key":"a+b/%C3%BC%40%2B.txt","size":9,"eTag":"437b930db84b8079c2dd804a71936b5f",
                "sequencer":"00ABCDEF0123456789"}}}]}
                """)
        #expect(json == expected)
        json = .null
    }

    @Test(
        arguments: [
            (.created, .copy, "ObjectCreated:Copy", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
            (
                .created, .multipart, "ObjectCreated:CompleteMultipartUpload", "2.1",
                ["key", "size", "eTag", "versionId", "sequencer"]
            ),
            (.created, .drop, "ObjectCreated:Put", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
            (.removed, .delete, "ObjectRemoved:Delete", "2.1", ["key", "versionId", "sequencer"]),
            (
                .deleteMarkerCreated, .delete, "ObjectRemoved:DeleteMarkerCreated", "2.1",
                ["key", "eTag", "versionId", "sequencer"]
            ),
            (.taggingPut, .put, "ObjectTagging:Put", "2.3", ["key", "eTag", "versionId"]),
            (.taggingDeleted, .put, "ObjectTagging:Delete", "2.3", ["key", "eTag", "versionId"]),
            (.aclPut, .put, "ObjectAcl:Put", "2.3", ["key", "eTag", "versionId"]),
            (.removed, .lifecycle, "LifecycleExpiration:Delete", "2.1", ["key", "versionId", "sequencer"]),
            (
                .restoreBegun(from: "GLACIER"), .put, "ObjectRestore:Post", "2.1",
                ["key", "size", "eTag", "versionId", "sequencer"]
            ),
            (
                .restored(from: "GLACIER", until: NotificationTests.time), .put, "ObjectRestore:Completed", "2.1",
                ["key", "size", "eTag", "versionId", "sequencer"]
            ),
        ] as [(ObjectChange.Kind, ObjectChange.Cause, String, String, [String])])
    func `the members of the object follow the event`(
        kind: ObjectChange.Kind, cause: ObjectChange.Cause, name: String, version: String, members: [String]
    ) throws {
        let record = S3EventRecord(try change(kind, cause, version: "v1"), ownerPrincipalID: "O", requestID: "")
        let json = try #require(record.notification(configurationID: "c")["Records"]?[0])
        #expect(json["eventName"] == .string(name) && json["eventVersion"] == .string(version))
        #expect(json["s3"]?["object"]?.objectValue?.keys == members)
    }

    @Test func `the events of the bus`() throws {
        let created = S3EventRecord(try change(.created, .put, key: "a b"), ownerPrincipalID: "O", requestID: "")
        #expect(
            created.busEvent(id: "ID")
                == (try JSON(
                    parsing: """
                        {"version":"0","id":"ID","detail-type":"Object Created","source":"aws.s3","account":"000000000000",
                        "time":"2026-11-22T10:31:03Z","region":"us-east-1","resources":["arn:aws:s3:::data"],
                        "detail":{"version":"0","bucket":{"name":"data"},"object":{"key":"a b","size":9,
                        "etag":"437b930db84b8079c2dd804a71936b5f","sequencer":"00ABCDEF0123456789"},"request-id":"R1",
                        "requester":"000000000000","source-ip-address":"10.0.0.1","reason":"PutObject"}}
                        """)))
        let removed = S3EventRecord(try change(.removed, .delete, key: "a b"), ownerPrincipalID: "O", requestID: "")
        let detail = removed.busEvent(id: "ID")["detail"]
        #expect(detail?["object"] == ["key": "a b", "sequencer": "00ABCDEF0123456789"])
        #expect(detail?["reason"] == "DeleteObject" && detail?["deletion-type"] == "Permanently Deleted")
        let acl = S3EventRecord(try change(.aclPut, .put), ownerPrincipalID: "O", requestID: "").busEvent(id: "ID")
        #expect(acl["detail-type"] == "Object ACL Updated" && acl["detail"]?["reason"] == nil)
    }

    @Test func `a restoration tells when its copy expires`() throws {
        let done = try change(.restored(from: "GLACIER", until: Self.time), .put)
        let record = S3EventRecord(done, ownerPrincipalID: "O", requestID: "")
        #expect(
            record.notification(configurationID: "c")["Records"]?[0]?["glacierEventData"] == [
                "restoreEventData": [
                    "lifecycleRestorationExpiryTime": "2026-11-22T10:31:03.042Z",
                    "lifecycleRestoreStorageClass": "GLACIER",
                ]
            ])
        let event = record.busEvent(id: "ID")
        #expect(event["detail-type"] == "Object Restore Completed")
        #expect(event["detail"]?["restore-expiry-time"] == "2026-11-22T10:31:03Z")
        #expect(event["detail"]?["source-storage-class"] == "GLACIER")
    }

    func configuration(_ text: String) throws -> NotificationConfiguration {
        try NotificationConfiguration(try JSON(parsing: text), makeID: { "generated" })
    }

    @Test func `filters choose keys, and the document is written back as S3 writes it`() throws {
        let configuration = try configuration(
            """
            {"QueueConfigurations":[{"QueueArn":"arn:aws:sqs:us-east-1:000000000000:q","Events":["s3:ObjectCreated:*"],
            "Filter":{"Key":{"FilterRules":[{"Name":"PREFIX","Value":"in/"},{"Name":"suffix","Value":".csv"}]}}}],
            "LambdaFunctionConfigurations":[{"Id":"f","LambdaFunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:f",
            "Events":["s3:ObjectRemoved:Delete"]}],"EventBridgeConfiguration":{}}
            """)
        #expect(configuration.sendsToEventBridge)
        let queue = configuration.destinations[0]
        #expect(queue.id == "generated")
        for (key, expected) in [
            ("in/a.csv", true), ("in/a.txt", false), ("out/a.csv", false), ("in/.csv", true), ("in/é.csv", true),
        ] {
            #expect(queue.matches(try change(.created, .drop, key: key)) == expected)
        }
        #expect(!queue.matches(try change(.removed, .delete, key: "in/a.csv")))
        #expect(configuration.destinations[1].matches(try change(.removed, .delete)))
        #expect(!configuration.destinations[1].matches(try change(.deleteMarkerCreated, .delete)))
        let json = configuration.json
        #expect(
            json["QueueConfigurations"]?[0]?["Filter"]?["Key"]?["FilterRules"] == [
                ["Name": "Prefix", "Value": "in/"], ["Name": "Suffix", "Value": ".csv"],
            ])
        #expect(try NotificationConfiguration(json, makeID: { "" }) == configuration)
    }

    static let queue = "\"QueueArn\":\"arn:aws:sqs:us-east-1:000000000000:q\""

    @Test(arguments: [
        (
            "{\"QueueConfigurations\":[{\"QueueArn\":\"invalid\",\"Events\":[\"s3:ObjectCreated:*\"]}]}",
            "InvalidArgument", "The ARN could not be parsed"
        ),
        (
            "{\"QueueConfigurations\":[{\"QueueArn\":\"arn:aws:sns:us-east-1:0:q\",\"Events\":[\"s3:ObjectCreated:*\"]}]}",
            "InvalidArgument", "The ARN could not be parsed"
        ),
        ("{\"QueueConfigurations\":[{\(queue)}]}", "MalformedXML", "not well-formed"),
        (
            "{\"QueueConfigurations\":[{\(queue),\"Events\":[\"s3:Nothing\"]}]}", "InvalidArgument",
            "not supported for notifications"
        ),
        (
            "{\"QueueConfigurations\":[{\(queue),\"Events\":[\"s3:ObjectCreated:*\"],\"Filter\":{\"Key\":{\"FilterRules\":[{\"Name\":\"infix\",\"Value\":\"x\"}]}}}]}",
            "InvalidArgument", "filter rule name must be either prefix or suffix"
        ),
        (
            "{\"QueueConfigurations\":[{\(queue),\"Events\":[\"s3:ObjectCreated:*\"],\"Filter\":{\"Key\":{\"FilterRules\":[{\"Name\":\"prefix\",\"Value\":\"x\"},{\"Name\":\"Prefix\",\"Value\":\"y\"}]}}}]}",
            "InvalidArgument", "more than one prefix rule"
        ),
        (
            "{\"QueueConfigurations\":[{\"Id\":\"1\",\(queue),\"Events\":[\"s3:ObjectCreated:*\"]},{\"Id\":\"2\",\(queue),\"Events\":[\"s3:ObjectCreated:Put\"]}]}",
            "InvalidArgument", "Configurations overlap"
        ),
        (
            "{\"QueueConfigurations\":[{\"Id\":\"1\",\(queue),\"Events\":[\"s3:ObjectCreated:*\"],\"Filter\":{\"Key\":{\"FilterRules\":[{\"Name\":\"prefix\",\"Value\":\"a\"}]}}},{\"Id\":\"2\",\(queue),\"Events\":[\"s3:ObjectCreated:Put\"],\"Filter\":{\"Key\":{\"FilterRules\":[{\"Name\":\"prefix\",\"Value\":\"ab\"}]}}}]}",
            "InvalidArgument", "ambiguously defined"
        ),
        (
            "{\"QueueConfigurations\":[{\"Id\":\"1\",\(queue),\"Events\":[\"s3:ObjectCreated:*\"]},{\"Id\":\"1\",\(queue),\"Events\":[\"s3:ObjectAcl:Put\"]}]}",
            "InvalidArgument", "IDs must be unique"
        ),
    ]) func `wrong configurations are refused in S3's words`(text: String, code: String, message: String) throws {
        let error = #expect(throws: ObjectStoreError.self) { try configuration(text) }
        #expect(error?.code == code)
        #expect(error?.message.contains(message) == true)
    }

    @Test func `destinations with separate filters or events live together`() throws {
        _ = try configuration(
            """
            {"QueueConfigurations":[
            {"Id":"1",\(Self.queue),"Events":["s3:ObjectCreated:*"],"Filter":{"Key":{"FilterRules":[{"Name":"suffix","Value":".a"}]}}},
            {"Id":"2",\(Self.queue),"Events":["s3:ObjectCreated:*"],"Filter":{"Key":{"FilterRules":[{"Name":"suffix","Value":".b"}]}}},
            {"Id":"3",\(Self.queue),"Events":["s3:ObjectRemoved:*"]}]}
            """)
    }
}
