import Core

extension Budget {
    /// The form in which budgets are stored and exchanged.
    public var json: JSON {
        var object: JSONObject = [
            "name": .string(name), "amount": .string(amount.decimal), "period": .string(period.rawValue),
            "warnAt": .array(warnAt.map { JSON($0) }),
        ]
        if let throttleAt { object["throttleAt"] = JSON(throttleAt) }
        if let service { object["service"] = .string(service) }
        if let resource { object["resource"] = .string(resource) }
        return .object(object)
    }

    /// - Throws: the first field that is missing or makes no sense.
    public init(_ json: JSON) throws(BudgetError) {
        guard let object = json.objectValue else { throw BudgetError(field: "budget", reason: "must be an object") }
        for key in object.keys where !Self.fields.contains(key) {
            throw BudgetError(field: key, reason: "is not known here; there are \(Self.fields.joined(separator: ", "))")
        }
        guard let name = object["name"]?.stringValue else { throw BudgetError(field: "name", reason: "must be a text") }
        guard let text = object["amount"]?.stringValue, let amount = Money(decimal: text) else {
            throw BudgetError(
                field: "amount", reason: "must be a decimal number of dollars from 0, such as \"12.50\"")
        }
        guard let period = Period(rawValue: object["period"]?.stringValue ?? "month") else {
            throw BudgetError(field: "period", reason: "must be \"day\" or \"month\"")
        }
        let percentages = object["warnAt"] ?? [80, 100]
        guard let warnAt = percentages.arrayValue?.map({ $0.intValue.flatMap(Int.init(exactly:)) ?? -1 }) else {
            throw BudgetError(field: "warnAt", reason: "must be a list of percentages")
        }
        let throttleAt = object["throttleAt"].map { $0.intValue.flatMap(Int.init(exactly:)) ?? -1 }
        try self.init(
            name: name, amount: amount, period: period, warnAt: warnAt, throttleAt: throttleAt,
            service: try Self.text(object["service"], "service"),
            resource: try Self.text(object["resource"], "resource"))
    }

    private static let fields = ["name", "amount", "period", "warnAt", "throttleAt", "service", "resource"]

    private static func text(_ value: JSON?, _ field: String) throws(BudgetError) -> String? {
        guard let value else { return nil }
        guard let text = value.stringValue else { throw BudgetError(field: field, reason: "must be a text") }
        return text
    }
}

extension BudgetState {
    var json: JSON {
        [
            "start": JSON(start.number), "spent": .string(String(spent.picodollars)), "warned": JSON(warned),
            "isThrottling": .bool(isThrottling),
        ]
    }

    init?(_ json: JSON) {
        guard let start = json["start"]?.intValue, let spent = json["spent"]?.stringValue.flatMap({ Int128($0) }),
            let warned = json["warned"]?.intValue, let isThrottling = json["isThrottling"]?.boolValue
        else { return nil }
        self.init(
            start: Day(number: Int(start)), spent: Money(picodollars: spent), warned: Int(warned),
            isThrottling: isThrottling)
    }
}
