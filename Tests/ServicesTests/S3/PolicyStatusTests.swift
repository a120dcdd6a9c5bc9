import Testing

/// When a bucket's policy makes it public.
@Suite struct PolicyStatusTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var fields: String
        var isPublic: Bool
        var testDescription: String { fields }

        init(_ fields: String, _ isPublic: Bool) {
            self.fields = fields
            self.isPublic = isPublic
        }

        /// A statement for everybody on one condition.
        init(if condition: String, _ isPublic: Bool) {
            self.init(#""Principal":"*","Condition":{\#(condition)}"#, isPublic)
        }
    }

    static let cases = [
        Case(#""Principal":"*""#, true),
        Case(#""Principal":{"AWS":"*"}"#, true),
        Case(#""Principal":{"AWS":["111111111111","*"]}"#, true),
        Case(#""NotPrincipal":{"AWS":"111111111111"}"#, true),
        Case(#""Principal":{"AWS":"arn:aws:iam::111111111111:root"}"#, false),
        Case(#""Principal":{"Service":"cloudtrail.amazonaws.com"}"#, false),
        Case(if: #""StringEquals":{"aws:SourceVpc":"vpc-1"}"#, false),
        Case(if: #""StringLike":{"aws:SourceVpc":"vpc-*"}"#, true),
        Case(if: #""StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}"#, false),
        Case(if: #""StringEquals":{"aws:PrincipalOrgID":["o-1","${aws:PrincipalOrgID}"]}"#, true),
        Case(if: #""StringNotEquals":{"aws:SourceVpc":"vpc-1"}"#, true),
        Case(if: #""StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}"#, true),
        Case(if: #""ForAllValues:StringEquals":{"aws:SourceAccount":"1"}"#, true),
        Case(if: #""ForAnyValue:StringEquals":{"AWS:sourceaccount":"1"}"#, false),
        Case(if: #""StringEquals":{"s3:x-amz-acl":"public-read"}"#, true),
        Case(
            if: #""StringEquals":{"s3:x-amz-acl":"private"},"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:1:t"}"#,
            false),
        Case(if: #""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:1:t"}"#, true),
        Case(if: #""StringLike":{"aws:userid":"AROAEXAMPLE:*"}"#, true),
        Case(if: #""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:111111111111:accesspoint/*"}"#, false),
        Case(if: #""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:*:accesspoint/one"}"#, true),
        Case(if: #""IpAddress":{"aws:SourceIp":["54.240.143.0/24","10.0.0.0/8"]}"#, false),
        Case(if: #""IpAddress":{"aws:SourceIp":"54.240.143.7"}"#, false),
        Case(if: #""IpAddress":{"aws:SourceIp":["54.240.143.0/24","0.0.0.0/1"]}"#, true),
        Case(if: #""IpAddress":{"aws:SourceIp":"2001:db8::/32"}"#, false),
        Case(if: #""IpAddress":{"aws:SourceIp":"2001::/16"}"#, true),
        Case(if: #""NotIpAddress":{"aws:SourceIp":"54.240.143.0/24"}"#, true),
    ]

    @Test(arguments: cases) func status(_ item: Case) async throws {
        func statement(_ effect: String) -> String {
            #"{"Effect":"\#(effect)","Action":"s3:GetObject","Resource":"arn:aws:s3:::box/*",\#(item.fields)}"#
        }
        func put(_ statements: String) -> Step {
            Step(
                method: "PUT", target: "/box?policy", body: #"{"Version":"2012-10-17","Statement":\#(statements)}"#,
                status: 204)
        }
        func status(_ isPublic: Bool) -> Step {
            Step(target: "/box?policyStatus", contains: ["<PolicyStatus", "<IsPublic>\(isPublic)</IsPublic>"])
        }
        let story = S3Story(
            name: "",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(target: "/box?policyStatus", status: 404, contains: ["NoSuchBucketPolicy"]),
                put("[\(statement("Allow"))]"), status(item.isPublic), put(statement("Allow")), status(item.isPublic),
                // Nothing is public because of what is denied.
                put("[\(statement("Deny"))]"), status(false),
            ])
        try await story.run()
    }
}
