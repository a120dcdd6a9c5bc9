import Core
import Testing

@testable import Services

@Suite struct PolicySimulationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var statements: String
        var action = "s3:GetObject"
        var resource = "arn:aws:s3:::box/a"
        var context: [String: [String]] = [:]
        var decision: String
        var testDescription: String { "\(statements) on \(action) \(resource) \(context)" }
    }

    private static let all = #"{"Effect":"Allow","Action":"*","Resource":"*"}"#

    /// An allowing statement with this condition.
    private static func when(_ condition: String) -> String {
        #"{"Effect":"Allow","Action":"*","Resource":"*","Condition":\#(condition)}"#
    }

    static let cases: [Case] = [
        Case(statements: all, decision: "allowed"),
        Case(
            statements: #"{"Effect":"Allow","Action":["S3:get*"],"Resource":"arn:aws:s3:::box/*"}"#, decision: "allowed"
        ),
        Case(statements: #"{"Effect":"Allow","Action":"s3:Put?","Resource":"*"}"#, decision: "implicitDeny"),
        Case(
            statements: #"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}"#,
            decision: "implicitDeny"),
        Case(
            statements: all + #",{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::box/*"}"#,
            decision: "explicitDeny"),
        Case(statements: #"{"Effect":"Allow","NotAction":"sqs:*","Resource":"*"}"#, decision: "allowed"),
        Case(statements: #"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#, decision: "implicitDeny"),
        Case(
            statements: #"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::box/*"}"#, decision: "implicitDeny"
        ),
        // A star stays within its part of an ARN.
        Case(
            statements: #"{"Effect":"Allow","Action":"*","Resource":"arn:aws:sqs:*:queue"}"#,
            resource: "arn:aws:sqs:us-east-1:1:queue", decision: "implicitDeny"),
        Case(
            statements: #"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}/*"}"#,
            context: ["aws:username": ["box"]], decision: "allowed"),
        Case(
            statements: #"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}/*"}"#,
            decision: "implicitDeny"),
        Case(
            statements: #"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:PrincipalTag/b, 'box'}/${*}"}"#,
            resource: "arn:aws:s3:::box/x", decision: "allowed"),
        Case(
            statements: when(#"{"StringEquals":{"aws:Region":["a","b"]}}"#), context: ["aws:region": ["b"]],
            decision: "allowed"),
        Case(statements: when(#"{"StringEquals":{"k":"a"}}"#), decision: "implicitDeny"),
        Case(statements: when(#"{"StringEqualsIfExists":{"k":"a"}}"#), decision: "allowed"),
        Case(
            statements: when(#"{"StringNotEquals":{"k":["a","b"]}}"#), context: ["k": ["b"]], decision: "implicitDeny"),
        Case(statements: when(#"{"StringNotLike":{"k":"a*"}}"#), context: ["k": ["b"]], decision: "allowed"),
        Case(statements: when(#"{"StringLike":{"k":"a*c"}}"#), context: ["k": ["abbc"]], decision: "allowed"),
        Case(statements: when(#"{"Null":{"k":true}}"#), decision: "allowed"),
        Case(statements: when(#"{"Null":{"k":"true"}}"#), context: ["k": ["x"]], decision: "implicitDeny"),
        Case(statements: when(#"{"NumericLessThanEquals":{"k":10}}"#), context: ["k": ["10"]], decision: "allowed"),
        Case(
            statements: when(#"{"DateGreaterThan":{"k":"2026-01-01T00:00:00Z"}}"#),
            context: ["k": ["2026-06-01T00:00:00Z"]], decision: "allowed"),
        Case(statements: when(#"{"Bool":{"k":"true"}}"#), context: ["k": ["True"]], decision: "allowed"),
        Case(
            statements: when(#"{"IpAddress":{"k":["10.0.0.0/8","2001:db8::/32"]}}"#), context: ["k": ["2001:db8::1"]],
            decision: "allowed"),
        Case(
            statements: when(#"{"NotIpAddress":{"k":"10.0.0.0/8"}}"#), context: ["k": ["10.1.2.3"]],
            decision: "implicitDeny"),
        Case(
            statements: when(#"{"ArnLike":{"k":"arn:aws:sns:*:*:t*"}}"#), context: ["k": ["arn:aws:sns:a:1:topic"]],
            decision: "allowed"),
        Case(
            statements: when(#"{"ForAllValues:StringEquals":{"k":["a","b"]}}"#), context: ["k": ["a", "b"]],
            decision: "allowed"),
        Case(
            statements: when(#"{"ForAllValues:StringEquals":{"k":["a","b"]}}"#), context: ["k": ["a", "c"]],
            decision: "implicitDeny"),
        Case(
            statements: when(#"{"ForAnyValue:StringEquals":{"k":"a"}}"#), context: ["k": ["c", "a"]],
            decision: "allowed"),
    ]

    private static func policy(_ statements: String) throws -> SimulatedPolicy {
        try #require(SimulatedPolicy("p", #"{"Version":"2012-10-17","Statement":[\#(statements)]}"#))
    }

    @Test(arguments: cases) func decision(_ item: Case) throws {
        let simulation = PolicySimulation(policies: [try Self.policy(item.statements)])
        let request = SimulatedRequest(action: item.action, resource: item.resource, context: item.context)
        #expect(simulation.decide(request).decision.rawValue == item.decision)
    }

    @Test func boundariesAndPoliciesOfResources() throws {
        let request = SimulatedRequest(
            action: "s3:GetObject", resource: "arn:aws:s3:::box/a", caller: "arn:aws:iam::111111111111:user/ann",
            context: [:])
        let sqsOnly = try Self.policy(#"{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"#)
        var simulation = PolicySimulation(policies: [try Self.policy(Self.all)], boundary: [sqsOnly])
        var outcome = simulation.decide(request)
        #expect(outcome.decision == .implicitDeny)
        #expect(outcome.isWithinBoundary == false)
        simulation.resourcePolicy = try Self.policy(
            #"{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"s3:*","Resource":"*"}"#)
        outcome = simulation.decide(request)
        #expect(outcome.decision == .allowed)
        simulation.resourcePolicy = try Self.policy(
            #"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111111111111:user/bob"},"Action":"*","Resource":"*"}"#
        )
        #expect(simulation.decide(request).decision == .explicitDeny)
    }

    @Test func keysThatAreMissingAreNamed() throws {
        let policy = try Self.policy(
            #"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}","Condition":{"Bool":{"aws:SecureTransport":true}}}"#
        )
        let request = SimulatedRequest(
            action: "s3:GetObject", resource: "*", context: ["aws:securetransport": ["true"]])
        #expect(PolicySimulation(policies: [policy]).decide(request).missingKeys == ["aws:username"])
    }

    @Test func placesOfStatements() {
        let text = """
            {"Id": "Statement: {", "Statement": [
              {"Sid": "a}", "Condition": {"x": {}}},
              {}
            ]}
            """
        let places = StatementPlaces(in: text).all.map { [$0.start.line, $0.start.column, $0.end.line, $0.end.column] }
        #expect(places == [[2, 4, 2, 40], [3, 4, 3, 5]])
        let one =
            #"{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}"#
        #expect(StatementPlaces(in: one).all.map(\.start) == [StatementPlaces.Place(line: 1, column: 41)])
        #expect(StatementPlaces(in: one).all.map(\.end) == [StatementPlaces.Place(line: 1, column: 113)])
    }

    @Test func principalsAreTried() async throws {
        let host = try IAMServices()
        let document =
            #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}"#
        _ = try await host.call("CreateUser", ["UserName": "ann"])
        _ = try await host.call("CreateGroup", ["GroupName": "crew"])
        _ = try await host.call("AddUserToGroup", ["GroupName": "crew", "UserName": "ann"])
        _ = try await host.call(
            "PutGroupPolicy", ["GroupName": "crew", "PolicyName": "own", "PolicyDocument": document])
        let parameters = [
            "PolicySourceArn": "arn:aws:iam::111111111111:user/ann", "ActionNames.member.1": "s3:PutObject",
            "ActionNames.member.2": "s3:GetObject", "ResourceArns.member.1": "arn:aws:s3:::box/a",
        ]
        let answer = try await host.call("SimulatePrincipalPolicy", parameters)
        #expect(answer.body.contains("<EvalActionName>s3:PutObject</EvalActionName>"))
        #expect(answer.body.contains("<EvalDecision>allowed</EvalDecision>"))
        #expect(answer.body.contains("<EvalDecision>implicitDeny</EvalDecision>"))
        #expect(answer.body.contains("<SourcePolicyId>group_crew_own</SourcePolicyId>"))
        let first = try await host.call("SimulatePrincipalPolicy", parameters.merging(["MaxItems": "1"]) { $1 })
        #expect(!first.body.contains("s3:GetObject"))
        let marker = try #require(first.body.element("Marker"))
        let second = try await host.call("SimulatePrincipalPolicy", parameters.merging(["Marker": marker]) { $1 })
        #expect(!second.body.contains("s3:PutObject"))
        let unknown = try await host.call(
            "SimulatePrincipalPolicy",
            parameters.merging(["PolicySourceArn": "arn:aws:iam::111111111111:user/bob"]) { $1 })
        #expect(unknown.body.element("Code") == "NoSuchEntity")
        let custom = try await host.call(
            "SimulateCustomPolicy", ["PolicyInputList.member.1": "{", "ActionNames.member.1": "s3:PutObject"])
        #expect(custom.body.element("Code") == "InvalidInput")
    }
}
