import Core
import StatesLanguage

/// What workers and callbacks send.
extension WorkflowEngine {
    private func token(_ text: String) throws(WorkflowError) -> TaskToken {
        guard let token = TaskToken(text) else { throw .invalidToken }
        return token
    }

    private func send(_ kind: (TaskID) -> Signal.Kind, token text: String) async throws(WorkflowError) {
        let token = try token(text)
        do throws(WorkflowError) {
            _ = try await send(kind(token.task), to: token.execution, token: token)
        } catch {
            throw error.code == .executionDoesNotExist ? .invalidToken : error
        }
    }

    /// `SendTaskSuccess`.
    ///
    /// - Throws: `InvalidToken`, `TaskTimedOut`, `InvalidOutput` when the output is not JSON.
    public func sendTaskSuccess(token: String, output: String) async throws(WorkflowError) {
        _ = try self.token(token)
        let parsed: JSON
        do throws(JSONParseError) {
            parsed = try JSON(parsing: output)
        } catch {
            throw WorkflowError(.invalidOutput, "Invalid Output: '\(error)'")
        }
        try await send({ .taskSucceeded($0, output: parsed) }, token: token)
    }

    /// `SendTaskFailure`.
    public func sendTaskFailure(token: String, error: String?, cause: String?) async throws(WorkflowError) {
        try await send({ .taskFailed($0, ErrorOutput(error: error, cause: cause)) }, token: token)
    }

    /// `SendTaskHeartbeat`.
    public func sendTaskHeartbeat(token: String) async throws(WorkflowError) {
        try await send({ .heartbeat($0) }, token: token)
    }

    /// `GetActivityTask`: waits up to a minute for a task; nil when none came.
    public func activityTask(of activity: String, worker: String?) async throws(WorkflowError) -> ActivityTask? {
        _ = try await describeActivity(activity)
        let deadline = clock.now.adding(milliseconds: options.activityPoll)
        while let task = await activities.take(from: activity, until: deadline) {
            guard let token = TaskToken(task.token) else { continue }
            do throws(WorkflowError) {
                _ = try await send(.taskStarted(task.task, worker: worker), to: task.execution, token: token)
                return task
            } catch {
                // The task has timed out or its execution ended: the next one, then.
                guard error.code == .taskTimedOut || error.code == .executionDoesNotExist else { throw error }
            }
        }
        return nil
    }
}
