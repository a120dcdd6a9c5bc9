import Core

/// A resource policy as the service lists it: with a version, and without lists of one.
enum ResourcePolicyText {
    /// Text that is no policy stays as it is.
    static func normalized(_ text: String) -> String {
        guard let given = try? JSON(parsing: text), let members = given.objectValue else { return text }
        var policy: JSONObject = ["Version": members["Version"] ?? "2008-10-17"]
        for (name, value) in members where name != "Version" {
            policy[name] = name == "Statement" ? statements(value) : value
        }
        return JSON.object(policy).text()
    }

    private static func statements(_ value: JSON) -> JSON {
        switch value {
        case .array(let statements): .array(statements.map(statement))
        default: statement(value)
        }
    }

    private static func statement(_ value: JSON) -> JSON {
        guard let members = value.objectValue else { return value }
        return .object(
            JSONObject(
                members.map { name, value in
                    switch value {
                    case .object(let named) where name.hasSuffix("Principal"):
                        (name, .object(JSONObject(named.map { ($0.key, single($0.value)) })))
                    default: (name, single(value))
                    }
                }))
    }

    private static func single(_ value: JSON) -> JSON {
        guard let elements = value.arrayValue, elements.count == 1 else { return value }
        return elements[0]
    }
}
