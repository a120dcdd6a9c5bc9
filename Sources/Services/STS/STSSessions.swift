public import Core
public import Functions
import Synchronization
public import Wire

/// The temporary credentials of this run, and whom they belong to.
public final class STSSessions: CredentialSource {
    struct Session: Sendable {
        var account: String
        /// Nil for a role's session whose name nobody has asked for yet.
        var userID: String?
        var arn: String
        /// Of a role's session.
        var role: ARN?
        /// Keys of tags that go over to the sessions of roles that this one assumes.
        var transitiveTags: [String] = []
    }

    private struct Entry {
        var session: Session
        var credentials: Credentials
        /// Nil until it is revoked.
        var expiration: Timestamp?
    }

    /// As many sessions with an end as are remembered; the oldest are forgotten first.
    private static let limit = 10_000

    private struct State {
        var entries: [String: Entry] = [:]
        var order: [String] = []
    }

    private let clock: any HostClock
    private let random: any RandomSource
    private let state = Mutex(State())

    public init(clock: any HostClock, random: any RandomSource = SystemRandomSource()) {
        self.clock = clock
        self.random = random
    }

    subscript(key: String) -> Session? { state.withLock { $0.entries[key]?.session } }

    /// The secrets of a key that has not expired.
    public func credentials(for accessKeyID: String) -> Credentials? {
        let now = clock.now
        return state.withLock { state in
            guard let entry = state.entries[accessKeyID] else { return nil }
            return entry.expiration.map { $0 > now } ?? true ? entry.credentials : nil
        }
    }

    func issue(to session: Session, until expiration: Timestamp?) -> Credentials {
        var generator = SeededRandom(seed: random.nextUInt64())
        let credentials = Credentials(
            accessKeyID: AccessKeyID.make(account: session.account, isTemporary: true, using: &generator),
            secretAccessKey: SecretText.make(length: 40, using: &generator),
            sessionToken: SecretText.make(length: 356, using: &generator))
        state.withLock { state in
            state.entries[credentials.accessKeyID] = Entry(
                session: session, credentials: credentials, expiration: expiration)
            guard expiration != nil else { return }
            state.order.append(credentials.accessKeyID)
            guard state.order.count > Self.limit else { return }
            for oldest in state.order.prefix(Self.limit / 10) { state.entries[oldest] = nil }
            state.order.removeFirst(Self.limit / 10)
        }
        return credentials
    }
}

/// Functions run in sessions of their roles.
extension STSSessions: FunctionCredentialSource {
    public func issue(to function: FunctionConfiguration) -> FunctionCredentials {
        let account = function.reference.scope.account
        let name = function.reference.functionName
        // A session's name has at least two characters.
        var session =
            ARN(function.role).map { Session(role: $0, name: name.utf8.count < 2 ? "\(name)@lambda_function" : name) }
            ?? Session(account: account, arn: "arn:aws:iam::\(account):root")
        session.account = account
        let credentials = issue(to: session, until: nil)
        return FunctionCredentials(
            accessKeyID: credentials.accessKeyID, secretAccessKey: credentials.secretAccessKey,
            sessionToken: credentials.sessionToken ?? "")
    }

    public func revoke(_ credentials: FunctionCredentials) {
        state.withLock { $0.entries[credentials.accessKeyID] = nil }
    }
}

extension STSSessions.Session {
    init(role: ARN, name: String) {
        let roleName = role.resource.split(separator: "/").last.map(String.init) ?? ""
        self.init(
            account: role.account, arn: "arn:\(role.partition):sts::\(role.account):assumed-role/\(roleName)/\(name)",
            role: role)
    }

    /// What the session is called under its role.
    var name: String { arn.split(separator: "/").last.map(String.init) ?? "" }
}
