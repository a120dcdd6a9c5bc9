import Core
import Schedules

/// How the value of a secret is renewed: by a function, at once and at intervals.
struct SecretRotation: Sendable {
    /// The function's ARN.
    var function: String
    /// `AutomaticallyAfterDays`, `Duration` and `ScheduleExpression`, as they were given.
    var rules: JSONObject = [:]
    var isEnabled = true
    var lastAt: Timestamp?
    var nextAt: Timestamp?
    /// Rises with every change, so that what was planned before it is known to be out of date.
    var generation: Int64 = 0

    /// - Parameter time: of the last rotation.
    func next(after time: Timestamp) -> Timestamp? {
        if let text = rules["ScheduleExpression"]?.stringValue {
            guard let expression = try? ScheduleExpression(text, dialect: .rule) else { return nil }
            return Schedule(expression, created: time).next(after: time)
        }
        guard let days = rules["AutomaticallyAfterDays"]?.intValue else { return nil }
        return time.adding(milliseconds: Int64(days) * 86_400_000)
    }

    init(function: String) {
        self.function = function
    }

    init?(json: JSON) {
        guard let function = json["function"]?.stringValue else { return nil }
        self.function = function
        rules = json["rules"]?.objectValue ?? [:]
        isEnabled = json["isEnabled"]?.boolValue ?? false
        lastAt = json["lastAt"]?.intValue.map { Timestamp(milliseconds: Int64($0)) }
        nextAt = json["nextAt"]?.intValue.map { Timestamp(milliseconds: Int64($0)) }
        generation = Int64(json["generation"]?.intValue ?? 0)
    }

    var json: JSON {
        var members: JSONObject = [
            "function": .string(function), "rules": .object(rules), "isEnabled": .bool(isEnabled),
            "generation": JSON(Int(generation)),
        ]
        members["lastAt"] = lastAt.map { JSON(Int($0.milliseconds)) }
        members["nextAt"] = nextAt.map { JSON(Int($0.milliseconds)) }
        return .object(members)
    }
}
