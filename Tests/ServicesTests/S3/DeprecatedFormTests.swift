import Testing

/// The forms that old clients send to the addresses of newer operations.
@Suite struct DeprecatedFormTests {
    private static func lifecycle(_ rules: String...) -> String {
        "<LifecycleConfiguration>\(rules.map { "<Rule>\($0)<Status>Enabled</Status></Rule>" }.joined())"
            + "</LifecycleConfiguration>"
    }

    private static let expiration = "<Expiration><Days>3</Days></Expiration>"
    private static let abortion =
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload>"

    private static func put(_ body: String, _ status: Int = 200, _ parts: String...) -> Step {
        Step(method: "PUT", target: "/box?lifecycle", body: body, status: status, contains: parts)
    }

    private static let stories = [
        S3Story(
            name: "rules with prefixes of their own",
            steps: [
                Step(method: "PUT", target: "/box"),
                put(
                    lifecycle(
                        "<ID>old</ID><Prefix>logs/</Prefix>\(expiration)"
                            + "<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>")),
                Step(
                    target: "/box?lifecycle",
                    contains: [
                        "<ID>old</ID><Prefix>logs/</Prefix><Status>Enabled</Status>", "<Transition><Days>1</Days>",
                    ]),
                Step(method: "PUT", target: "/box/logs/a"), Step(method: "PUT", target: "/box/a"),
                Step(
                    method: "HEAD", target: "/box/logs/a",
                    fields: ["x-amz-expiration": "expiry-date=\"Mon, 05 Jan 2026 00:00:00 GMT\", rule-id=\"old\""]),
                Step(method: "HEAD", target: "/box/a", fields: ["x-amz-expiration": ""]),
                put(lifecycle("<Prefix></Prefix>\(expiration)")),
                Step(target: "/box?lifecycle", contains: ["<Prefix></Prefix>"]),
                Step(
                    method: "HEAD", target: "/box/a", status: 200, fields: ["x-amz-server-side-encryption": "AES256"]),
            ]),
        S3Story(
            name: "the two forms of rules do not mix",
            steps: [
                Step(method: "PUT", target: "/box"),
                put(
                    lifecycle("<Prefix>a</Prefix>\(expiration)", "<Filter><Prefix>b</Prefix></Filter>\(expiration)"),
                    400, "<Code>InvalidRequest</Code>", "Filter element can only be used in Lifecycle V2."),
                put(
                    lifecycle("<Filter><Prefix>b</Prefix></Filter>\(expiration)", "<Prefix>a</Prefix>\(expiration)"),
                    400, "<Code>InvalidRequest</Code>", "Base level prefix cannot be used in Lifecycle V2"),
                put(
                    lifecycle(
                        "<Prefix>dir/</Prefix>\(abortion)", "<Prefix>dj</Prefix>\(abortion)",
                        "<Prefix>di</Prefix>\(abortion)"),
                    400, "overlapping prefixes", "for same action type"),
                put(lifecycle("<Prefix>dir/</Prefix>\(abortion)", "<Prefix>di</Prefix>\(expiration)")),
                put(
                    lifecycle(
                        "<Filter><Prefix>dir/</Prefix></Filter>\(abortion)",
                        "<Filter><Prefix>di</Prefix></Filter>\(abortion)")),
            ]),
        S3Story(
            name: "one destination of each kind with one event and a role",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(
                    method: "PUT", target: "/box?notification",
                    headers: [("x-amz-skip-destination-validation", "true")],
                    body: """
                        <NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
                        <TopicConfiguration><Id>t</Id><Event>s3:ObjectCreated:Put</Event>\
                        <Topic>arn:aws:sns:us-east-1:000000000000:t</Topic></TopicConfiguration>\
                        <CloudFunctionConfiguration><Id>f</Id><Event>s3:ObjectRemoved:*</Event>\
                        <CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:f</CloudFunction>\
                        <InvocationRole>arn:aws:iam::000000000000:role/r</InvocationRole>\
                        </CloudFunctionConfiguration></NotificationConfiguration>
                        """),
                Step(
                    target: "/box?notification",
                    contains: [
                        "<TopicConfiguration><Id>t</Id><Topic>arn:aws:sns:us-east-1:000000000000:t</Topic>"
                            + "<Event>s3:ObjectCreated:Put</Event></TopicConfiguration>",
                        "<CloudFunctionConfiguration><Id>f</Id>"
                            + "<CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:f</CloudFunction>"
                            + "<Event>s3:ObjectRemoved:*</Event></CloudFunctionConfiguration>",
                    ]),
            ]),
    ]

    @Test(arguments: stories) func story(_ story: S3Story) async throws { try await story.run() }
}
