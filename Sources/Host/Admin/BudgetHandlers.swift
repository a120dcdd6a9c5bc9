import Core
import Metering
import Storage

/// Lists, sets and removes the budgets of the host's account.
struct BudgetHandlers: Sendable {
    let database: Database
    let account: String
    let watch: BudgetWatch

    var table: [String: AdminRoute.Handler] {
        ["GET budgets": { _ in try await list() }, "POST budgets": set, "POST budgets/remove": remove]
    }

    private func list() async throws -> JSON {
        try await watch.compare()
        let account = account
        let budgets = try await database.read { try Meter.budgets(account: account, in: $0) }
        let list = budgets.map { budget, state -> JSON in
            var object = budget.json.objectValue ?? [:]
            object["spent"] = .string((state?.spent ?? .zero).decimal)
            object["isThrottling"] = .bool(state?.isThrottling ?? false)
            return .object(object)
        }
        return ["budgets": .array(list)]
    }

    private func set(_ request: AdminRequest) async throws -> JSON {
        let budget: Budget
        do { budget = try Budget(request.body) } catch { throw AdminError(400, error.description) }
        let services = Set(Metric.allCases.map(\.service))
        if let service = budget.service, !services.contains(service) {
            let known = services.sorted().joined(separator: ", ")
            throw AdminError(400, "service: nothing is billed as '\(service)', only as \(known)")
        }
        let account = account
        try await database.write { try Meter.setBudget(budget, account: account, in: $0) }
        try await watch.compare()
        return budget.json
    }

    private func remove(_ request: AdminRequest) async throws -> JSON {
        guard let name = request.body["name"]?.stringValue else { throw AdminError(400, "Name a budget.") }
        let account = account
        guard try await database.write({ try Meter.removeBudget(name, account: account, in: $0) }) else {
            throw AdminError(404, "There is no budget '\(name)'.")
        }
        try await watch.compare()
        return ["removed": .string(name)]
    }
}
