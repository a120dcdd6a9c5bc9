import Core

/// What an account's identities are made of: users, groups, roles, policies and what belongs to them.
struct IAMEntity: Sendable {
    enum Kind: String, Sendable {
        case user, group, role, policy
        case profile = "instance-profile"
        /// Access keys and credentials for one service have an owner, their user, and are named by their ids.
        case accessKey = "access-key"
        case credential
        case alias
        /// Providers of identities are named by their ARNs.
        case samlProvider = "saml-provider"
        case openIDProvider = "oidc-provider"
        case certificate = "server-certificate"
        /// Belongs to a user, whose id is its name.
        case loginProfile = "login-profile"
        /// An account has one.
        case passwordPolicy = "password-policy"

        /// The letters with which AWS begins the ids of such things.
        var idPrefix: String {
            switch self {
            case .user: "AIDA"
            case .group: "AGPA"
            case .role: "AROA"
            case .policy: "ANPA"
            case .profile: "AIPA"
            case .credential, .accessKey, .alias, .loginProfile, .passwordPolicy: "ACCA"
            case .samlProvider: "SAML"
            case .openIDProvider: "OIDC"
            case .certificate: "ASCA"
            }
        }
    }

    var kind: Kind
    var account: String
    var id: String
    var name: String
    var path = "/"
    /// The id of the user to whom this belongs.
    var owner = ""
    var createdAt: Timestamp
    /// What only things of this kind have.
    var body: JSONObject = [:]

    /// Identities are of the whole account: their names have no region.
    var arn: String { "arn:aws:iam::\(account):\(kind.rawValue)\(path)\(name)" }

    /// A text of the body.
    subscript(text: String) -> String? {
        get { body[text]?.stringValue }
        set { body[text] = newValue.map(JSON.string) }
    }

    /// A new id for a thing of that kind.
    static func makeID(_ kind: Kind, using random: some RandomSource) -> String {
        kind.idPrefix + letters(17, using: random)
    }

    static func letters(_ count: Int, using random: some RandomSource) -> String {
        var generator = SeededRandom(seed: random.nextUInt64())
        return String(decoding: (0..<count).map { _ in alphabet[Int(generator.next() >> 32 & 31)] }, as: UTF8.self)
    }

    /// The id of something that is not kept here: the same name always has the same id.
    static func derivedID(_ kind: Kind, of arn: String) -> String {
        let digest = Digest.sha256(Array(arn.utf8))
        return kind.idPrefix + String(decoding: digest[..<17].map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
}
