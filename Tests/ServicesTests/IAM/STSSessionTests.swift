import AWSModels
import Core
import HostTesting
import Services
import Testing
import Wire

struct STSSessionTests {
    private let function = ARN("arn:aws:lambda:eu-west-1:111111111111:function:f")!

    @Test func functionsKeepTheirCredentials() {
        let sessions = STSSessions(clock: VirtualClock())
        let role = "arn:aws:iam::111111111111:role/service/worker"
        let credentials = sessions.credentials(ofFunction: function, role: role)
        #expect(AccessKeyID.account(credentials.accessKeyID) == "111111111111")
        #expect(AccessKeyID.isTemporary(credentials.accessKeyID))
        #expect(sessions.credentials(ofFunction: function, role: role) == credentials)
        #expect(sessions.credentials(ofFunction: function, role: "\(role)2") != credentials)
        #expect(sessions.credentials(for: credentials.accessKeyID) == credentials)
        #expect(sessions.credentials(for: "LSIAQAAAAAAA") == nil)
    }

    @Test(arguments: [
        ("f", "arn:aws:sts::111111111111:assumed-role/worker/f@lambda_function"),
        ("resize", "arn:aws:sts::111111111111:assumed-role/worker/resize"),
    ])
    func functionsAreSessionsOfTheirRole(_ name: String, _ identity: String) async throws {
        let clock = VirtualClock()
        let sessions = STSSessions(clock: clock)
        let key = sessions.credentials(
            ofFunction: function.withResource("function:\(name)"), role: "arn:aws:iam::111111111111:role/service/worker"
        ).accessKeyID
        let sts = STSProvider(clock: clock, random: SystemRandomSource(), sessions: sessions)
        let context = RequestContext(scope: Scope(account: "111111111111"), requestID: "r", accessKeyID: key)
        let answer = try await sts.getCallerIdentity(.init(), context)
        #expect(answer.arn == identity)
        #expect(answer.userId?.hasPrefix("AROA") == true)
        #expect(answer.userId?.hasSuffix(":\(identity.split(separator: "/").last!)") == true)
    }

    @Test func temporaryCredentialsExpire() async throws {
        let clock = VirtualClock()
        let sessions = STSSessions(clock: clock)
        let sts = STSProvider(clock: clock, random: SystemRandomSource(), sessions: sessions)
        let issued = try await sts.getSessionToken(.init { $0.durationSeconds = 900 }, RequestContext(requestID: "r"))
        let key = try #require(issued.credentials?.accessKeyId)
        #expect(sessions.credentials(for: key)?.sessionToken == issued.credentials?.sessionToken)
        await clock.advance(by: 901_000)
        #expect(sessions.credentials(for: key) == nil)
        #expect(CredentialSources([sessions, StaticCredentials([])]).credentials(for: key) == nil)
    }
}

extension ARN {
    fileprivate func withResource(_ resource: String) -> ARN {
        var arn = self
        arn.resource = resource
        return arn
    }
}
