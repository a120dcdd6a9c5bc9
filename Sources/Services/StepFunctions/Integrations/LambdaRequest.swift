import Core

/// What a task asks of a function.
struct LambdaRequest {
    var arn: ARN
    /// JSON, unless whoever wrote the task's parameters gave a text that is none.
    var payload: [UInt8]
    var clientContext: String?
    var wantsLogTail = false

    init(arn: ARN, payload: JSON) {
        self.arn = arn
        self.payload = payload.bytes()
    }

    /// The parameters of `lambda:invoke`.
    init(_ parameters: JSON, _ scope: Scope) throws(TaskParameterProblem) {
        guard let name = parameters["FunctionName"]?.stringValue else {
            throw TaskParameterProblem(message: "The field 'FunctionName' is required but was missing")
        }
        guard let arn = Self.arn(name, parameters["Qualifier"]?.stringValue, scope) else {
            throw TaskParameterProblem(message: "The value of the field 'FunctionName' has an invalid format")
        }
        self.arn = arn
        payload = Self.payload(parameters["Payload"])
        wantsLogTail = parameters["LogType"]?.stringValue == "Tail"
        clientContext = parameters["ClientContext"]?.stringValue
            .flatMap { Base64.decode($0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// A text goes to the function as it is, so that it has to be JSON itself; nothing at all is an empty object.
    private static func payload(_ value: JSON?) -> [UInt8] {
        switch value {
        case nil, .null: Array("{}".utf8)
        case .string(let text): Array(text.utf8)
        case .some(let value): value.bytes()
        }
    }

    /// With the qualifier that is meant when there is none.
    var qualifiedARN: String {
        arn.resource.split(separator: ":").count > 2 ? arn.description : "\(arn.description):$LATEST"
    }

    /// A function's name, its ARN or the part of it that begins with the account, with or without a qualifier.
    private static func arn(_ name: String, _ qualifier: String?, _ scope: Scope) -> ARN? {
        var arn: ARN
        if let whole = ARN(name) {
            guard whole.service == "lambda", whole.resource.hasPrefix("function:") else { return nil }
            arn = whole
        } else {
            var parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            if parts.count > 2, parts[1] == "function" {
                guard parts[0] == scope.account else { return nil }
                parts.removeFirst(2)
            }
            guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
            arn = scope.arn("lambda", "function:" + parts.joined(separator: ":"))
        }
        if let qualifier, arn.resource.split(separator: ":").count == 2 { arn.resource += ":\(qualifier)" }
        return arn
    }
}
