import Core

/// The access policy of a queue or topic, as far as `AddPermission` and `RemovePermission` change it.
struct AccessPolicy {
    private var document: JSONObject

    init?(text: String) {
        guard let object = (try? JSON(parsing: text))?.objectValue else { return nil }
        document = object
    }

    init(id: String) { document = ["Version": "2008-10-17", "Id": .string(id), "Statement": []] }

    /// A single statement may stand without a list around it.
    var statements: [JSON] {
        get {
            switch document["Statement"] {
            case .array(let statements)?: statements
            case .object(let statement)?: [.object(statement)]
            default: []
            }
        }
        set { document["Statement"] = .array(newValue) }
    }

    var text: String { JSON.object(document).text() }

    func has(label: String) -> Bool { statements.contains { $0["Sid"]?.stringValue == label } }

    mutating func remove(label: String) { statements.removeAll { $0["Sid"]?.stringValue == label } }

    /// Lets the accounts take the actions, which carry the service's prefix.
    mutating func allow(label: String, accounts: [String], actions: [String], on resource: String) {
        let principals = accounts.map { JSON.string("arn:aws:iam::\($0):root") }
        let actions = actions.map(JSON.string)
        statements.append([
            "Sid": .string(label), "Effect": "Allow",
            "Principal": ["AWS": principals.count == 1 ? principals[0] : .array(principals)],
            "Action": actions.count == 1 ? actions[0] : .array(actions), "Resource": .string(resource),
        ])
    }
}
