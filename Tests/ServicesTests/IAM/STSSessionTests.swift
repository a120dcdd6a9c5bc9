import AWSModels
import Core
import Functions
import HostTesting
import Services
import Testing
import Wire

struct STSSessionTests {
    private func function(_ name: String) -> FunctionConfiguration {
        var function = FunctionConfiguration(
            reference: FunctionVersionReference(scope: Scope(account: "111111111111"), functionName: name),
            runtime: "exec", handler: "x", codeDirectory: "/")
        function.role = "arn:aws:iam::111111111111:role/service/worker"
        return function
    }

    @Test func instancesHaveCredentialsOfTheirOwnUntilTheyEnd() {
        let sessions = STSSessions(clock: VirtualClock())
        let credentials = sessions.issue(to: function("f"))
        #expect(AccessKeyID.account(credentials.accessKeyID) == "111111111111")
        #expect(AccessKeyID.isTemporary(credentials.accessKeyID))
        #expect(sessions.issue(to: function("f")) != credentials)
        #expect(sessions.credentials(for: credentials.accessKeyID)?.secretAccessKey == credentials.secretAccessKey)
        sessions.revoke(credentials)
        #expect(sessions.credentials(for: credentials.accessKeyID) == nil)
    }

    @Test(arguments: [
        ("f", "arn:aws:sts::111111111111:assumed-role/worker/f@lambda_function"),
        ("resize", "arn:aws:sts::111111111111:assumed-role/worker/resize"),
    ])
    func functionsAreSessionsOfTheirRole(_ name: String, _ identity: String) async throws {
        let clock = VirtualClock()
        let sessions = STSSessions(clock: clock)
        let key = sessions.issue(to: function(name)).accessKeyID
        let sts = STSProvider(clock: clock, identities: CallerIdentities(sessions: sessions))
        let context = RequestContext(scope: Scope(account: "111111111111"), requestID: "r", accessKeyID: key)
        let answer = try await sts.getCallerIdentity(.init(), context)
        #expect(answer.arn == identity)
        #expect(answer.userId?.hasPrefix("AROA") == true)
        #expect(answer.userId?.hasSuffix(":\(identity.split(separator: "/").last!)") == true)
    }

    @Test func temporaryCredentialsExpire() async throws {
        let clock = VirtualClock()
        let sessions = STSSessions(clock: clock)
        let sts = STSProvider(clock: clock, identities: CallerIdentities(sessions: sessions))
        let issued = try await sts.getSessionToken(.init { $0.durationSeconds = 900 }, RequestContext(requestID: "r"))
        let key = try #require(issued.credentials?.accessKeyId)
        #expect(sessions.credentials(for: key)?.sessionToken == issued.credentials?.sessionToken)
        await clock.advance(by: 901_000)
        #expect(sessions.credentials(for: key) == nil)
        #expect(CredentialSources([sessions, StaticCredentials([])]).credentials(for: key) == nil)
    }
}
