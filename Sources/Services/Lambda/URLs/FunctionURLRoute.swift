public import Core
import Functions
import NIOCore
public import Wire

/// Answers requests to function URLs, by host name (`<id>.lambda-url.<region>.<domain>`) and by path
/// (`/_lambda/url/<id>/`). It has the form of the gateway's HTTP routes.
public struct FunctionURLRoute: Sendable {
    public static let pathPrefix = "/_lambda/url/"

    let invoker: FunctionInvoker
    let access: FunctionURLAccess
    let clock: any HostClock

    public init(invoker: FunctionInvoker, access: FunctionURLAccess, clock: any HostClock) {
        self.invoker = invoker
        self.access = access
        self.clock = clock
    }

    /// Pages of other origins may call functions, as far as the URL's own rules let them.
    public var isControlPlane: Bool { false }

    public var bodyLimit: Int? { LambdaProvider.synchronousLimit }

    public func accepts(_ request: WireRequest) -> Bool {
        // Every request is asked, and few are for functions.
        let mayBeMeant =
            request.path.hasPrefix(Self.pathPrefix)
            || request.headers["Host"]?.asciiLowercased.hasBytes("lambda-url")
                ?? false
        return mayBeMeant && Address(request) != nil
    }

    /// What a request's host and path say of the function URL that is meant.
    private struct Address {
        var id: String
        var path: String
        /// Reached by path: the host name says nothing of the function.
        var isPath = false

        init?(_ request: WireRequest) {
            let host = (request.headers["Host"] ?? "").asciiLowercased
            let labels = host.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
            if labels.count == 3, labels[1] == "lambda-url", !labels[0].isEmpty {
                id = String(labels[0])
                path = request.path.isEmpty ? "/" : request.path
                return
            }
            guard request.path.hasPrefix(FunctionURLRoute.pathPrefix) else { return nil }
            let rest = request.path.dropFirst(FunctionURLRoute.pathPrefix.count)
            id = String(rest.prefix { $0 != "/" })
            path = String(rest.dropFirst(id.count))
            if path.isEmpty { path = "/" }
            isPath = true
        }
    }

    public func respond(to request: WireRequest, peer: String) async -> WireResponse {
        guard let address = Address(request), let target = invoker.directory.url(address.id) else {
            let wasThere = Address(request).map { invoker.directory.isFormerURL($0.id) } ?? false
            return wasThere
                ? Self.refusal(FunctionURLAccess.forbidden) : Self.refusal(403, "AccessDeniedException", .null)
        }
        let origin = request.headers["Origin"]
        let rules = target.url.cors.map(CORSRules.init)
        if request.method == "OPTIONS", let rules, let origin,
            request.headers["Access-Control-Request-Method"] != nil
        {
            return WireResponse(status: 200, headers: HTTPFields(rules.preflightFields(origin: origin)))
        }
        var response: WireResponse
        do throws(AWSError) {
            response = try await answer(request, address, target, peer)
        } catch {
            response = Self.refusal(error)
        }
        if let rules, let origin {
            for field in rules.fields(origin: origin) { response.headers[field.name] = field.value }
        }
        return response
    }

    private func answer(
        _ request: WireRequest, _ address: Address, _ target: URLTarget, _ peer: String
    ) async throws(AWSError) -> WireResponse {
        let requestID = invoker.makeRequestID()
        let body: [UInt8]
        do { body = try await request.body.collect(upTo: LambdaProvider.synchronousLimit) } catch {
            return Self.refusal(413, "RequestEntityTooLargeException", "Request Too Long")
        }
        guard let function = invoker.directory.resolve(target.name, qualifier: target.qualifier, target.scope) else {
            return Self.refusal(403, "AccessDeniedException", .null)
        }
        var event = HTTPEvent(request, body: body, peer: peer)
        // Addresses end with a slash, to which callers add paths that begin with one.
        event.path = "/" + address.path.drop { $0 == "/" }
        event.apiID = target.url.id
        if address.isPath {
            event.domainName = "\(target.url.id).lambda-url.\(target.scope.region).on.aws"
            event.headers["Host"] = event.domainName
        }
        if target.url.authType == "AWS_IAM" {
            let caller = try await access.caller(request, body, owner: target.scope)
            event.accountID = caller.account
            event.authorizer = caller.authorizer
        }
        let payload = ByteBuffer(bytes: event.bytes(requestID: requestID, at: clock.now))
        let context = InvocationContext(requestID: requestID, traceHeader: request.headers["X-Amzn-Trace-Id"])
        var response =
            target.url.streams
            ? await stream(function, payload, context) : await buffer(function, payload, context)
        response.headers["x-amzn-RequestId"] = requestID
        return response
    }

    private func buffer(
        _ function: ResolvedFunction, _ payload: ByteBuffer, _ context: InvocationContext
    ) async -> WireResponse {
        let result = await invoker.invoke(function, payload: payload, context: context)
        if let failure = Self.failure(result.outcome) { return failure }
        do throws(MalformedHTTPEventResponse) {
            return try HTTPEventResponse(payload: Array(result.payload.readableBytesView)).wire
        } catch {
            return Self.serverError
        }
    }

    // MARK: Failures

    static func failure(_ outcome: InvocationResult.Outcome) -> WireResponse? {
        switch outcome {
        case .success: nil
        case .functionError: serverError
        case .rejected(let rejection): refusal(rejection.status, rejection.code, .string(rejection.message))
        }
    }

    static let serverError = WireResponse(
        status: 502, headers: ["content-type": "application/json", "x-amzn-ErrorType": "InternalServerErrorException"],
        body: ByteStream(Array("Internal Server Error".utf8)))

    static func refusal(_ status: Int, _ code: String, _ message: JSON) -> WireResponse {
        WireResponse(
            status: status, headers: ["content-type": "application/json", "x-amzn-ErrorType": code],
            body: ByteStream(JSON.object(["Message": message]).bytes()))
    }

    private static func refusal(_ error: AWSError) -> WireResponse {
        refusal(error.status ?? 403, error.code, error.message.map(JSON.string) ?? .null)
    }
}
