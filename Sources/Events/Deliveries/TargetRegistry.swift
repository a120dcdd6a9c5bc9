import Synchronization

/// Targets by the service name in their ARN, registered while the host is put together: targets and the deliveries that
/// they make themselves need one another.
public final class TargetRegistry: TargetDirectory {
    private let table = Mutex(TargetTable())

    public init() {}

    /// - Parameter service: the third part of the ARNs, such as `lambda`.
    public func register(_ target: any DeliveryTarget, service: String) {
        table.withLock { $0.register(target, service: service) }
    }

    public func target(for arn: String) -> (any DeliveryTarget)? { table.withLock { $0.target(for: arn) } }
}
