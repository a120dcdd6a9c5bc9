import AWSModels
import Core
import Wire
import Workflows

extension StepFunctionsProvider {
    public func testState(
        _ input: StepFunctions.TestStateInput, _ context: RequestContext
    ) async throws(AWSError) -> StepFunctions.TestStateOutput {
        let test = try test(input)
        let result = try await answer { () async throws(WorkflowError) in
            try await engine.testState(test, scope: context.scope)
        }
        let level = input.inspectionLevel?.rawValue ?? "INFO"
        return StepFunctions.TestStateOutput {
            $0.output = result.output
            $0.error = result.error
            $0.cause = result.cause
            if level != "INFO" { $0.inspectionData = Self.inspection(result.inspection, isTrace: level == "TRACE") }
            $0.nextState = result.nextState
            $0.status = .init(rawValue: result.status.rawValue)
        }
    }

    private func test(_ input: StepFunctions.TestStateInput) throws(AWSError) -> StateTest {
        var test = StateTest(definition: input.definition, stateName: input.stateName, input: input.input ?? "{}")
        test.roleARN = input.roleArn
        test.context = input.context
        test.variables = input.variables
        test.revealsSecrets = input.revealSecrets ?? false
        test.mock = try input.mock.map(Self.mock)
        let checked = MockedResult(
            mode: input.mock?.fieldValidationMode.flatMap { MockedResult.Mode(rawValue: $0.rawValue) } ?? .strict)
        test.checkResult = { [services] result, integration in
            MockedResult.shape(of: integration, in: services).flatMap { checked.problem(result, $0) }
        }
        test.retrierRetryCount = input.stateConfiguration?.retrierRetryCount.map(Int64.init)
        test.errorCausedByState = input.stateConfiguration?.errorCausedByState
        test.mapIterationFailureCount = input.stateConfiguration?.mapIterationFailureCount.map(Int64.init)
        test.mapItemReaderData = input.stateConfiguration?.mapItemReaderData
        return test
    }

    private static func mock(_ input: StepFunctions.MockInput) throws(AWSError) -> StateTest.Mock {
        switch (input.result, input.errorOutput) {
        case (let result?, nil): return .result(result)
        case (nil, let failure?): return .failure(error: failure.error, cause: failure.cause)
        case (_?, _?):
            throw AWSError(
                "ValidationException",
                "A test mock should have only one of the following fields: [result, errorOutput].")
        case (nil, nil):
            throw AWSError(
                "ValidationException",
                "A test mock must have at least one of the following fields: [result, errorOutput].")
        }
    }

    private static func inspection(
        _ data: Workflows.InspectionData, isTrace: Bool
    ) -> StepFunctions.InspectionData {
        StepFunctions.InspectionData {
            $0.input = data.input
            $0.afterArguments = data.afterArguments
            $0.afterInputPath = data.afterInputPath
            $0.afterParameters = data.afterParameters
            $0.result = data.result
            $0.afterResultSelector = data.afterResultSelector
            $0.afterResultPath = data.afterResultPath
            $0.afterItemsPath = data.afterItemsPath
            $0.afterItemSelector = data.afterItemSelector
            $0.variables = data.variables
            $0.maxConcurrency = data.maxConcurrency.map { Int($0) }
            $0.toleratedFailureCount = data.toleratedFailureCount.map { Int($0) }
            $0.toleratedFailurePercentage = data.toleratedFailurePercentage
            if isTrace, let exchange = data.exchange {
                $0.request = request(exchange)
                $0.response = exchange.response.map { response($0, exchange.protocol) }
            }
            if data.catchIndex != nil || data.retryIndex != nil {
                $0.errorDetails = StepFunctions.InspectionErrorDetails {
                    $0.catchIndex = data.catchIndex.map { Int($0) }
                    $0.retryIndex = data.retryIndex.map { Int($0) }
                    $0.retryBackoffIntervalSeconds = data.retryBackoffIntervalSeconds.map { Int($0) }
                }
            }
        }
    }

    private static func request(_ exchange: TaskTrace.HTTPExchange) -> StepFunctions.InspectionDataRequest {
        StepFunctions.InspectionDataRequest {
            $0.protocol = exchange.protocol
            $0.method = exchange.method
            $0.url = exchange.url
            $0.headers = exchange.headers
            $0.body = exchange.body
        }
    }

    private static func response(
        _ response: TaskTrace.Response, _ protocolName: String
    ) -> StepFunctions.InspectionDataResponse {
        StepFunctions.InspectionDataResponse {
            $0.protocol = protocolName
            $0.statusCode = String(response.statusCode)
            $0.statusMessage = response.statusMessage
            $0.headers = response.headers
            $0.body = response.body
        }
    }
}
