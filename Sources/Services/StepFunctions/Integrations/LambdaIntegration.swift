public import Core
import Functions
import NIOCore
import StatesLanguage
import Wire
public import Workflows

/// Tasks on functions: a function's ARN as the resource, and `lambda:invoke`.
public struct LambdaIntegration: TaskIntegration {
    let functions: FunctionInvoker
    /// Takes what is more than a call: asynchronous invocations.
    let services: AWSServiceIntegration
    let clock: any HostClock
    let random: any RandomSource

    public init(
        _ functions: FunctionInvoker, services: AWSServiceIntegration, clock: any HostClock,
        random: any RandomSource = SystemRandomSource()
    ) {
        self.functions = functions
        self.services = services
        self.clock = clock
        self.random = random
    }

    public func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON {
        switch task.resource.kind {
        case .lambda(let arn):
            let result = try await invoke(LambdaRequest(arn: arn, payload: task.parameters), task)
            if case .functionError(let type) = result.outcome {
                throw TaskFailure(error: type, cause: String(buffer: result.payload))
            }
            return Self.payload(result)
        default: break
        }
        let type = task.parameters["InvocationType"]?.stringValue ?? "RequestResponse"
        guard type == "RequestResponse" else { return try await services.start(task) }
        let request: LambdaRequest
        do {
            request = try LambdaRequest(task.parameters, task.scope)
        } catch {
            throw .parameters(task.parameters, error.message)
        }
        let result = try await invoke(request, task)
        if case .functionError(let type) = result.outcome {
            // This integration tells errors without white space, however the function wrote them.
            let parsed = try? JSON(parsing: Array(result.payload.readableBytesView))
            throw TaskFailure(error: type, cause: parsed?.text() ?? String(buffer: result.payload))
        }
        return answer(result)
    }

    private func invoke(_ request: LambdaRequest, _ task: TaskInvocation) async throws(TaskFailure) -> InvocationResult
    {
        var context = InvocationContext(
            requestID: functions.makeRequestID(), clientContext: request.clientContext,
            wantsLogTail: request.wantsLogTail, execution: task.execution.arn)
        guard let function = functions.directory.resolve(request.arn.description) else {
            throw failure(
                InvocationRejection(.notFound, "Function not found: \(request.qualifiedARN)"), context.requestID)
        }
        guard (try? JSON(parsing: request.payload)) != nil else {
            throw failure(PayloadObjection(request.payload).error, context.requestID)
        }
        context.invokedFunctionARN = request.arn
        let result = await functions.invoke(function, payload: ByteBuffer(bytes: request.payload), context: context)
        if case .rejected(let rejection) = result.outcome { throw failure(rejection, result.requestID) }
        return result
    }

    private func failure(_ rejection: InvocationRejection, _ requestID: String) -> TaskFailure {
        failure(AWSError(rejection.code, rejection.message, status: rejection.status), requestID)
    }

    private func failure(_ error: AWSError, _ requestID: String) -> TaskFailure {
        TaskFailure(
            error: "Lambda.\(error.code)",
            cause: "\(error.message ?? "null") (Service: AWSLambda; Status Code: \(error.status ?? 400); Error Code: "
                + "\(error.code); Request ID: \(requestID); Proxy: null)")
    }

    private static func payload(_ result: InvocationResult) -> JSON {
        (try? JSON(parsing: Array(result.payload.readableBytesView))) ?? .string(String(buffer: result.payload))
    }

    private func answer(_ result: InvocationResult) -> JSON {
        let log = result.logTail.map { Base64.encode($0) }
        var members: JSONObject = ["ExecutedVersion": .string(result.executedVersion)]
        if let log { members["LogResult"] = .string(log) }
        members["Payload"] = Self.payload(result)
        var headers: [(String, String)] = []
        if let log { headers.append(("X-Amz-Log-Result", log)) }
        headers += [
            ("X-Amz-Executed-Version", result.executedVersion), ("x-amzn-Remapped-Content-Length", "0"),
            ("Connection", "keep-alive"), ("x-amzn-RequestId", result.requestID),
            ("Content-Length", String(result.payload.readableBytes)), ("Date", CivilTime(clock.now).httpDate),
            ("X-Amzn-Trace-Id", traceID()), ("Content-Type", "application/json"),
        ]
        members = SDKResponseMetadata.adding(headers, requestID: result.requestID, to: members)
        members["StatusCode"] = 200
        return .object(members)
    }

    /// `Root=1-<seconds in hexadecimal>-<24 digits>;Parent=<16 digits>;Sampled=0;Lineage=1:<8 digits>:0`
    private func traceID() -> String {
        func digits(_ count: Int) -> String {
            let text = String(random.nextUInt64(), radix: 16) + String(random.nextUInt64(), radix: 16)
            return String((text + String(repeating: "0", count: 32)).prefix(count))
        }
        let seconds = String(clock.now.milliseconds / 1000, radix: 16)
        return "Root=1-\(seconds)-\(digits(24));Parent=\(digits(16));Sampled=0;Lineage=1:\(digits(8)):0"
    }
}
