public import Core
public import StatesLanguage

/// `CreateStateMachine`.
public struct CreateStateMachineRequest: Sendable {
    public var name: String
    public var definition: String
    public var roleARN: String
    public var type: StateMachineType
    /// `loggingConfiguration`, `tracingConfiguration`, `encryptionConfiguration`.
    public var settings: JSONObject
    public var tags: [Tag]
    public var publish: Bool
    public var versionDescription: String?

    public init(
        name: String, definition: String, roleARN: String, type: StateMachineType = .standard,
        settings: JSONObject = [:], tags: [Tag] = [], publish: Bool = false, versionDescription: String? = nil
    ) {
        self.name = name
        self.definition = definition
        self.roleARN = roleARN
        self.type = type
        self.settings = settings
        self.tags = tags
        self.publish = publish
        self.versionDescription = versionDescription
    }
}

/// `UpdateStateMachine`: what is nil stays as it is.
public struct UpdateStateMachineRequest: Sendable {
    public var arn: String
    public var definition: String?
    public var roleARN: String?
    public var settings: JSONObject
    public var publish: Bool
    public var versionDescription: String?

    public init(
        arn: String, definition: String? = nil, roleARN: String? = nil, settings: JSONObject = [:],
        publish: Bool = false, versionDescription: String? = nil
    ) {
        self.arn = arn
        self.definition = definition
        self.roleARN = roleARN
        self.settings = settings
        self.publish = publish
        self.versionDescription = versionDescription
    }
}

public struct Tag: Sendable, Hashable {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// One page of a listing, and what to ask for the next with.
public struct Page<Item: Sendable>: Sendable {
    public var items: [Item]
    public var nextToken: String?
}

/// The place after which a listing goes on, hidden in a token.
enum PageToken {
    static func encode(_ place: String) -> String { Base64URL.encode(Array(("v1:" + place).utf8)) }

    static func decode(_ token: String?) throws(WorkflowError) -> String? {
        guard let token else { return nil }
        guard let bytes = Base64URL.decode(token), let text = String(validating: bytes, as: UTF8.self),
            text.hasPrefix("v1:")
        else { throw .invalidToken }
        return String(text.dropFirst(3))
    }
}

extension Page {
    /// - Parameter rows: One more than fits shows that there is another page.
    init(_ rows: [Item], limit: Int, place: (Item) -> String) {
        items = Array(rows.prefix(limit))
        nextToken = rows.count > limit ? items.last.map { PageToken.encode(place($0)) } : nil
    }

    /// 0 means as many as a page holds at most.
    static func limit(_ maxResults: Int?) -> Int {
        guard let maxResults, maxResults > 0 else { return 100 }
        return min(maxResults, 1000)
    }
}
