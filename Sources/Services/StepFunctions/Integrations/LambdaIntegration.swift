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
            let request = LambdaRequest(arn: arn, payload: task.parameters)
            return Self.payload(try await invoke(request, task))
        default: break
        }
        let type = task.parameters["InvocationType"]?.stringValue ?? "RequestResponse"
        guard type == "RequestResponse" else { return try await services.start(task) }
        let scope = Scope(account: task.execution.account, region: task.execution.region)
        let request: LambdaRequest
        do {
            request = try LambdaRequest(task.parameters, scope)
        } catch {
            throw .parameters(task.parameters, error.message)
        }
        return answer(try await invoke(request, task))
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
        context.invokedFunctionARN = request.arn
        let result = await functions.invoke(
            function, payload: ByteBuffer(bytes: request.payload.bytes()), context: context)
        switch result.outcome {
        case .success: return result
        case .rejected(let rejection): throw failure(rejection, result.requestID)
        case .functionError(let type):
            // Errors are told without white space, however the function wrote them.
            let parsed = try? JSON(parsing: Array(result.payload.readableBytesView))
            throw TaskFailure(error: type, cause: parsed?.text() ?? String(buffer: result.payload))
        }
    }

    private func failure(_ rejection: InvocationRejection, _ requestID: String) -> TaskFailure {
        TaskFailure(
            error: "Lambda.\(rejection.code)",
            cause: "\(rejection.message) (Service: AWSLambda; Status Code: \(rejection.status); Error Code: "
                + "\(rejection.code); Request ID: \(requestID); Proxy: null)")
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
