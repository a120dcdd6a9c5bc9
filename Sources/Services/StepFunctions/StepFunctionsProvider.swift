import AWSModels
import Core
public import Logs
import Wire
import Workflows

/// AWS Step Functions on the workflow engine.
public struct StepFunctionsProvider: StepFunctions.API {
    let engine: WorkflowEngine
    /// The services of the host, whose answers mocked results are checked against.
    let services: InProcessServices

    /// Where machines may be told to log to; nil when that is not to be checked.
    let logs: LogService?

    public init(
        _ engine: WorkflowEngine, services: InProcessServices = InProcessServices(), logs: LogService? = nil
    ) {
        self.engine = engine
        self.services = services
        self.logs = logs
    }

    /// Gives the engine's errors their names on the wire.
    func answer<Value>(_ body: () async throws(WorkflowError) -> Value) async throws(AWSError) -> Value {
        do throws(WorkflowError) {
            return try await body()
        } catch {
            throw AWSError(error.code.rawValue, error.message, status: error.code == .unavailable ? 503 : 400)
        }
    }

    static let included = StepFunctions.CloudWatchEventsExecutionDataDetails { $0.included = true }
    static let leftOut = StepFunctions.CloudWatchEventsExecutionDataDetails { $0.included = false }

    /// A structure of the API as the engine keeps it: JSON by its names on the wire.
    static func json(_ shape: (some Shape)?) -> JSON? {
        shape.flatMap { try? JSON(parsing: JSONCodec.bytes($0.record)) }
    }

    static func shape<Kind: Shape>(_ json: JSON?) -> Kind? {
        guard let json, let record = try? JSONCodec.record(json.bytes(), Kind.schema) else { return nil }
        return Kind(record: record)
    }

    static func tags(_ tags: [StepFunctions.Tag]?) -> [Workflows.Tag] {
        (tags ?? []).map { Workflows.Tag(key: $0.key ?? "", value: $0.value ?? "") }
    }
}
