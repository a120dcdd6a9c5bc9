import Core
public import Events
import Storage
public import OutgoingHTTP
import StatesLanguage
public import Workflows

/// `http:invoke`: requests to services on the web, with the credentials of a connection.
public struct HTTPTaskIntegration: TaskIntegration {
    private let http: HTTPClient
    private let buses: BusService
    private let tokens: ConnectionTokens

    public init(_ http: HTTPClient, buses: BusService, tokens: ConnectionTokens) {
        self.http = http
        self.buses = buses
        self.tokens = tokens
    }

    public func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON { try await invoke(task, nil) }

    public func start(_ task: TaskInvocation, tracing trace: TaskTrace) async throws(TaskFailure) -> JSON {
        try await invoke(task, trace)
    }

    private func invoke(_ task: TaskInvocation, _ trace: TaskTrace?) async throws(TaskFailure) -> JSON {
        let region = task.scope.region
        let request: HTTPTaskRequest
        let connection: EventEndpoint
        do {
            let parameters = try HTTPTaskParameters(task.parameters)
            connection = try await self.connection(parameters.connectionARN)
            let secrets = ConnectionParameters(connection, token: try await token(of: connection))
            request = try HTTPTaskRequest(parameters, secrets, region: region)
            if let trace {
                let shown = trace.revealsSecrets ? request : try HTTPTaskRequest(parameters, nil, region: region)
                trace.record(shown.shown)
            }
        } catch let failure as TaskFailure {
            throw failure
        } catch let problem as TaskParameterProblem {
            throw .parameters(task.parameters, problem.message)
        } catch {
            throw Self.connectionFailure("InternalError", String(describing: error))
        }
        let response = try await send(request.request)
        if response.status == 401 { tokens.forget(connection) }
        trace?.record(Self.shown(response))
        return try HTTPTaskResult(response).json()
    }

    private func send(_ request: HTTPRequest) async throws(TaskFailure) -> HTTPResponse {
        do {
            return try await http.send(request)
        } catch let error as HTTPClientError where error.kind == .tooLarge {
            throw .tooLarge("http")
        } catch let error as HTTPClientError where error.kind == .invalidRequest || error.kind == .refusedAddress {
            throw TaskFailure(error: ErrorName.runtime, cause: error.description)
        } catch {
            throw TaskFailure(error: "States.Http.Socket", cause: String(describing: error))
        }
    }

    // MARK: Connections

    private func connection(_ arn: String) async throws -> EventEndpoint {
        let buses = buses
        let found = try await buses.database.read { transaction in try buses.endpoint(arn: arn, in: transaction) }
        guard let found, found.kind == .connection else {
            throw Self.connectionFailure("ResourceNotFound", "Connection '\(arn)' does not exist.")
        }
        guard found.state == "AUTHORIZED" || found.state == "AUTHORIZING" else {
            throw Self.connectionFailure("InvalidConnectionState", "Connection '\(arn)' is \(found.state).")
        }
        return found
    }

    private func token(of connection: EventEndpoint) async throws -> String? {
        do {
            return try await tokens.token(of: connection)
        } catch let error as HTTPClientError {
            throw Self.connectionFailure("InvalidConnectionState", error.description)
        }
    }

    private static func connectionFailure(_ name: String, _ cause: String) -> TaskFailure {
        TaskFailure(error: "Events.ConnectionResource.\(name)", cause: cause)
    }

    private static func shown(_ response: HTTPResponse) -> TaskTrace.Response {
        TaskTrace.Response(
            statusCode: response.status, statusMessage: HTTPTaskResult.statusText(response.status),
            headers: HTTPTaskRequest.shown(response.headers), body: String(decoding: response.body, as: UTF8.self))
    }
}
