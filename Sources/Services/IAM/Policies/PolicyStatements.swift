import AWSModels
import Core
import Wire

/// The statements of a policy, one or many, and the fields that every kind of policy has.
struct PolicyStatements {
    static let fields: Set = [
        "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
    ]

    var version: String?
    var all: [JSONObject]

    /// Nil when the document does not have the form of a policy.
    init?(_ document: JSON) {
        guard let object = document.objectValue,
            object.keys.allSatisfy({ ["Version", "Id", "Statement"].contains($0) }),
            Self.isText(object["Id"])
        else { return nil }
        if let version = object["Version"] {
            guard let text = version.stringValue, ["2008-10-17", "2012-10-17"].contains(text) else { return nil }
            self.version = text
        }
        switch object["Statement"] {
        case .object(let one): all = [one]
        case .array(let many):
            let objects = many.compactMap(\.objectValue)
            guard !many.isEmpty, objects.count == many.count else { return nil }
            all = objects
        default: return nil
        }
    }

    static func isText(_ value: JSON?) -> Bool { value == nil || value?.stringValue != nil }

    /// The texts of a field that takes one or a list of them; nil when it is something else.
    static func texts(_ value: JSON?) -> [String]? {
        switch value {
        case nil: []
        case .string(let text): [text]
        case .array(let values): values.allSatisfy { $0.stringValue != nil } ? values.compactMap(\.stringValue) : nil
        default: nil
        }
    }

    // MARK: Conditions

    private static let operators: Set<String> = {
        let compared = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
        return Set(
            [
                "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
                "StringNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike",
                "ArnNotEquals", "ArnNotLike",
            ] + compared.flatMap { ["Numeric\($0)", "Date\($0)"] }
        )
    }()

    /// Whether the value is a well-formed block of conditions.
    static func isCondition(_ value: JSON?) -> Bool {
        guard let value else { return true }
        guard let blocks = value.objectValue else { return false }
        return blocks.allSatisfy { name, block in
            guard isOperator(name), let keys = block.objectValue else { return false }
            return keys.allSatisfy { _, values in
                switch values {
                case .array(let values): values.allSatisfy(isScalar)
                default: isScalar(values)
                }
            }
        }
    }

    private static func isOperator(_ name: String) -> Bool {
        var name = name[...]
        for quantifier in ["ForAnyValue:", "ForAllValues:"] where name.hasPrefix(quantifier) {
            name = name.dropFirst(quantifier.utf8.count)
        }
        if name == "Null" { return true }
        if name.hasSuffix("IfExists") { name = name.dropLast(8) }
        return operators.contains(String(name))
    }

    private static func isScalar(_ value: JSON) -> Bool {
        switch value {
        case .string, .bool, .int, .double: true
        default: false
        }
    }
}
