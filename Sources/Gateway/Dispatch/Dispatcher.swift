public import Core
public import Wire

/// From a request to its response: identify, authenticate, decode, dispatch, encode. Knows nothing of sockets, so
/// that tests and clients in the same process use it directly.
public final class Dispatcher: Sendable {
    private let configuration: GatewayConfiguration
    private let routes: [any HTTPRoute]
    private let identifier: Identifier
    private let browserGuard: BrowserGuard
    private let authenticator: Authenticator
    private let random: any RandomSource

    public init(
        _ configuration: GatewayConfiguration, services: [AWSService], routes: [any HTTPRoute] = [],
        clock: any HostClock = SystemClock(), random: any RandomSource = SystemRandomSource()
    ) {
        self.configuration = configuration
        self.routes = routes
        let hosts = HostNames(domains: configuration.domains)
        identifier = Identifier(ServiceRegistry(services), hosts)
        browserGuard = BrowserGuard(hosts: hosts, allowedOrigins: Set(configuration.allowedOrigins))
        authenticator = Authenticator(configuration, clock: clock)
        self.random = random
    }

    /// What to do with a request, decided from its head.
    struct Plan: Sendable {
        enum Target: Sendable {
            case route(any HTTPRoute)
            case operation(Identification)
            /// A browser's question, with the bucket of a virtual host in the path.
            case preflight(any CrossOriginPolicy, WireRequest)
            /// Only the body tells.
            case form
            case refusal(AWSError, ProtocolName?)
        }

        var target: Target
        var signature: RequestSignature?
        /// Why a page of that origin is turned away, unless the target has a policy that admits it.
        var objection: AWSError?
        /// The largest body in bytes; nil when the body is to be streamed.
        var bodyLimit: Int?

        /// What pages of other origins may do with the target.
        var crossOrigin: (any CrossOriginPolicy)? {
            switch target {
            case .route(let route): route.crossOrigin
            case .operation(let found): found.service.crossOrigin
            case .preflight, .form, .refusal: nil
            }
        }

        /// The request as the policy above is asked about it.
        func subject(_ received: WireRequest) -> WireRequest {
            if case .operation(let found) = target { found.request } else { received }
        }

        /// Whether the operation waits for what others send, and takes it away.
        var takesFromOthers: Bool {
            guard case .operation(let found) = target, let name = found.operation?.name else { return false }
            return name == "ReceiveMessage" || name == "GetActivityTask"
        }

        /// What a caller is told whose body is larger than that.
        var objectionToSize: AWSError {
            guard case .operation(let found) = target, let operation = found.operation, let limit = operation.bodyLimit,
                limit == bodyLimit
            else { return .bodyTooLarge(limit: bodyLimit ?? 0) }
            return AWSError("RequestEntityTooLargeException", nil, status: 413).with(
                "Message", "Request must be smaller than \(limit) bytes for the \(operation.name) operation")
        }
    }

    // MARK: Planning

    func plan(_ request: WireRequest) -> Plan {
        let limit = configuration.limits.bodySize
        let route = routes.first { $0.accepts(request) }
        if let route, !route.isControlPlane { return Plan(target: .route(route), bodyLimit: route.bodyLimit) }
        if let objection = browserGuard.objectionToHost(of: request) {
            return Plan(target: .refusal(objection, nil), bodyLimit: limit)
        }
        if request.method == "OPTIONS", let (policy, request) = preflighted(request, route) {
            return Plan(target: .preflight(policy, request), bodyLimit: limit)
        }
        let objection = browserGuard.objectionToOrigin(of: request)
        var plan = route.map { Plan(target: .route($0), bodyLimit: $0.bodyLimit) } ?? identify(request, limit)
        guard let objection else { return plan }
        guard plan.crossOrigin != nil else { return Plan(target: .refusal(objection, nil), bodyLimit: limit) }
        plan.objection = objection
        return plan
    }

    private func preflighted(
        _ request: WireRequest, _ route: (any HTTPRoute)?
    ) -> (any CrossOriginPolicy, WireRequest)? {
        guard let route else { return identifier.preflighted(request) }
        return route.crossOrigin.map { ($0, request) }
    }

    private func identify(_ request: WireRequest, _ limit: Int) -> Plan {
        var service: String?
        do {
            let signature = try signature(request)
            service = signature?.scope.service
            // Without a signature, only the body of a form tells whose it is.
            if signature == nil, request.isForm { return Plan(target: .form, bodyLimit: limit) }
            guard let found = try identifier.identify(request, signingName: signature?.scope.service) else {
                return Plan(target: .form, signature: signature, bodyLimit: limit)
            }
            return Plan(
                target: .operation(found), signature: signature,
                bodyLimit: found.streamsInput ? nil : min(limit, found.operation?.bodyLimit ?? limit))
        } catch {
            let absence = identifier.absence(ofService: service)
            let name = protocolName(of: request, toService: service, isServed: absence == nil)
            return Plan(target: .refusal(absence ?? error, name), bodyLimit: limit)
        }
    }

    /// How a request that no operation was found for is made; nil where only the request itself suggests it. Most
    /// services that use paths answer in JSON, also those that are not here.
    private func protocolName(
        of request: WireRequest, toService service: String?, isServed: Bool
    ) -> ProtocolName? {
        if isServed, service.map({ identifier.registry.speaksOnlyJSON($0) }) != true { return nil }
        return request.headers["X-Amz-Target"] != nil ? .json10 : request.isForm ? .query : .restJSON
    }

    private func signature(_ request: WireRequest) throws(AWSError) -> RequestSignature? {
        do {
            return try RequestSignature(request)
        } catch {
            throw error.error(request.headers["X-Amz-Target"] == nil ? .restXML : .json10)
        }
    }

    // MARK: Answering

    /// Answers a request that came with its whole body or with a stream of it.
    public func respond(to request: WireRequest, peer: String = "127.0.0.1") async -> WireResponse {
        var head = request
        head.body = ByteStream([])
        return await respond(to: request, plan(head), peer: peer)
    }

    func respond(to request: WireRequest, _ plan: Plan, peer: String) async -> WireResponse {
        let requestID = UUIDText.random(using: random)
        if let objection = plan.objection, await plan.crossOrigin?.admits(plan.subject(request)) != true {
            return refusal(objection, nil, request, requestID)
        }
        var response = await respond(to: request, plan, peer, requestID)
        if let policy = plan.crossOrigin, request.headers["Origin"] != nil {
            response.headers.all += await policy.headers(for: plan.subject(request))
        }
        return response
    }

    private func respond(
        to request: WireRequest, _ plan: Plan, _ peer: String, _ requestID: String
    ) async -> WireResponse {
        switch plan.target {
        case .route(let route): return await route.respond(to: request, peer: peer)
        case .refusal(let error, let name): return refusal(error, name, request, requestID)
        case .preflight(let policy, let request): return await policy.preflight(request, requestID: requestID)
        case .operation(var found):
            found.request.body = request.body
            return await answer(found, request, plan.signature, peer, requestID)
        case .form:
            let service = plan.signature?.scope.service
            do throws(AWSError) {
                guard let found = try identifier.identify(request, signingName: service) else {
                    throw AWSError.unknownOperation("\(request.method) \(request.path)")
                }
                return await answer(found, request, plan.signature, peer, requestID)
            } catch {
                let absence = identifier.absence(ofService: service)
                let name = protocolName(of: request, toService: service, isServed: absence == nil)
                return refusal(absence ?? error, name, request, requestID)
            }
        }
    }

    private func answer(
        _ found: Identification, _ received: WireRequest, _ signature: RequestSignature?, _ peer: String,
        _ requestID: String
    ) async -> WireResponse {
        let wire = found.protocolName.implementation(accepting: received.headers["Accept"])
        let model = found.service.model
        do throws(AWSError) {
            var found = found
            try decompress(&found)
            let operation = if let known = found.operation { known } else { try action(found) }
            let legacy = signature == nil && found.protocolName == .restXML ? try legacySignature(received) : nil
            let caller = try caller(received, found, operation, signature, legacy)
            guard operation.isSupported else { throw .notImplemented(operation.name, of: model.traits.title) }
            var request = found.request
            let isPresigned = signature?.isPresigned ?? legacy?.isPresigned ?? false
            if isPresigned { RequestPreparation.hoist(&request) }
            try RequestPreparation.prepare(&request, operation, isSigned: signature != nil, caller)
            let input = try wire.decodeInput(request, operation, of: model)
            let context = context(found, operation, caller, peer, requestID)
            let output = try await found.service.call(operation, input, context)
            return try wire.encodeOutput(output, operation, of: model, requestID: requestID)
        } catch {
            return wire.encodeError(error, of: model, requestID: requestID)
        }
    }

    /// What is compressed in S3 is kept so.
    private func decompress(_ found: inout Identification) throws(AWSError) {
        guard found.protocolName != .restXML, found.request.headers["Content-Encoding"]?.lowercased() == "gzip",
            case .bytes(let bytes) = found.request.body.source
        else { return }
        found.request.body = ByteStream(
            try RequestCompression.decompress(bytes, limit: configuration.limits.bodySize))
    }

    /// - Parameter received: the request as it was signed.
    private func caller(
        _ received: WireRequest, _ found: Identification, _ operation: OperationSchema, _ signature: RequestSignature?,
        _ legacy: LegacySignature?
    ) throws(AWSError) -> Caller {
        let body: [UInt8]? = if case .bytes(let bytes) = received.body.source { bytes } else { nil }
        do throws(SignatureFailure) {
            if let legacy { return try authenticator.caller(found.request, legacy) }
            return try authenticator.caller(received, signature, isAnonymous: operation.isAnonymous, body: body)
        } catch {
            throw error.error(found.protocolName)
        }
    }

    private func legacySignature(_ request: WireRequest) throws(AWSError) -> LegacySignature? {
        do throws(SignatureFailure) {
            return try LegacySignature(request)
        } catch {
            throw error.error(.restXML)
        }
    }

    /// The operation that a form names.
    private func action(_ found: Identification) throws(AWSError) -> OperationSchema {
        guard case .bytes(let bytes) = found.request.body.source else { throw .internalFailure("a form was not read") }
        let text = bytes.isEmpty ? found.request.query : String(decoding: bytes, as: UTF8.self)
        // Some services take operations at the address of a resource, and word their refusals differently there.
        let isResource = found.request.path.split(separator: "/").count > 0
        guard let name = PercentCoding.value(of: "Action", in: text) else {
            if isResource { throw AWSError("UnknownOperationException", nil, status: 404) }
            throw AWSError("MissingAction", "The request must contain the parameter Action", status: 400)
        }
        guard let operation = found.service.model.operation(named: name) else {
            if isResource {
                throw AWSError("InvalidAction", "The action \(name) is not valid for this endpoint.", status: 400)
            }
            let version = PercentCoding.value(of: "Version", in: text) ?? found.service.traits.apiVersion
            throw AWSError(
                "InvalidAction", "Could not find operation \(name) for version \(version)", status: 400)
        }
        return operation
    }

    private func context(
        _ found: Identification, _ operation: OperationSchema, _ caller: Caller, _ peer: String, _ requestID: String
    ) -> RequestContext {
        let scheme = configuration.tls == nil ? "http" : "https"
        let host = found.request.headers["Host"] ?? "\(configuration.host):\(configuration.port)"
        return RequestContext(
            scope: caller.scope, requestID: requestID, accessKeyID: caller.accessKeyID,
            sessionToken: caller.sessionToken, endpoint: "\(scheme)://\(host)", sourceAddress: peer,
            userAgent: found.request.headers["User-Agent"], operation: operation.name,
            protocolName: found.protocolName, path: found.request.path,
            traceHeader: found.request.headers["X-Amzn-Trace-Id"])
    }

    /// An error before any service is known: in the form that the request itself suggests.
    func refusal(
        _ error: AWSError, _ name: ProtocolName?, _ request: WireRequest, _ requestID: String? = nil
    ) -> WireResponse {
        let requestID = requestID ?? UUIDText.random(using: random)
        let name = name ?? (request.headers["X-Amz-Target"] != nil ? .json10 : request.isForm ? .query : nil)
        let model = identifier.fallback?.model ?? Self.nameless
        return (name ?? (identifier.fallback == nil ? .restJSON : .restXML)).implementation
            .encodeError(error, of: name == nil ? model : Self.nameless, requestID: requestID)
    }

    /// An error before the operation was begun, in its service's form.
    func refusal(_ error: AWSError, of found: Identification) -> WireResponse {
        found.protocolName.implementation(accepting: found.request.headers["Accept"])
            .encodeError(error, of: found.service.model, requestID: UUIDText.random(using: random))
    }

    private static let nameless = ServiceModel(table: "service none")
}
