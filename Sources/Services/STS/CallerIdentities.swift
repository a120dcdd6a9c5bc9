import Core
import Wire

/// Who callers are, by the keys with which they sign: sessions, users, or else their account's root.
public struct CallerIdentities: Sendable {
    let sessions: STSSessions
    let directory: IAMDirectory?

    /// - Parameter directory: without it, only sessions have names.
    public init(sessions: STSSessions, directory: IAMDirectory? = nil) {
        self.sessions = sessions
        self.directory = directory
    }

    /// The session or key that it is: the account's own where nobody else is known.
    func caller(ofKey key: String?, _ account: String) async throws(AWSError) -> STSSessions.Session {
        if let key {
            if var session = sessions[key] {
                if session.userID == nil, let role = session.role {
                    session.userID = try await userID(role, session.name)
                }
                return session
            }
            if let user = try await directory?.user(of: key, account) {
                return STSSessions.Session(account: account, userID: user.id, arn: user.arn)
            }
        }
        return STSSessions.Session(account: account, userID: account, arn: "arn:aws:iam::\(account):root")
    }

    /// The identifier of a role's session.
    func userID(_ role: ARN, _ session: String) async throws(AWSError) -> String {
        let roleID = try await directory?.roleID(role) ?? IAMDirectory.derivedRoleID(role)
        return "\(roleID):\(session)"
    }
}
