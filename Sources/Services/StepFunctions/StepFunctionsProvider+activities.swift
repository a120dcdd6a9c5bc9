import AWSModels
import Core
import Wire
import Workflows

extension StepFunctionsProvider {
    public func createActivity(
        _ input: StepFunctions.CreateActivityInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.CreateActivityOutput {
        var settings = JSONObject()
        if let encryption = Self.json(input.encryptionConfiguration) {
            settings["encryptionConfiguration"] = encryption
        }
        let kept = settings
        let activity = try await answer { () async throws(WorkflowError) in
            try await engine.createActivity(
                name: input.name, settings: kept, tags: Self.tags(input.tags), scope: context.scope)
        }
        return StepFunctions.CreateActivityOutput {
            $0.activityArn = activity.arn
            $0.creationDate = activity.createdAt
        }
    }

    public func describeActivity(
        _ input: StepFunctions.DescribeActivityInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DescribeActivityOutput {
        let activity = try await answer { () async throws(WorkflowError) in
            try await engine.describeActivity(input.activityArn)
        }
        return StepFunctions.DescribeActivityOutput {
            $0.activityArn = activity.arn
            $0.name = activity.name
            $0.creationDate = activity.createdAt
            $0.encryptionConfiguration =
                Self.shape(activity.settings["encryptionConfiguration"])
                ?? StepFunctions.EncryptionConfiguration { $0.type = "AWS_OWNED_KEY" }
        }
    }

    public func deleteActivity(
        _ input: StepFunctions.DeleteActivityInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.DeleteActivityOutput {
        try await answer { () async throws(WorkflowError) in try await engine.deleteActivity(input.activityArn) }
        return StepFunctions.DeleteActivityOutput()
    }

    public func listActivities(
        _ input: StepFunctions.ListActivitiesInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.ListActivitiesOutput {
        let page = try await answer { () async throws(WorkflowError) in
            try await engine.activities(
                scope: context.scope, maxResults: input.maxResults, nextToken: input.nextToken)
        }
        return StepFunctions.ListActivitiesOutput {
            $0.nextToken = page.nextToken
            $0.activities = page.items.map { activity in
                StepFunctions.ActivityListItem {
                    $0.activityArn = activity.arn
                    $0.name = activity.name
                    $0.creationDate = activity.createdAt
                }
            }
        }
    }

    public func getActivityTask(
        _ input: StepFunctions.GetActivityTaskInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.GetActivityTaskOutput {
        let task = try await answer { () async throws(WorkflowError) in
            try await engine.activityTask(of: input.activityArn, worker: input.workerName)
        }
        guard let task else { return StepFunctions.GetActivityTaskOutput() }
        return StepFunctions.GetActivityTaskOutput {
            $0.taskToken = task.token
            $0.input = task.input.text()
        }
    }
}
