import Core
import Wire

/// What the owner of a bucket lets a form do: a signed document that comes with the form.
struct PostPolicy {
    var expiration: Timestamp
    var conditions: [JSON]
    /// Bytes of the file that are allowed.
    private(set) var sizes: ClosedRange<Int64>?

    init(_ text: String) throws(AWSError) {
        guard let bytes = Base64.decode(text), let json = try? JSON(parsing: bytes), json.objectValue != nil else {
            throw Self.invalid("Invalid JSON.")
        }
        guard let date = json["expiration"]?.stringValue, let expiration = Timestamp(rfc3339: date) else {
            throw Self.invalid("Policy missing expiration.")
        }
        guard let conditions = json["conditions"]?.arrayValue else { throw Self.invalid("Policy missing conditions.") }
        self.expiration = expiration
        self.conditions = conditions
    }

    private static func invalid(_ reason: String) -> AWSError {
        AWSError("InvalidPolicyDocument", "Invalid Policy: \(reason)", status: 400)
    }

    private static func refused(_ reason: String) -> AWSError {
        AWSError("AccessDenied", "Invalid according to Policy: \(reason)", status: 403)
    }

    /// Checks everything but the size of the file, which is known later.
    ///
    /// - Parameter fields: by their names in small letters, the bucket among them.
    mutating func check(_ fields: [String: String], now: Timestamp) throws(AWSError) {
        guard now <= expiration else { throw Self.refused("Policy expired.") }
        for condition in conditions {
            if let object = condition.objectValue {
                guard object.count == 1, let pair = object.first else {
                    throw Self.invalid(
                        "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
                }
                let value = pair.value.stringValue
                guard let value, fields[pair.key.lowercased()] == value else {
                    throw Self.failed([.string("eq"), .string("$\(pair.key)"), pair.value])
                }
            } else {
                try check(condition.arrayValue ?? [], fields)
            }
        }
    }

    private mutating func check(_ condition: [JSON], _ fields: [String: String]) throws(AWSError) {
        guard condition.count == 3, let operation = condition[0].stringValue else {
            throw Self.invalid("Invalid Condition: a condition has an operation and two arguments.")
        }
        if operation.lowercased() == "content-length-range" {
            guard let low = Self.number(condition[1]), let high = Self.number(condition[2]), low <= high else {
                throw Self.failed(condition)
            }
            sizes = low...high
            return
        }
        guard let name = condition[1].stringValue, let wanted = condition[2].stringValue, name.hasPrefix("$") else {
            throw Self.failed(condition)
        }
        let value = fields[name.dropFirst().lowercased()] ?? ""
        let holds =
            switch operation.lowercased() {
            case "eq": value == wanted
            case "starts-with": value.utf8.starts(with: wanted.utf8)
            default: false
            }
        guard holds else { throw Self.failed(condition) }
    }

    private static func number(_ json: JSON) -> Int64? {
        guard let number = json.intValue ?? json.stringValue.flatMap({ Int64($0) }), number >= 0 else { return nil }
        return number
    }

    private static func failed(_ condition: [JSON]) -> AWSError {
        refused("Policy Condition failed: [\(condition.map { $0.text() }.joined(separator: ", "))]")
    }

    /// Compares the size of the file with what is allowed.
    func check(size: Int64) throws(AWSError) {
        guard let sizes else { return }
        if size > sizes.upperBound {
            throw AWSError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", status: 400)
                .with("ProposedSize", .string(String(size))).with(
                    "MaxSizeAllowed", .string(String(sizes.upperBound)))
        }
        if size < sizes.lowerBound {
            throw AWSError(
                "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", status: 400
            ).with("ProposedSize", .string(String(size))).with("MinSizeAllowed", .string(String(sizes.lowerBound)))
        }
    }
}
