import Core
import Foundation
import Testing

/// IAM through the gateway without a socket: scenarios of calls and answers in a table.
@Suite struct IAMTests {
    static let scenarios = Scenario.read("iam.json")

    static let documents = [
        "trust": """
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},\
        "Action":"sts:AssumeRole"}]}
        """,
        "policy": """
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}
        """,
    ]

    @Test func thereAreScenarios() { #expect(Self.scenarios.count >= 8) }

    @Test(arguments: scenarios) func scenario(_ scenario: Scenario) async throws {
        let host = try IAMServices()
        var kept = Self.documents.merging(IAMDocuments.all) { $1 }
        func filled(_ text: String) -> String {
            kept.reduce(text) { $0.replacing("${\($1.key)}", with: $1.value) }
        }
        for step in scenario.steps {
            let operation = try #require(step["do"]?.stringValue)
            let parameters = (step["with"]?.objectValue ?? [:]).map { ($0.key, filled($0.value.stringValue ?? "")) }
            let answer = try await host.call(operation, Dictionary(parameters) { $1 })
            if let error = step["error"] {
                #expect(answer.body.element("Code") == error[0]?.stringValue, "\(operation)")
                let message = answer.body.element("Message")?.replacing("&apos;", with: "'").replacing(
                    "&#39;", with: "'")
                #expect(message == error[1]?.stringValue.map(filled), "\(operation)")
                #expect(answer.status == error[2]?.intValue.map(Int.init), "\(operation)")
                continue
            }
            #expect(answer.status == 200, "\(operation): \(answer.body)")
            for part in step["gives"]?.arrayValue?.compactMap(\.stringValue) ?? [] {
                #expect(answer.body.contains(part), "\(operation): \(part) in \(answer.body)")
            }
            for part in step["lacks"]?.arrayValue?.compactMap(\.stringValue) ?? [] {
                #expect(!answer.body.contains(part), "\(operation): \(part) in \(answer.body)")
            }
            for (name, element) in step["keep"]?.objectValue ?? [:] {
                let value: String = try #require(answer.body.element(element.stringValue ?? ""))
                kept[name] = value
            }
        }
    }

    // MARK: The grammar of policies

    struct Document: Sendable, CustomTestStringConvertible {
        var text: String
        var message: String?
        var testDescription: String { message ?? "well-formed: \(text)" }
    }

    /// A policy of one statement with these fields.
    private static func policy(_ fields: String, version: String = "2012-10-17") -> String {
        "{\"Version\":\"\(version)\",\"Statement\":[{\(fields)}]}"
    }

    static let identityDocuments = [
        Document(text: "{", message: "Syntax errors in policy."),
        Document(text: "{\"Version\":\"2012-10-17\"}", message: "Syntax errors in policy."),
        Document(text: "{\"Version\":\"2012-10-17\",\"Statement\":[],\"Else\":1}", message: "Syntax errors in policy."),
        Document(
            text: policy("\"Effect\":\"Maybe\",\"Action\":\"a:b\",\"Resource\":\"*\""),
            message: "Syntax errors in policy."),
        Document(
            text: policy(
                "\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\",\"Condition\":{\"Like\":{\"a\":\"b\"}}"),
            message: "Syntax errors in policy."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\"", version: "2008-10-17"),
            message: "Policy document must be version 2012-10-17 or greater."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Resource\":\"*\""), message: "Policy statement must contain actions."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"a:b\""), message: "Policy statement must contain resources."
        ),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\",\"Principal\":\"*\""),
            message: "Policy document should not specify a principal."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"read\",\"Resource\":\"*\""),
            message: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"a:b:c\",\"Resource\":\"*\""),
            message: "Actions/Condition can contain only one colon."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"a*:b\",\"Resource\":\"*\""),
            message: "Vendor a* is not valid"
        ),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"box\""),
            message: "Resource box must be in ARN format or \"*\"."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"arn:moon:s3:::box\""),
            message: "Partition \"moon\" is not valid for resource \"arn:moon:s3:*:*:box\"."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"arn:aws:s3:us-east-1::box\""),
            message: "Resource arn:aws:s3:us-east-1::box can not contain region information."),
        Document(
            text: policy("\"Sid\":\"a b\",\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\""),
            message:
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
                + "[0-9A-Za-z]*"),
        Document(
            text: policy(
                "\"Sid\":\"\",\"Effect\":\"Deny\",\"NotAction\":[\"a:b\",\"*\"],\"NotResource\":\"arn:aws:s3:::*\","
                    + "\"Condition\":{\"ForAnyValue:StringLikeIfExists\":{\"aws:PrincipalOrgID\":[\"o-*\"]}}")),
    ]

    static let trustDocuments = [
        Document(text: "{,}", message: "This policy contains invalid Json"),
        Document(text: "{}", message: "Missing required field Statement"),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\""),
            message: "Missing required field Principal"),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":\"*\",\"Resource\":\"*\""),
            message: "Has prohibited field Resource"),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Principal\":\"*\""),
            message: "AssumeRole policy may only specify STS AssumeRole actions."),
        Document(
            text: policy("\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":\"me\"}"),
            message: "Invalid principal in policy: \"AWS\":\"me\""),
        Document(
            text: policy(
                "\"Effect\":\"Allow\",\"Action\":[\"sts:AssumeRole\",\"sts:TagSession\"],"
                    + "\"Principal\":{\"AWS\":\"111111111111\",\"Federated\":\"cognito-identity.amazonaws.com\"}")),
    ]

    @Test(arguments: identityDocuments) func identityPolicy(_ document: Document) async throws {
        try await check(document, "CreatePolicy", ["PolicyName": "p", "PolicyDocument": document.text])
    }

    @Test(arguments: trustDocuments) func trustPolicy(_ document: Document) async throws {
        try await check(document, "CreateRole", ["RoleName": "r", "AssumeRolePolicyDocument": document.text])
    }

    private func check(_ document: Document, _ operation: String, _ parameters: [String: String]) async throws {
        let answer = try await IAMServices().call(operation, parameters)
        guard let message = document.message else {
            #expect(answer.status == 200, "\(answer.body)")
            return
        }
        #expect(answer.body.element("Code") == "MalformedPolicyDocument")
        #expect(answer.body.element("Message")?.replacing("&quot;", with: "\"") == message)
        #expect(answer.status == 400)
    }

    @Test func policiesHaveSizes() async throws {
        let host = try IAMServices()
        _ = try await host.call("CreateUser", ["UserName": "u"])
        let resources = (0..<160).map { "\"arn:aws:s3:::box/\($0)\"" }.joined(separator: ",")
        let large = Self.policy("\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":[\(resources)]")
        let answer = try await host.call(
            "PutUserPolicy", ["UserName": "u", "PolicyName": "p", "PolicyDocument": large])
        #expect(answer.body.element("Message") == "Maximum policy size of 2048 bytes exceeded for user u")
        #expect(answer.status == 409)
        let names = try await host.call("ListUserPolicies", ["UserName": "u"])
        #expect(!names.body.contains("<member>p</member>"))
    }

    // MARK: Accounts and callers

    @Test func accountsAreApart() async throws {
        let host = try IAMServices()
        _ = try await host.call("CreateUser", ["UserName": "ann"])
        let other = try await host.call("GetUser", ["UserName": "ann"], key: "222222222222")
        #expect(other.status == 404)
        #expect(try await host.call("CreateUser", ["UserName": "ann"], key: "222222222222").status == 200)
    }

    @Test func keysNameTheirUser() async throws {
        let host = try IAMServices()
        _ = try await host.call("CreateUser", ["UserName": "ann", "Path": "/staff/"])
        let created = try await host.call("CreateAccessKey", ["UserName": "ann"])
        let key = try #require(created.body.element("AccessKeyId"))
        let identity = try await host.call("GetCallerIdentity", service: "sts", key: key)
        #expect(identity.body.element("Arn") == "arn:aws:iam::111111111111:user/staff/ann")
        #expect(identity.body.element("UserId")?.hasPrefix("AIDA") == true)
        #expect(try await host.call("GetUser", key: key).body.element("UserName") == "ann")
        #expect(try await host.call("ListAccessKeys", key: key).body.element("AccessKeyId") == key)
    }

    @Test func tagsOfSessionsGoOn() async throws {
        let host = try IAMServices()
        func assume(_ tags: [String], transitive: [String] = [], key: String = "111111111111") async throws -> String {
            var parameters = ["RoleArn": "arn:aws:iam::111111111111:role/r", "RoleSessionName": "job"]
            for (index, tag) in tags.enumerated() {
                parameters["Tags.member.\(index + 1).Key"] = tag
                parameters["Tags.member.\(index + 1).Value"] = "value"
            }
            for (index, tag) in transitive.enumerated() { parameters["TransitiveTagKeys.member.\(index + 1)"] = tag }
            return try await host.call("AssumeRole", parameters, service: "sts", key: key).body
        }
        #expect(
            try await assume(["a", "A"]).element("Message")
                == "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        #expect(
            try await assume(["a"], transitive: ["b"]).element("Message")
                == "The specified transitive tag key must be included in the requested tags.")
        let key = try #require(try await assume(["a", "b"], transitive: ["A"]).element("AccessKeyId"))
        let next = try #require(try await assume(["b"], key: key).element("AccessKeyId"))
        for session in [key, next] {
            let refused = try await assume(["a"], key: session)
            #expect(refused.element("Code") == "InvalidParameterValue")
            #expect(refused.contains("conflicts with a transitive tag key from the calling session."))
        }
    }

    @Test func sessionsCarryTheRolesID() async throws {
        let host = try IAMServices()
        let trust = try #require(Self.documents["trust"])
        let created = try await host.call("CreateRole", ["RoleName": "r", "AssumeRolePolicyDocument": trust])
        let id = try #require(created.body.element("RoleId"))
        let session = try await host.call(
            "AssumeRole", ["RoleArn": "arn:aws:iam::111111111111:role/r", "RoleSessionName": "job"], service: "sts")
        #expect(session.body.element("AssumedRoleId") == "\(id):job")
        let key = try #require(session.body.element("AccessKeyId"))
        let user = try await host.call("GetUser", key: key)
        #expect(user.body.element("Message") == "Must specify userName when calling with non-User credentials")
        let unknown = try await host.call(
            "AssumeRole", ["RoleArn": "arn:aws:iam::111111111111:role/none", "RoleSessionName": "job"], service: "sts")
        #expect(unknown.status == 200)
    }
}
