public import AWSModels
import Core
import Messaging
public import Wire

extension SQSProvider {
    public func startMessageMoveTask(
        _ input: SQS.StartMessageMoveTaskRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.StartMessageMoveTaskResult {
        try Self.requireARN(input.sourceArn, "SourceArn", context)
        if let destination = input.destinationArn { try Self.requireARN(destination, "DestinationArn", context) }
        if let rate = input.maxNumberOfMessagesPerSecond, !(1...500).contains(rate) {
            throw Self.refusal(
                "Value for parameter MaxNumberOfMessagesPerSecond is invalid. You must specify a value between 1 and "
                    + "500.", context)
        }
        let task = try await answering(context) {
            try await queues.startMoveTask(
                from: input.sourceArn, to: input.destinationArn, rate: input.maxNumberOfMessagesPerSecond)
        }
        if let queue = queues.queue(task.source) { recordRead(of: queue) }
        return SQS.StartMessageMoveTaskResult { $0.taskHandle = task.handle }
    }

    public func listMessageMoveTasks(
        _ input: SQS.ListMessageMoveTasksRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.ListMessageMoveTasksResult {
        try Self.requireARN(input.sourceArn, "SourceArn", context)
        let limit = input.maxResults ?? 1
        guard (1...10).contains(limit) else {
            throw Self.refusal(
                "Value for parameter MaxResults is invalid. You must specify a value between 1 and 10.", context)
        }
        let tasks = try await answering(context) {
            try await queues.moveTasks(of: input.sourceArn, limit: limit)
        }
        if let queue = queues.queue(input.sourceArn) { recordRead(of: queue) }
        return SQS.ListMessageMoveTasksResult { $0.results = tasks.map(Self.shape) }
    }

    public func cancelMessageMoveTask(
        _ input: SQS.CancelMessageMoveTaskRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.CancelMessageMoveTaskResult {
        let moved = try await answering(context) { try await queues.cancelMoveTask(handle: input.taskHandle) }
        return SQS.CancelMessageMoveTaskResult { $0.approximateNumberOfMessagesMoved = moved }
    }

    private static func requireARN(_ text: String, _ name: String, _ context: RequestContext) throws(AWSError) {
        guard let arn = ARN(text), arn.service == "sqs" else {
            throw refusal(
                "You must use this format to specify the \(name): "
                    + "arn:<partition>:<service>:<region>:<account-id>:<resource-id>", context)
        }
    }

    private static func shape(_ task: MessageMoveTask) -> SQS.ListMessageMoveTasksResultEntry {
        SQS.ListMessageMoveTasksResultEntry {
            if task.status == .running { $0.taskHandle = task.handle }
            $0.status = task.status.rawValue
            $0.sourceArn = task.source
            $0.destinationArn = task.destination
            $0.maxNumberOfMessagesPerSecond = task.rate
            $0.approximateNumberOfMessagesMoved = task.moved
            $0.approximateNumberOfMessagesToMove = task.toMove
            $0.failureReason = task.failure
            $0.startedTimestamp = Int(task.startedAt.milliseconds)
        }
    }
}
