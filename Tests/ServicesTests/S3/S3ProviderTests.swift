import Testing

/// S3 as callers see it: requests in, responses out, over a real store and without a socket.
@Suite struct S3ProviderTests {
    private static let stories = [
        S3Story(
            name: "an object is written, read, read in part and deleted",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    method: "PUT", target: "/box/a%20key", headers: [("Content-Type", "text/plain")],
                    body: "0123456789",
                    fields: ["ETag": "\"781e5e245d69b566979b86e28d23f2c7\"", "x-amz-server-side-encryption": "AES256"]),
                Step(
                    target: "/box/a%20key", contains: ["0123456789"],
                    fields: ["Content-Type": "text/plain", "Accept-Ranges": "bytes"]),
                Step(
                    target: "/box/a%20key", headers: [("Range", "bytes=2-4")], status: 206, contains: ["234"],
                    fields: ["Content-Range": "bytes 2-4/10"]),
                Step(
                    target: "/box/a%20key", headers: [("Range", "bytes=20-")], status: 416, contains: ["InvalidRange"]),
                Step(method: "HEAD", target: "/box/a%20key", fields: ["Content-Length": "10"]),
                Step(
                    target: "/box?list-type=2&encoding-type=url",
                    contains: ["<Key>a+key</Key>", "<KeyCount>1</KeyCount>", "<ChecksumAlgorithm>CRC64NVME<"]),
                Step(method: "DELETE", target: "/box", status: 409, contains: ["BucketNotEmpty"]),
                Step(method: "DELETE", target: "/box/a%20key", status: 204),
                Step(target: "/box/a%20key", status: 404, contains: ["<Code>NoSuchKey</Code>", "<Key>a key</Key>"]),
                Step(method: "DELETE", target: "/box", status: 204),
                Step(target: "/box", status: 404, contains: ["NoSuchBucket", "<BucketName>box</BucketName>"]),
            ]),
        S3Story(
            name: "what is not configured says so",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(target: "/box?tagging", status: 404, contains: ["NoSuchTagSet"]),
                Step(target: "/box?policy", status: 404, contains: ["NoSuchBucketPolicy"]),
                Step(target: "/box?cors", status: 404, contains: ["NoSuchCORSConfiguration"]),
                Step(target: "/box?website", status: 404, contains: ["NoSuchWebsiteConfiguration"]),
                Step(target: "/box?lifecycle", status: 404, contains: ["NoSuchLifecycleConfiguration"]),
                Step(target: "/box?replication", status: 404, contains: ["ReplicationConfigurationNotFoundError"]),
                Step(target: "/box?object-lock", status: 404, contains: ["ObjectLockConfigurationNotFoundError"]),
                Step(target: "/box?encryption", contains: ["<SSEAlgorithm>AES256</SSEAlgorithm>"]),
                Step(target: "/box?requestPayment", contains: ["<Payer>BucketOwner</Payer>"]),
                Step(target: "/box?acl", contains: ["<Permission>FULL_CONTROL</Permission>"]),
                Step(target: "/box?ownershipControls", contains: ["BucketOwnerEnforced"]),
                Step(target: "/box?publicAccessBlock", contains: ["<BlockPublicAcls>true</BlockPublicAcls>"]),
                Step(target: "/box?versioning"), Step(target: "/box?logging"), Step(target: "/box?accelerate"),
            ]),
        S3Story(
            name: "versions hide and come back",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    method: "PUT", target: "/box?versioning",
                    body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
                Step(method: "PUT", target: "/box/k", body: "one"),
                Step(method: "DELETE", target: "/box/k", status: 204, fields: ["x-amz-delete-marker": "true"]),
                Step(target: "/box/k", status: 404, fields: ["x-amz-delete-marker": "true"]),
                Step(target: "/box?versions", contains: ["<DeleteMarker>", "<Version>", "<Size>3</Size>"]),
                Step(
                    target: "/box/k?versionId=12345678901234567890123456789012", status: 400,
                    contains: ["Invalid version id specified"]),
                Step(target: "/box/k?versionId=short", status: 400, contains: ["Invalid version id specified"]),
            ]),
        S3Story(
            name: "metadata beyond ASCII travels in encoded words",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    method: "PUT", target: "/box/k",
                    headers: [
                        ("x-amz-meta-plain", "=?UTF-8?Q?a_b?="), ("x-amz-meta-some", "=?utf-8?q?x=5F=E2=80=94?="),
                        ("x-amz-meta-most", "=?UTF-8?B?w4TDhMOE?="), ("x-amz-meta-other", "=?ISO-8859-1?Q?x?="),
                        ("x-amz-meta-broken", "=?UTF-8?B?=GGG?="),
                    ]),
                Step(
                    method: "HEAD", target: "/box/k",
                    fields: [
                        "x-amz-meta-plain": "a b", "x-amz-meta-some": "=?UTF-8?Q?x=5F=E2=80=94?=",
                        "x-amz-meta-most": "=?UTF-8?B?w4TDhMOE?=", "x-amz-meta-other": "=?ISO-8859-1?Q?x?=",
                        "x-amz-meta-broken": "=?UTF-8?B?77+9Ye+/vQ==?=",
                    ]),
                Step(
                    target: "/box/k?response-cache-control=%E2%80%94", status: 400,
                    contains: ["Header value cannot be represented", "<ArgumentName>response-cache-control<"]),
            ]),
        S3Story(
            name: "bytes of header fields leave as they came",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(method: "PUT", target: "/box/k", headers: [("Content-Disposition", "a; filename=é—")]),
                Step(target: "/box/k", fields: ["Content-Disposition": "a; filename=Ã©â\u{80}\u{94}"]),
                Step(method: "PUT", target: "/box/copy", headers: [("x-amz-copy-source", "box/k")]),
                Step(target: "/box/copy", fields: ["Content-Disposition": "a; filename=Ã©â\u{80}\u{94}"]),
                Step(
                    target: "/box/k?response-cache-control=%C3%A9", fields: ["Cache-Control": "é"]),
            ]),
        S3Story(
            name: "requests that are no operations",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    method: "POST", target: "/box", headers: [("Content-Type", "text/html")], status: 412,
                    contains: ["<Condition>Bucket POST must be of the enclosure-type multipart/form-data<"]),
                Step(
                    method: "POST", target: "/box/k", status: 405,
                    contains: ["<Code>MethodNotAllowed</Code>", "<Method>POST<", "<ResourceType>OBJECT<"]),
            ]),
        S3Story(
            name: "documents are written as S3 writes them",
            steps: [
                Step(method: "PUT", target: "/box"), Step(method: "PUT", target: "/box/k", body: "x"),
                Step(target: "/box?location", contains: ["<LocationConstraint xmlns=", "2006-03-01/\"/>"]),
                Step(
                    target: "/?prefix=bo",
                    contains: ["<ListAllMyBucketsResult", "<Owner>", "</Owner><Buckets>", "<BucketRegion>us-east-1<"]),
                Step(
                    target: "/box?list-type=2", contains: ["<Name>box</Name><Prefix></Prefix>", "</Contents></List"],
                    fields: ["x-amz-bucket-region": "us-east-1"]),
                Step(
                    method: "PUT", target: "/box/copy",
                    headers: [("x-amz-copy-source", "http://127.0.0.1:4566/box/k")], contains: ["<CopyObjectResult"]),
                Step(
                    method: "PUT", target: "/box/k", headers: [("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")], body: "y",
                    status: 400,
                    contains: ["<ExpectedDigest>00000000000000000000000000000000<", "<CalculatedDigest>QVKQ"]),
            ]),
        S3Story(
            name: "conditions hold writes back",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(method: "PUT", target: "/box/k", headers: [("If-None-Match", "*")], body: "one"),
                Step(
                    method: "PUT", target: "/box/k", headers: [("If-None-Match", "*")], body: "two", status: 412,
                    contains: ["<Condition>If-None-Match</Condition>"]),
                Step(method: "PUT", target: "/box/k", headers: [("If-Match", "\"0\"")], body: "two", status: 412),
                Step(
                    target: "/box/k", headers: [("If-None-Match", "\"f97c5d29941bfb1b2fdab0874906ab82\"")], status: 304),
                Step(
                    method: "POST", target: "/box?delete", headers: [("Content-MD5", "d2g+1fj1AfVZY6m4MxqVLg==")],
                    body: "<Delete><Object><Key>k</Key><ETag>\"0\"</ETag></Object></Delete>",
                    contains: ["<Key>k</Key>", "<Code>PreconditionFailed</Code>"]),
                Step(
                    method: "POST", target: "/box?delete", headers: [("Content-MD5", "yJlAdcGHo7tVqJanRdQyBQ==")],
                    body: "<Delete><Object><Key>k</Key><Size>1</Size></Object></Delete>", status: 501,
                    contains: ["<Code>NotImplemented</Code>"]),
                Step(
                    method: "POST", target: "/box?delete", headers: [("Content-MD5", "cZ7rUuKbm6VCxOQxEXpSlg==")],
                    body: "<Delete><Object><Key>k</Key><ETag>f97c5d29941bfb1b2fdab0874906ab82</ETag></Object></Delete>",
                    contains: ["<Deleted><Key>k</Key></Deleted>"]),
                Step(target: "/box/k", status: 404),
            ]),
        S3Story(
            name: "what lies in an archive is read and copied while it is restored",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    method: "PUT", target: "/box/k", headers: [("x-amz-storage-class", "EXPRESS_ONEZONE")], status: 400,
                    contains: ["InvalidStorageClass"]),
                Step(method: "PUT", target: "/box/k", headers: [("x-amz-storage-class", "GLACIER")], body: "one"),
                Step(target: "/box/k", status: 403, contains: ["InvalidObjectState"]),
                Step(
                    method: "PUT", target: "/box/l", headers: [("x-amz-copy-source", "box/k")], status: 403,
                    contains: ["Operation is not valid for the source object's storage class"]),
                Step(
                    method: "POST", target: "/box/k?restore",
                    body: "<RestoreRequest><Days>1</Days></RestoreRequest>", status: 202),
                Step(
                    target: "/box?list-type=2", headers: [("x-amz-optional-object-attributes", "RestoreStatus")],
                    contains: ["<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>"]),
                Step(target: "/box/k", contains: ["one"]),
                Step(method: "PUT", target: "/box/l", headers: [("x-amz-copy-source", "box/k")]),
                Step(target: "/box/k", after: 3 * 86400, status: 403, contains: ["InvalidObjectState"]),
                Step(method: "HEAD", target: "/box/k", fields: ["x-amz-restore": ""]),
                Step(target: "/box/l", contains: ["one"]),
            ]),
        S3Story(
            name: "wrong checksums are refused",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    method: "PUT", target: "/box/k", headers: [("x-amz-checksum-crc32", "AAAAAA==")], body: "abc",
                    status: 400, contains: ["<Code>BadDigest</Code>"]),
                Step(
                    method: "PUT", target: "/box/k", headers: [("x-amz-checksum-crc32", "AAAA")], body: "abc",
                    status: 400, contains: ["Value for x-amz-checksum-crc32 header is invalid."]),
                Step(
                    method: "PUT", target: "/box/k", headers: [("x-amz-checksum-crc32", "NSRBwg==")], body: "abc",
                    fields: ["x-amz-checksum-crc32": "NSRBwg==", "x-amz-checksum-type": "FULL_OBJECT"]),
                Step(target: "/box/k", headers: [("x-amz-checksum-mode", "ENABLED")], contains: ["abc"]),
            ]),
    ]

    @Test("callers are answered as by S3", arguments: stories) func story(_ story: S3Story) async throws {
        try await story.run()
    }
}
