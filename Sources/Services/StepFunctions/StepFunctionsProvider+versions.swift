import AWSModels
import Core
import Wire
import Workflows

extension StepFunctionsProvider {
    public func publishStateMachineVersion(
        _ input: StepFunctions.PublishStateMachineVersionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.PublishStateMachineVersionOutput {
        let version = try await answer { () async throws(WorkflowError) in
            try await engine.publishVersion(
                of: input.stateMachineArn, revision: input.revisionId, description: input.description)
        }
        return StepFunctions.PublishStateMachineVersionOutput {
            $0.creationDate = version.createdAt
            $0.stateMachineVersionArn = version.versionARN ?? version.arn
        }
    }

    public func listStateMachineVersions(
        _ input: StepFunctions.ListStateMachineVersionsInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.ListStateMachineVersionsOutput {
        let page = try await answer { () async throws(WorkflowError) in
            try await engine.versions(
                of: input.stateMachineArn, maxResults: input.maxResults, nextToken: input.nextToken)
        }
        return StepFunctions.ListStateMachineVersionsOutput {
            $0.nextToken = page.nextToken
            $0.stateMachineVersions = page.items.map { version in
                StepFunctions.StateMachineVersionListItem {
                    $0.stateMachineVersionArn = version.versionARN ?? version.arn
                    $0.creationDate = version.createdAt
                }
            }
        }
    }

    public func deleteStateMachineVersion(
        _ input: StepFunctions.DeleteStateMachineVersionInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DeleteStateMachineVersionOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.deleteVersion(input.stateMachineVersionArn)
        }
        return StepFunctions.DeleteStateMachineVersionOutput()
    }

    // MARK: Aliases

    private static func routing(_ items: [StepFunctions.RoutingConfigurationListItem]) -> [StateMachineAlias.Route] {
        items.map { StateMachineAlias.Route(versionARN: $0.stateMachineVersionArn, weight: Int64($0.weight)) }
    }

    public func createStateMachineAlias(
        _ input: StepFunctions.CreateStateMachineAliasInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.CreateStateMachineAliasOutput {
        let alias = try await answer { () async throws(WorkflowError) in
            try await engine.createAlias(
                name: input.name, description: input.description, routing: Self.routing(input.routingConfiguration))
        }
        return StepFunctions.CreateStateMachineAliasOutput {
            $0.stateMachineAliasArn = alias.arn
            $0.creationDate = alias.createdAt
        }
    }

    public func updateStateMachineAlias(
        _ input: StepFunctions.UpdateStateMachineAliasInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.UpdateStateMachineAliasOutput {
        let alias = try await answer { () async throws(WorkflowError) in
            try await engine.updateAlias(
                input.stateMachineAliasArn, description: input.description,
                routing: input.routingConfiguration.map(Self.routing))
        }
        return StepFunctions.UpdateStateMachineAliasOutput { $0.updateDate = alias.updatedAt }
    }

    public func describeStateMachineAlias(
        _ input: StepFunctions.DescribeStateMachineAliasInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DescribeStateMachineAliasOutput {
        let alias = try await answer { () async throws(WorkflowError) in
            try await engine.alias(input.stateMachineAliasArn)
        }
        return StepFunctions.DescribeStateMachineAliasOutput {
            $0.stateMachineAliasArn = alias.arn
            $0.name = alias.name
            $0.description = alias.description
            $0.routingConfiguration = alias.routing.map { route in
                StepFunctions.RoutingConfigurationListItem {
                    $0.stateMachineVersionArn = route.versionARN
                    $0.weight = Int(route.weight)
                }
            }
            $0.creationDate = alias.createdAt
            $0.updateDate = alias.updatedAt
        }
    }

    public func listStateMachineAliases(
        _ input: StepFunctions.ListStateMachineAliasesInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.ListStateMachineAliasesOutput {
        let page = try await answer { () async throws(WorkflowError) in
            try await engine.aliases(
                of: input.stateMachineArn, maxResults: input.maxResults, nextToken: input.nextToken)
        }
        return StepFunctions.ListStateMachineAliasesOutput {
            $0.nextToken = page.nextToken
            $0.stateMachineAliases = page.items.map { alias in
                StepFunctions.StateMachineAliasListItem {
                    $0.stateMachineAliasArn = alias.arn
                    $0.creationDate = alias.createdAt
                }
            }
        }
    }

    public func deleteStateMachineAlias(
        _ input: StepFunctions.DeleteStateMachineAliasInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DeleteStateMachineAliasOutput {
        try await answer { () async throws(WorkflowError) in
            try await engine.deleteAlias(input.stateMachineAliasArn)
        }
        return StepFunctions.DeleteStateMachineAliasOutput()
    }
}
