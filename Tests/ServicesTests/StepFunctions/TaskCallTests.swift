import AWSModels
import Core
import Events
import Testing

@testable import Services
@testable import Workflows

/// What tasks ask of services, and what is told of executions.
@Suite struct TaskCallTests {
    private static let scope = Scope(account: "111111111111", region: "eu-west-1")

    @Test(
        arguments: [
            ([:], "{}"), (["Payload": nil], "{}"), (["Payload": ["a": 1]], #"{"a":1}"#),
            (["Payload": "\"text\""], "\"text\""),
            (["Payload": "0.0"], "0.0"), (["Payload": "no JSON"], "no JSON"),
        ] as [(JSONObject, String)]) func payloadsOfFunctions(added: JSONObject, payload: String) throws
    {
        var parameters = added
        parameters["FunctionName"] = "f"
        let request = try LambdaRequest(.object(parameters), Self.scope)
        #expect(String(decoding: request.payload, as: UTF8.self) == payload)
        #expect(request.arn.description == "arn:aws:lambda:eu-west-1:111111111111:function:f")
    }

    @Test func errorsThatModelsLeaveOutHaveNoClass() {
        let names = SDKService.optimized("sqs")
        #expect(names.exceptionName("MissingRequiredParameterException", SQS.model) == "AmazonSQSException")
        #expect(names.exceptionName("QueueDoesNotExist", SQS.model) == "QueueDoesNotExistException")
    }

    @Test(
        arguments: [
            (ExecutionStatus.running, "NOT_REDRIVABLE", "Execution is RUNNING and cannot be redriven"),
            (.succeeded, "NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven"),
            (.failed, "REDRIVABLE", nil),
        ] as [(ExecutionStatus, String, String?)])
    func eventsSayWhetherExecutionsCanBeRedriven(status: ExecutionStatus, redrive: String, reason: String?) throws {
        let detail = try JSON(parsing: WorkflowEvents.event(Self.execution(status)).detail)
        #expect(detail["redriveStatus"]?.stringValue == redrive)
        #expect(detail["redriveStatusReason"]?.stringValue == reason)
    }

    private static func execution(_ status: ExecutionStatus) -> ExecutionRecord {
        ExecutionRecord(
            id: 1, arn: "arn:aws:states:eu-west-1:111111111111:execution:m:e",
            machineARN: "arn:aws:states:eu-west-1:111111111111:stateMachine:m", name: "e", definition: 1, roleARN: "r",
            settings: [:], status: status, input: "{}", failure: ErrorOutput(error: nil, cause: nil),
            startedAt: Timestamp(milliseconds: 59_999), redriveCount: 0, eventCount: 3)
    }

    @Test func executionsLogToOneStreamWheneverTheyEnd() {
        var execution = Self.execution(.running)
        let stream = "states/m/1970-01-01-00-00/00000000"
        #expect(WorkflowEvents.stream(of: execution) == stream)
        execution.status = .succeeded
        execution.stoppedAt = Timestamp(milliseconds: 60_001)
        #expect(WorkflowEvents.stream(of: execution) == stream)
    }
}
