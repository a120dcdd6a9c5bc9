import Core
import Functions
import Services
import Testing
import Wire

/// Who is let in at a function's address.
@Suite struct FunctionURLTests {
    private static let forbidden = """
        {"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: \
        https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}
        """

    /// The address's path.
    private func makeURL(_ host: LambdaServices, authType: String, code: String? = nil) async throws -> String {
        try await host.create("f", code: code)
        let created = try await host.call("POST /2021-10-31/functions/f/url", ["AuthType": .string(authType)])
        let url = try #require(created.json["FunctionUrl"]?.stringValue, "\(created.text)")
        return String(url.dropFirst("http://127.0.0.1:4566".count))
    }

    private func request(_ host: LambdaServices, _ path: String, _ change: (inout WireRequest) -> Void = { _ in })
        async throws -> LambdaServices.Answer
    {
        var request = WireRequest(method: "GET", path: path, headers: ["Host": "127.0.0.1:4566"])
        change(&request)
        let response = await host.route.respond(to: request, peer: "127.0.0.1")
        return LambdaServices.Answer(
            status: response.status, headers: response.headers, bytes: try await response.body.collect(upTo: 1 << 20))
    }

    @Test func unsignedCallersAreRefused() async throws {
        try await LambdaServices.with { host in
            let path = try await makeURL(host, authType: "AWS_IAM")
            let answer = try await request(host, path)
            #expect(answer.status == 403)
            #expect(answer.text == Self.forbidden)
            #expect(answer.headers["x-amzn-ErrorType"] == "AccessDeniedException")
        }
    }

    private func signer(_ host: LambdaServices, secret: String? = nil) -> RequestSigner {
        var function = FunctionConfiguration(
            reference: FunctionVersionReference(
                scope: Scope(account: LambdaServices.account), functionName: "caller"),
            runtime: "exec", handler: "x", codeDirectory: "/")
        function.role = LambdaServices.role
        let issued = host.sessions.issue(to: function)
        return RequestSigner(
            Credentials(
                accessKeyID: issued.accessKeyID, secretAccessKey: secret ?? issued.secretAccessKey,
                sessionToken: issued.sessionToken),
            region: LambdaServices.region, service: "lambda", clock: host.clock)
    }

    @Test func signaturesOfKnownKeysAreVerified() async throws {
        try await LambdaServices.with { host in
            let path = try await makeURL(host, authType: "AWS_IAM")
            let answer = try await request(host, path) { signer(host, secret: "guessed").sign(&$0) }
            #expect(answer.status == 403)
            #expect(answer.headers["x-amzn-ErrorType"] == "InvalidSignatureException")
        }
    }

    @Test func functionsAreToldWhoCalls() async throws {
        try await LambdaServices.with(interpreters: FunctionHost.interpretersOfThisMachine()) { host in
            let path = try await makeURL(
                host, authType: "AWS_IAM",
                code: """
                    def handler(event, context):
                        caller = event["requestContext"]["authorizer"]["iam"]
                        return [caller["userArn"], caller["accountId"], event["requestContext"]["http"]["path"]]
                    """)
            let answer = try await request(host, "\(path)a%2520b") { signer(host).sign(&$0) }
            #expect(
                answer.json == ["arn:aws:sts::111111111111:assumed-role/worker/caller", "111111111111", "/a%20b"],
                "\(answer.text)")
        }
    }

    @Test func goneAddressesAreToldFromThoseThatNeverWere() async throws {
        try await LambdaServices.with { host in
            let path = try await makeURL(host, authType: "NONE")
            #expect(try await request(host, "/_lambda/url/neverwas/").text == #"{"Message":null}"#)
            #expect(try await host.call("DELETE /2021-10-31/functions/f/url").status == 204)
            #expect(try await request(host, path).text == Self.forbidden)
        }
    }
}
