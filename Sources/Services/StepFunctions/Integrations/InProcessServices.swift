import Synchronization
public import Wire

/// The services of this host that workflow tasks call without a network between them.
///
/// It is filled once all services are made, because Step Functions is one of them.
public final class InProcessServices: Sendable {
    private let services = Mutex<[String: AWSService]>([:])

    public init() {}

    /// Makes the services callable; what was there under the same name is replaced.
    public func add(_ added: [AWSService]) {
        services.withLock { services in
            for service in added { services[service.traits.id] = service }
        }
    }

    /// - Parameter id: The service's name in AWS's command line, such as `stepfunctions`.
    subscript(id: String) -> AWSService? { services.withLock { $0[id] } }
}
