import Core
import Events
import Storage

/// The secret that a connection's credentials lie in, in the account of whoever made the connection.
struct ConnectionSecret {
    private let connection: EventEndpoint
    private let store = SecretStore()

    init(_ connection: EventEndpoint) {
        self.connection = connection
    }

    /// The end of its name and of its ARN, which the connection remembers: a UUID, a hyphen and six characters.
    private var ending: String { connection.definition["secret"]?.stringValue ?? connection.suffix }

    var arn: String {
        connection.scope.arn("secretsmanager", "secret:events!connection/\(connection.name)/\(ending)").description
    }

    /// Writes the credentials as a new version, unless they are those of the last one.
    func put(version: String, at now: Timestamp, in transaction: Transaction) throws {
        var secret: Secret
        if let found = try store.secret(arn: arn, at: now, in: transaction) {
            secret = found
        } else {
            let name = "events!connection/\(connection.name)/\(ending.dropLast(7))"
            secret = Secret(name, connection.scope, suffix: String(ending.suffix(6)), at: now)
            secret.owner = "events"
        }
        let value = SecretValue.text(credentials.text())
        if let current = secret.holder(of: SecretVersion.current),
            try store.value(of: current.id, secret.arn, in: transaction) == value
        {
            return
        }
        try store.add(
            value, as: version, stages: [SecretVersion.current], to: &secret, at: now, in: transaction)
    }

    func remove(in transaction: Transaction) throws {
        try store.remove(arn, in: transaction)
    }

    /// What AWS keeps there, by its names.
    private var credentials: JSON {
        let parameters = connection.definition["AuthParameters"]
        var credentials: JSONObject = [:]
        if let basic = parameters?["BasicAuthParameters"] {
            credentials["username"] = basic["Username"]
            credentials["password"] = basic["Password"]
        }
        if let key = parameters?["ApiKeyAuthParameters"] {
            credentials["api_key_name"] = key["ApiKeyName"]
            credentials["api_key_value"] = key["ApiKeyValue"]
        }
        if let oauth = parameters?["OAuthParameters"] {
            credentials["client_id"] = oauth["ClientParameters"]?["ClientID"]
            credentials["client_secret"] = oauth["ClientParameters"]?["ClientSecret"]
            credentials["authorization_endpoint"] = oauth["AuthorizationEndpoint"]
            credentials["http_method"] = oauth["HttpMethod"]
            credentials["oauth_http_parameters"] = oauth["OAuthHttpParameters"].map(Self.inSnakeCase)
        }
        credentials["invocation_http_parameters"] = parameters?["InvocationHttpParameters"].map(Self.inSnakeCase)
        return .object(credentials)
    }

    private static func inSnakeCase(_ json: JSON) -> JSON {
        switch json {
        case .object(let members):
            var renamed: JSONObject = [:]
            for (name, value) in members { renamed[snakeCase("\(name)")] = inSnakeCase(value) }
            return .object(renamed)
        case .array(let items): return .array(items.map(inSnakeCase))
        default: return json
        }
    }

    private static func snakeCase(_ name: String) -> String {
        var result = ""
        for character in name {
            if character.isUppercase, !result.isEmpty { result.append("_") }
            result += character.lowercased()
        }
        return result
    }
}
