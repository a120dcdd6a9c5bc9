import Core
import Synchronization

/// The budgets that hold new work back, asked before each invocation and each start of a workflow.
public final class SpendingBrake: Sendable {
    private let held = Mutex<[String: [Budget]]>([:])
    /// Nearly always false, and read without a lock.
    private let isHolding = Atomic(false)

    public init() {}

    /// Holds back from now on what falls under these budgets, by account, and nothing else.
    public func hold(_ budgets: [String: [Budget]]) {
        held.withLock { $0 = budgets.filter { !$0.value.isEmpty } }
        isHolding.store(budgets.contains { !$0.value.isEmpty }, ordering: .releasing)
    }

    /// Why new work may not begin; nil when it may.
    ///
    /// - Parameters:
    ///   - service: as bills name it, such as `Lambda`.
    ///   - resource: the ARN that uses are billed to; a version or alias of it counts too.
    public func objection(to resource: @autoclosure () -> String, of service: String) -> String? {
        guard isHolding.load(ordering: .acquiring) else { return nil }
        let resource = resource()
        let account = ARN(resource)?.account ?? ""
        let budget = held.withLock { held in
            held[account]?.first { $0.covers(resource, of: service) }
        }
        return budget.map { "The budget '\($0.name)' is used up: new work is refused until its \($0.period) ends." }
    }
}

extension Budget {
    func covers(_ resource: String, of service: String) -> Bool {
        if let own = self.service, own.lowercased() != service.lowercased() { return false }
        if let own = self.resource { return resource == own || resource.hasPrefix(own + ":") }
        return true
    }
}
