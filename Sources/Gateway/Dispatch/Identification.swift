import Core
import Wire

/// Which operation of which service a request means, and in which protocol.
struct Identification: Sendable {
    let entry: ServiceRegistry.Entry
    let protocolName: ProtocolName
    /// Nil where only the body tells.
    let operation: OperationSchema?
    /// The request with the bucket of a virtual host put into its path.
    var request: WireRequest

    var service: AWSService { entry.service }
    var streamsInput: Bool { operation?.streamsInput ?? false }
}

struct Identifier: Sendable {
    let registry: ServiceRegistry
    let hosts: HostNames
    let fallback: ServiceRegistry.Entry?

    init(_ registry: ServiceRegistry, _ hosts: HostNames) {
        self.registry = registry
        self.hosts = hosts
        // Whatever nothing else claims is a bucket or an object.
        fallback = registry.entries.first { $0.traits.protocols.contains(.restXML) }
    }

    /// - Parameter signingName: the service in the scope of the request's signature.
    func identify(_ request: WireRequest, signingName: String?) throws(AWSError) -> Identification? {
        if let target = request.headers["X-Amz-Target"] { return try json(request, target) }
        if request.path.hasPrefix("/service/"), let found = cbor(request) { return found }
        let labels = request.headers["Host"].flatMap(hosts.labels) ?? ""
        for entry in candidates(signingName, labels) {
            if let found = try match(entry, request, labels) { return found }
        }
        if let found = try form(request) { return found }
        guard signingName == nil || signingName == fallback?.traits.signingName else { return nil }
        return try anonymous(request, labels)
    }

    /// What the caller of a service is told that this host does not have.
    ///
    /// - Parameter signingName: the service in the scope of the request's signature.
    func absence(ofService signingName: String?) -> AWSError? {
        guard let signingName, registry.signingName(signingName).isEmpty else { return nil }
        let served = Set(registry.entries.map(\.traits.signingName)).sorted().joined(separator: ", ")
        return AWSError(
            "NotImplemented", "This host does not serve '\(signingName)'. It serves \(served).", status: 501,
            isSender: false)
    }

    /// The service whose resource a browser asks about before it makes a request of another origin, and the request
    /// with its bucket in the path.
    func preflighted(_ request: WireRequest) -> (policy: any CrossOriginPolicy, request: WireRequest)? {
        guard let policy = fallback?.service.crossOrigin else { return nil }
        let request = addressed(request, request.headers["Host"].flatMap(hosts.labels) ?? "")
        return request.path == "/" ? nil : (policy, request)
    }

    private func candidates(_ signingName: String?, _ labels: String) -> [ServiceRegistry.Entry] {
        if let signingName { return registry.signingName(signingName) }
        // `sqs.us-east-1.localhost` and the like.
        for label in labels.split(separator: ".") {
            let found = registry.hostLabel(String(label))
            if !found.isEmpty { return found }
        }
        return []
    }

    // MARK: Protocols

    private func json(_ request: WireRequest, _ target: String) throws(AWSError) -> Identification? {
        guard let dot = target.lastIndex(of: "."), let entry = registry.target(String(target[..<dot])) else {
            throw .unknownOperation(target)
        }
        let name = String(target[target.index(after: dot)...])
        guard let operation = entry.model.operation(named: name) else { throw .unknownOperation(name) }
        let isOld = request.headers["Content-Type"]?.hasBytes("json-1.1") ?? false
        return Identification(
            entry: entry, protocolName: isOld ? .json11 : .json10, operation: operation, request: request)
    }

    /// `/service/NAME/operation/NAME`
    private func cbor(_ request: WireRequest) -> Identification? {
        let parts = request.path.split(separator: "/")
        guard parts.count == 4, parts[2] == "operation", request.headers["smithy-protocol"] == "rpc-v2-cbor",
            let entry = registry.target(String(parts[1])),
            let operation = entry.model.operation(named: String(parts[3]))
        else { return nil }
        return Identification(
            entry: entry, protocolName: .rpcV2CBOR, operation: operation, request: request)
    }

    private func match(
        _ entry: ServiceRegistry.Entry, _ request: WireRequest, _ labels: String
    ) throws(AWSError) -> Identification? {
        if let routes = entry.model.routes {
            let name: ProtocolName = entry.traits.protocols.contains(.restXML) ? .restXML : .restJSON
            let request = name == .restXML ? addressed(request, labels) : request
            guard let operation = routes.operation(request) else {
                guard !entry.speaksQuery else { return nil }
                throw entry.service.unroutable(request)
            }
            return Identification(entry: entry, protocolName: name, operation: operation, request: request)
        }
        guard entry.speaksQuery else { return nil }
        return Identification(entry: entry, protocolName: .query, operation: nil, request: request)
    }

    /// A form whose action, with the version where it is given, is some service's.
    private func form(_ request: WireRequest) throws(AWSError) -> Identification? {
        var text = request.query
        if request.isForm, case .bytes(let bytes) = request.body.source {
            text += "&" + String(decoding: bytes, as: UTF8.self)
        }
        guard let action = PercentCoding.value(of: "Action", in: text) else { return nil }
        let version = PercentCoding.value(of: "Version", in: text)
        // Without a version and below the root it may be an object that has such a parameter.
        if version == nil, request.path != "/" { return nil }
        guard let entry = registry.action(action, version: version) else {
            if version == nil { return nil }
            throw .unknownOperation(action)
        }
        return Identification(entry: entry, protocolName: .query, operation: nil, request: request)
    }

    /// An unsigned request that names no service: one of the paths that begin with a date, or an object.
    private func anonymous(_ request: WireRequest, _ labels: String) throws(AWSError) -> Identification? {
        for entry in registry.entries where entry.traits.protocols.contains(.restJSON) {
            if let operation = entry.model.routes?.operation(request) {
                return Identification(
                    entry: entry, protocolName: .restJSON, operation: operation, request: request)
            }
        }
        guard let fallback else { return nil }
        return try match(fallback, request, labels)
    }

    // MARK: Buckets in host names

    /// `bucket.s3.localhost`, `bucket.s3.us-east-1.localhost` or `bucket.localhost` become `/bucket/…`.
    private func addressed(_ request: WireRequest, _ labels: String) -> WireRequest {
        guard let bucket = Self.bucket(labels) else { return request }
        var request = request
        request.path =
            "/" + PercentCoding.encode(bucket) + (request.path.hasPrefix("/") ? request.path : "/" + request.path)
        return request
    }

    static func bucket(_ labels: String) -> String? {
        var parts = labels.split(separator: ".").map(String.init)
        guard !parts.isEmpty else { return nil }
        if let service = parts.lastIndex(where: { $0 == "s3" || $0.hasPrefix("s3-") }) {
            // Only a region may stand between the service and this program's name.
            guard parts.count - service <= 2 else { return nil }
            parts.removeSubrange(service...)
        }
        return parts.isEmpty ? nil : parts.joined(separator: ".")
    }
}

extension WireRequest {
    var isForm: Bool {
        headers["Content-Type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
    }
}
