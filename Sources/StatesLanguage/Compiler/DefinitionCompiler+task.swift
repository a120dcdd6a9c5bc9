import Core

extension DefinitionCompiler {
    mutating func compileTask(_ object: JSONObject, _ transitions: inout TransitionTable) -> TaskState? {
        require(["Resource"], in: object)
        let resource = string("Resource", in: object).flatMap { compileResource($0) }
        let arguments = compileArguments(in: object)
        let selector = language == .jsonPath ? compileTemplate("ResultSelector", in: object) : nil
        let resultPath = compileResultPath(in: object)
        let timeout = compileDuration("TimeoutSeconds", in: object)
        let heartbeat = compileDuration("HeartbeatSeconds", in: object)
        if case .constant(let limit) = timeout, case .constant(let beat) = heartbeat, beat >= limit {
            report("'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", at: "HeartbeatSeconds")
        }
        let credentials = compileCredentials(in: object)
        let retriers = compileRetry(in: object)
        let catchers = compileCatch(in: object, &transitions)
        guard let resource else { return nil }
        return TaskState(
            resource: resource, arguments: arguments, resultSelector: selector, resultPath: resultPath,
            timeoutSeconds: timeout, heartbeatSeconds: heartbeat, credentials: credentials, retriers: retriers,
            catchers: catchers)
    }

    /// `Parameters` or `Arguments`, as the language has it.
    mutating func compileArguments(in object: JSONObject) -> Template? {
        compileTemplate(language == .jsonPath ? "Parameters" : "Arguments", in: object)
    }

    /// A field of seconds, or its path.
    private mutating func compileDuration(_ name: String, in object: JSONObject) -> FieldValue<Int64>? {
        let which = one(of: [name, name + "Path"], in: object)
        if which == name { return compileInteger(name, in: object, 1...WaitState.maximumSeconds) }
        guard which != nil, language == .jsonPath else { return nil }
        return compileFieldPath(name + "Path", in: object, allowsContext: true).map(FieldValue.path)
    }

    private mutating func compileCredentials(in object: JSONObject) -> Template? {
        guard let credentials = self.object("Credentials", in: object) else { return nil }
        within(.member("Credentials")) { compiler in
            if credentials["RoleArn"] == nil, credentials["RoleArn.$"] == nil {
                compiler.report("The field 'RoleArn' is required but was missing")
            } else if let value = credentials["RoleArn"], value.stringValue == nil {
                compiler.report("Expected value of type String", at: "RoleArn")
            }
        }
        return compileTemplate("Credentials", in: object)
    }

    // MARK: Resources

    mutating func compileResource(_ text: String) -> TaskResource? {
        if isPlaceholder(text) {
            return TaskResource(text: text, kind: .lambda(Self.placeholderFunction))
        }
        guard let resource = TaskResource(text) else {
            report(
                "The resource provided \(text) is not recognized. The value is not a valid resource ARN, or the "
                    + "resource is not available in this region.", at: "Resource")
            return nil
        }
        if isExpress { checkExpress(resource) }
        return resource
    }

    private static let placeholderFunction = ARN(
        service: "lambda", region: "us-east-1", account: "000000000000", resource: "function:placeholder")

    private mutating func checkExpress(_ resource: TaskResource) {
        if case .activity = resource.kind {
            report("Express state machine does not support Activity ARN", at: "Resource")
        }
        switch resource.integration?.pattern {
        case .sync, .sync2:
            report("Express state machine does not support '.sync' service integration", at: "Resource")
        case .waitForTaskToken:
            // The space at the end is AWS's.
            report("Express state machine does not support '.waitForTaskToken' service integration ", at: "Resource")
        case .requestResponse, nil: return
        }
    }
}
