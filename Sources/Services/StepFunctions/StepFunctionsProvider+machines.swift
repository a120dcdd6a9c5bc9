import AWSModels
import Core
import StatesLanguage
import Wire
import Workflows

extension StepFunctionsProvider {
    public func createStateMachine(
        _ input: StepFunctions.CreateStateMachineInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.CreateStateMachineOutput {
        try Self.check(role: input.roleArn)
        let request = CreateStateMachineRequest(
            name: input.name, definition: input.definition, roleARN: input.roleArn,
            type: input.type?.rawValue == "EXPRESS" ? .express : .standard,
            settings: Self.settings(
                input.loggingConfiguration, input.tracingConfiguration, input.encryptionConfiguration),
            tags: Self.tags(input.tags),
            publish: input.publish ?? false, versionDescription: input.versionDescription)
        let destination = try await logDestination(input.loggingConfiguration)
        let machine = try await answer { () async throws(WorkflowError) in
            try await engine.createStateMachine(request, scope: context.scope)
        }
        if let destination { await beginLogging(to: destination) }
        return StepFunctions.CreateStateMachineOutput {
            $0.stateMachineArn = machine.arn
            $0.creationDate = machine.createdAt
            $0.stateMachineVersionArn = machine.versionARN
        }
    }

    private static func check(role: String) throws(AWSError) {
        guard let arn = ARN(role), arn.service == "iam", arn.resource.hasPrefix("role/") else {
            throw AWSError("InvalidArn", "Invalid Role Arn: '\(role)'", status: 400)
        }
    }

    private static func settings(
        _ logging: StepFunctions.LoggingConfiguration?, _ tracing: StepFunctions.TracingConfiguration?,
        _ encryption: StepFunctions.EncryptionConfiguration?
    ) -> JSONObject {
        var settings = JSONObject()
        if let json = json(logging) { settings["loggingConfiguration"] = json }
        if let json = json(tracing) { settings["tracingConfiguration"] = json }
        if let json = json(encryption) { settings["encryptionConfiguration"] = json }
        return settings
    }

    public func updateStateMachine(
        _ input: StepFunctions.UpdateStateMachineInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.UpdateStateMachineOutput {
        if let role = input.roleArn { try Self.check(role: role) }
        let request = UpdateStateMachineRequest(
            arn: input.stateMachineArn, definition: input.definition, roleARN: input.roleArn,
            settings: Self.settings(
                input.loggingConfiguration, input.tracingConfiguration, input.encryptionConfiguration),
            publish: input.publish ?? false, versionDescription: input.versionDescription)
        let destination = try await logDestination(input.loggingConfiguration)
        let machine = try await answer { () async throws(WorkflowError) in
            try await engine.updateStateMachine(request)
        }
        if let destination { await beginLogging(to: destination) }
        return StepFunctions.UpdateStateMachineOutput {
            $0.updateDate = machine.updatedAt
            $0.revisionId = machine.revision.isEmpty ? nil : machine.revision
            $0.stateMachineVersionArn = machine.versionARN
        }
    }

    public func deleteStateMachine(
        _ input: StepFunctions.DeleteStateMachineInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DeleteStateMachineOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.deleteStateMachine(input.stateMachineArn)
        }
        return StepFunctions.DeleteStateMachineOutput()
    }

    public func describeStateMachine(
        _ input: StepFunctions.DescribeStateMachineInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DescribeStateMachineOutput {
        let (machine, definition) = try await answer { () async throws(WorkflowError) in
            let machine = try await engine.stateMachine(input.stateMachineArn)
            return (machine, try await engine.definitionText(of: machine))
        }
        let showsDefinition = input.includedData != .metadataOnly
        let references = showsDefinition ? Self.references(definition, machine.type) : nil
        return StepFunctions.DescribeStateMachineOutput {
            $0.stateMachineArn = machine.versionARN ?? machine.arn
            $0.name = machine.name
            $0.status = "ACTIVE"
            $0.definition = showsDefinition ? definition : ""
            $0.roleArn = machine.roleARN
            $0.type = .init(rawValue: machine.type.rawValue)
            $0.creationDate = machine.createdAt
            $0.loggingConfiguration = Self.logging(machine)
            $0.tracingConfiguration = Self.tracing(machine)
            $0.revisionId = machine.revision.isEmpty ? nil : machine.revision
            $0.description = machine.description
            $0.encryptionConfiguration = Self.shape(machine.settings["encryptionConfiguration"])
            $0.variableReferences = references
        }
    }

    public func describeStateMachineForExecution(
        _ input: StepFunctions.DescribeStateMachineForExecutionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DescribeStateMachineForExecutionOutput {
        let (execution, machine, definition) = try await answer { () async throws(WorkflowError) in
            let execution = try await engine.execution(input.executionArn)
            let machine = try await engine.stateMachine(execution.versionARN ?? execution.machineARN)
            return (execution, machine, try await engine.definitionText(of: execution))
        }
        let showsDefinition = input.includedData != .metadataOnly
        let references = showsDefinition ? Self.references(definition, machine.type) : nil
        return StepFunctions.DescribeStateMachineForExecutionOutput {
            $0.stateMachineArn = execution.machineARN
            $0.name = machine.name
            $0.definition = showsDefinition ? definition : ""
            $0.roleArn = execution.roleARN
            $0.updateDate = machine.updatedAt
            $0.loggingConfiguration = Self.logging(machine)
            $0.tracingConfiguration = Self.tracing(machine)
            $0.mapRunArn = execution.mapRunARN
            $0.label = execution.mapRunARN.flatMap(Self.label)
            $0.revisionId = machine.revision.isEmpty ? nil : machine.revision
            $0.encryptionConfiguration = Self.shape(machine.settings["encryptionConfiguration"])
            $0.variableReferences = references
        }
    }

    /// `…:mapRun:<machine>/<label>:<uuid>`
    private static func label(_ mapRun: String) -> String? {
        let parts = mapRun.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 8, let slash = parts[6].firstIndex(of: "/") else { return nil }
        return String(parts[6][parts[6].index(after: slash)...])
    }

    private static func references(_ definition: String, _ type: StateMachineType) -> [String: [String]]? {
        let compiled = StateMachineDefinition.compile(definition, type: type, allowsPlaceholders: false)
        guard let references = compiled.definition?.variableReferences(), !references.isEmpty else { return nil }
        return Dictionary(references.map { ($0.state, $0.variables) }, uniquingKeysWith: { $1 })
    }

    private static func tracing(_ machine: StateMachineRecord) -> StepFunctions.TracingConfiguration {
        shape(machine.settings["tracingConfiguration"])
            ?? StepFunctions.TracingConfiguration { $0.enabled = false }
    }

    public func listStateMachines(
        _ input: StepFunctions.ListStateMachinesInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.ListStateMachinesOutput {
        let page = try await answer { () async throws(WorkflowError) in
            try await engine.stateMachines(
                scope: context.scope, maxResults: input.maxResults, nextToken: input.nextToken)
        }
        return StepFunctions.ListStateMachinesOutput {
            $0.nextToken = page.nextToken
            $0.stateMachines = page.items.map { machine in
                StepFunctions.StateMachineListItem {
                    $0.stateMachineArn = machine.arn
                    $0.name = machine.name
                    $0.type = .init(rawValue: machine.type.rawValue)
                    $0.creationDate = machine.createdAt
                }
            }
        }
    }

    public func validateStateMachineDefinition(
        _ input: StepFunctions.ValidateStateMachineDefinitionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.ValidateStateMachineDefinitionOutput {
        let compiled = StateMachineDefinition.compile(
            input.definition, type: input.type?.rawValue == "EXPRESS" ? .express : .standard,
            allowsPlaceholders: false)
        let wantsWarnings = input.severity?.rawValue == "WARNING"
        let wanted = compiled.diagnostics.filter { wantsWarnings || $0.severity == .error }
        let limit = input.maxResults.flatMap { $0 > 0 ? $0 : nil } ?? 100
        return StepFunctions.ValidateStateMachineDefinitionOutput {
            $0.result = compiled.isValid ? "OK" : "FAIL"
            $0.truncated = wanted.count > limit
            $0.diagnostics = wanted.prefix(limit).map { diagnostic in
                StepFunctions.ValidateStateMachineDefinitionDiagnostic {
                    $0.severity = diagnostic.severity == .error ? "ERROR" : "WARNING"
                    $0.code = diagnostic.code.rawValue
                    $0.message = diagnostic.message
                    $0.location = diagnostic.location
                }
            }
        }
    }

    public func listTagsForResource(
        _ input: StepFunctions.ListTagsForResourceInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.ListTagsForResourceOutput {
        let tags = try await answer { () async throws(WorkflowError) in try await engine.tags(of: input.resourceArn) }
        return StepFunctions.ListTagsForResourceOutput {
            $0.tags = tags.map { tag in
                StepFunctions.Tag {
                    $0.key = tag.key
                    $0.value = tag.value
                }
            }
        }
    }

    public func tagResource(
        _ input: StepFunctions.TagResourceInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.TagResourceOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.tag(
                input.resourceArn, Self.tags(input.tags))
        }
        return StepFunctions.TagResourceOutput()
    }

    public func untagResource(
        _ input: StepFunctions.UntagResourceInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.UntagResourceOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.untag(input.resourceArn, keys: input.tagKeys)
        }
        return StepFunctions.UntagResourceOutput()
    }
}
