public import Core

/// What a schedule invokes, with what, and how often it is tried.
public struct ScheduleTarget: Hashable, Sendable {
    public var arn: String
    public var roleARN: String
    /// Sent as it is, after the context attributes are filled in; nil for the standard event.
    public var input: String?
    /// Seconds, 60 to 86,400; nil for the default of a day.
    public var maximumAge: Int?
    /// 0 to 185; nil for the default of 185.
    public var maximumRetries: Int?
    /// The ARN of the queue that receives what is given up.
    public var deadLetter: String?
    /// `SqsParameters`, `EventBridgeParameters` and the others, by those names, with AWS's member names.
    public var parameters: JSONObject

    public init(
        arn: String, roleARN: String, input: String? = nil, maximumAge: Int? = nil, maximumRetries: Int? = nil,
        deadLetter: String? = nil, parameters: JSONObject = [:]
    ) {
        self.arn = arn
        self.roleARN = roleARN
        self.input = input
        self.maximumAge = maximumAge
        self.maximumRetries = maximumRetries
        self.deadLetter = deadLetter
        self.parameters = parameters
    }

    var retry: RetryPolicy {
        var policy = RetryPolicy.standard
        if let maximumAge { policy.maximumAge = Int64(maximumAge) * 1000 }
        if let maximumRetries { policy.maximumRetries = maximumRetries }
        return policy
    }
}

extension ScheduleTarget {
    init(stored: JSON) {
        self.init(
            arn: stored["arn"]?.stringValue ?? "", roleARN: stored["role"]?.stringValue ?? "",
            input: stored["input"]?.stringValue, maximumAge: stored["age"]?.intValue.map { Int($0) },
            maximumRetries: stored["retries"]?.intValue.map { Int($0) }, deadLetter: stored["deadLetter"]?.stringValue,
            parameters: stored["parameters"]?.objectValue ?? [:])
    }

    var stored: JSON {
        var object: JSONObject = ["arn": .string(arn), "role": .string(roleARN)]
        object["input"] = input.map(JSON.string)
        object["age"] = maximumAge.map { JSON($0) }
        object["retries"] = maximumRetries.map { JSON($0) }
        object["deadLetter"] = deadLetter.map(JSON.string)
        if !parameters.isEmpty { object["parameters"] = .object(parameters) }
        return .object(object)
    }
}
