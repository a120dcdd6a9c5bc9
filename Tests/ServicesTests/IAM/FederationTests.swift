import AWSModels
import Core
import HostTesting
import Services
import Testing
import Wire

/// Sessions for those whom providers of identities vouch for.
@Suite struct FederationTests {
    private static let role = "arn:aws:iam::111111111111:role/worker"
    private static let provider = "arn:aws:iam::111111111111:saml-provider/example"
    private static let start = VirtualClock().now

    // MARK: SAML

    /// What a provider sends, with one thing after the other changed.
    fileprivate struct Response {
        var issuer = "https://idp.example.com/saml"
        var status = "urn:oasis:names:tc:SAML:2.0:status:Success"
        var format = " Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\""
        /// Seconds before the start.
        var age: Int64 = 10
        /// Seconds after the start.
        var end: Int64 = 60
        var confirmation = "<SubjectConfirmationData Recipient=\"https://signin.aws.amazon.com/saml\"/>"
        var session = ""
        var attributes = [
            ("Role", "\(provider), \(role)"), ("RoleSessionName", "ann@example.com"),
        ]

        var base64: String {
            let values = attributes.map { name, value in
                "<saml:Attribute Name=\"https://aws.amazon.com/SAML/Attributes/\(name)\">"
                    + "<saml:AttributeValue>\(value)</saml:AttributeValue></saml:Attribute>"
            }
            let text = """
                <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
                xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">
                <samlp:Status><samlp:StatusCode Value="\(status)"/></samlp:Status>
                <saml:Assertion IssueInstant="\(start.adding(milliseconds: -age * 1000))">
                <saml:Issuer> \(issuer) </saml:Issuer>
                <saml:Subject><saml:NameID\(format)>ann</saml:NameID>
                <SubjectConfirmation>\(confirmation)</SubjectConfirmation></saml:Subject>
                <saml:Conditions NotOnOrAfter="\(start.adding(milliseconds: end * 1000))"/>
                <saml:AuthnStatement\(session)/>
                <saml:AttributeStatement>\(values.joined())</saml:AttributeStatement>
                </saml:Assertion></samlp:Response>
                """
            return Base64.encode(Array(text.utf8))
        }
    }

    private static func ask(
        _ host: IAMServices, _ assertion: String, _ parameters: [String: String] = [:]
    ) async throws -> (status: Int, body: String) {
        let all = parameters.merging(["RoleArn": role, "PrincipalArn": provider, "SAMLAssertion": assertion]) {
            $0.isEmpty ? $1 : $0
        }
        return try await host.call("AssumeRoleWithSAML", all, service: "sts")
    }

    @Test func anAssertionGivesASession() async throws {
        let host = try IAMServices()
        let answer = try await Self.ask(host, Response().base64)
        #expect(answer.status == 200, "\(answer.body)")
        let wanted = [
            "Arn": "arn:aws:sts::111111111111:assumed-role/worker/ann@example.com", "Subject": "ann",
            "SubjectType": "persistent", "Issuer": "https://idp.example.com/saml",
            "Audience": "https://signin.aws.amazon.com/saml", "Expiration": "2026-01-01T01:00:00Z",
            "NameQualifier": Base64.encode(
                Digest.sha1(Array("https://idp.example.com/saml111111111111/example".utf8))),
        ]
        for (element, value) in wanted { #expect(answer.body.element(element) == value, "\(element)") }
        let key: String = try #require(answer.body.element("AccessKeyId"))
        let caller = try await host.call("GetCallerIdentity", service: "sts", key: key)
        #expect(caller.body.element("Arn") == wanted["Arn"])
    }

    struct Duration: Sendable {
        var asked: String?
        var allowed: String?
        var session = ""
        var expiration: String
    }

    @Test(arguments: [
        Duration(asked: "7200", expiration: "2026-01-01T02:00:00Z"),
        Duration(allowed: "1800", expiration: "2026-01-01T00:30:00Z"),
        Duration(asked: "900", allowed: "1800", expiration: "2026-01-01T00:15:00Z"),
        Duration(
            asked: "7200", session: " SessionNotOnOrAfter=\"2026-01-01T00:20:00.000Z\"",
            expiration: "2026-01-01T00:20:00Z"),
    ])
    func theShortestDurationCounts(_ duration: Duration) async throws {
        var response = Response()
        response.session = duration.session
        if let allowed = duration.allowed { response.attributes.append(("SessionDuration", allowed)) }
        let answer = try await Self.ask(
            try IAMServices(), response.base64, duration.asked.map { ["DurationSeconds": $0] } ?? [:])
        #expect(answer.body.element("Expiration") == duration.expiration, "\(answer.body)")
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        fileprivate var change: @Sendable (inout Response) -> Void = { _ in }
        var text: String?
        var code = "InvalidIdentityToken"
        var message: String
        var testDescription: String { message }
    }

    static let refusals = [
        Refusal(text: "no base 64!", message: "Invalid base64 SAMLResponse"),
        Refusal(text: "bm8geG1s", message: "Response did not contain a valid SAML assertion"),
        Refusal(
            text: Base64.encode(Array("<!DOCTYPE a [<!ENTITY b 'c'>]><Response>&b;</Response>".utf8)),
            message: "Response did not contain a valid SAML assertion"),
        Refusal(
            text: Base64.encode(Array("<Response><EncryptedAssertion/></Response>".utf8)),
            message: "Response did not contain a valid SAML assertion"),
        Refusal(
            change: { $0.status = "urn:oasis:names:tc:SAML:2.0:status:Responder" }, code: "IDPRejectedClaim",
            message: "The identity provider reported that authentication failed."),
        Refusal(change: { $0.confirmation = "" }, message: "Response does not contain the required audience"),
        Refusal(
            change: { $0.age = 300 }, code: "ExpiredTokenException",
            message: "Token must be redeemed within 5 minutes of issuance"),
        Refusal(change: { $0.end = 0 }, code: "ExpiredTokenException", message: "Response has expired"),
        Refusal(change: { $0.attributes.removeLast() }, message: "RoleSessionName is required in AuthnResponse"),
        Refusal(
            change: { $0.attributes[1].1 = "ann smith" },
            message: "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        Refusal(
            change: { $0.attributes[0].1 = "\(Self.role),\(Self.provider)2" }, code: "AccessDenied",
            message: "Not authorized to perform sts:AssumeRoleWithSAML"),
        Refusal(
            change: { $0.attributes.append(("SessionDuration", "60")) },
            message: "SessionDuration in AuthnResponse must be between 900 and 43200 seconds"),
    ]

    @Test(arguments: refusals) func whatIsNoAssertionIsRefused(_ refusal: Refusal) async throws {
        var response = Response()
        refusal.change(&response)
        let answer = try await Self.ask(try IAMServices(), refusal.text ?? response.base64)
        #expect(answer.body.element("Code") == refusal.code)
        #expect(answer.body.element("Message") == refusal.message)
    }

    @Test func aProviderThatIsKnownHasToBeTheIssuer() async throws {
        let host = try IAMServices()
        _ = try await host.call(
            "CreateSAMLProvider",
            ["Name": "example", "SAMLMetadataDocument": IAMDocuments.metadata("https://idp.example.com/saml")])
        #expect(try await Self.ask(host, Response().base64).status == 200)
        var response = Response()
        response.issuer = "https://elsewhere.example.com"
        let refused = try await Self.ask(host, response.base64)
        #expect(refused.body.element("Code") == "InvalidIdentityToken")
        #expect(refused.body.element("Message")?.hasPrefix("Issuer not present in specified provider") == true)
    }

    @Test func aTokenIsNoWayAroundSignatures() async throws {
        let clock = VirtualClock()
        let sts = STSProvider(
            clock: clock, identities: CallerIdentities(sessions: STSSessions(clock: clock)), trustsProviders: false)
        let saml = STS.AssumeRoleWithSAMLRequest {
            $0.roleArn = Self.role
            $0.principalArn = Self.provider
            $0.samlAssertion = Response().base64
        }
        let token = STS.AssumeRoleWithWebIdentityRequest {
            $0.roleArn = Self.role
            $0.roleSessionName = "session"
            $0.webIdentityToken = "token"
        }
        let unsigned = RequestContext(requestID: "r")
        await #expect(throws: AWSError.self) { try await sts.assumeRoleWithSAML(saml, unsigned) }
        await #expect(throws: AWSError.self) { try await sts.assumeRoleWithWebIdentity(token, unsigned) }
        let signed = RequestContext(scope: Scope(account: "111111111111"), requestID: "r", accessKeyID: "key")
        #expect(try await sts.assumeRoleWithSAML(saml, signed).subject == "ann")
        #expect(try await sts.assumeRoleWithWebIdentity(token, signed).credentials != nil)
    }

    // MARK: OpenID Connect

    private static func token(_ claims: JSON) -> String {
        func part(_ json: JSON) -> String {
            Base64.encode(Array(json.text().utf8)).replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
        return "\(part(["alg": "RS256"])).\(part(claims)).c2ln"
    }

    private static func ask(_ host: IAMServices, token: String) async throws -> (status: Int, body: String) {
        try await host.call(
            "AssumeRoleWithWebIdentity",
            ["RoleArn": role, "RoleSessionName": "session", "WebIdentityToken": token], service: "sts")
    }

    @Test func claimsOfTokensAreTold() async throws {
        let host = try IAMServices()
        let claims: JSON = [
            "iss": "https://tokens.example.com/id", "sub": "repo:a?b>c", "aud": ["sts.amazonaws.com"],
            "exp": .int(Self.start.milliseconds / 1000 + 60),
        ]
        let answer = try await Self.ask(host, token: Self.token(claims))
        #expect(answer.body.element("SubjectFromWebIdentityToken") == "repo:a?b&gt;c")
        #expect(answer.body.element("Audience") == "sts.amazonaws.com")
        #expect(answer.body.element("Provider") == "https://tokens.example.com/id")

        _ = try await host.call("CreateOpenIDConnectProvider", ["Url": "https://tokens.example.com/id"])
        let refused = try await Self.ask(host, token: Self.token(claims))
        #expect(refused.body.element("Message") == "Incorrect token audience")
        let arn = "arn:aws:iam::111111111111:oidc-provider/tokens.example.com/id"
        _ = try await host.call(
            "AddClientIDToOpenIDConnectProvider", ["OpenIDConnectProviderArn": arn, "ClientID": "sts.amazonaws.com"])
        #expect(try await Self.ask(host, token: Self.token(claims)).body.element("Provider") == arn)
    }

    @Test func tokensEnd() async throws {
        let now = Self.start.milliseconds / 1000
        let expired = Self.token(["iss": "https://a.example.com", "sub": "s", "aud": "a", "exp": .int(now)])
        let answer = try await Self.ask(try IAMServices(), token: expired)
        #expect(answer.body.element("Code") == "ExpiredTokenException")
        #expect(
            answer.body.element("Message")
                == "Token expired: current date/time \(now) must be before the expiration date/time\(now)")
    }

    @Test(arguments: ["token", "a.b.c", "ya29.AAAA.BBBB"]) func tokensMayBeOpaque(_ token: String) async throws {
        let answer = try await Self.ask(try IAMServices(), token: token)
        #expect(answer.body.element("Provider") == "accounts.google.com", "\(answer.body)")
    }
}
