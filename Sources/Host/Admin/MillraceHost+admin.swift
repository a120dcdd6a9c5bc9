import Core
import Events
import Metering
import Project
import Services
import Storage
import Workflows

extension MillraceHost {
    func adminHandlers(_ project: ProjectService, _ budgets: BudgetWatch) -> [String: AdminRoute.Handler] {
        let handlers: [String: AdminRoute.Handler] = [
            "POST plan": { try await Self.plan($0, project) },
            "GET triggers": { try await self.triggers($0, project) },
            "POST triggers/fire": { try await self.fire($0, project) },
            "GET health": { _ in await self.health() },
            "GET bill": { try await self.bill($0) },
            "GET cost": { try await self.cost($0) },
        ]
        let budgetHandlers = BudgetHandlers(database: database, account: settings.scope.account, watch: budgets)
        return handlers.merging(budgetHandlers.table) { $1 }
    }

    private static func plan(_ request: AdminRequest, _ project: ProjectService) async throws -> JSON {
        guard let directory = request.body["directory"]?.stringValue, directory.hasPrefix("/") else {
            throw AdminError(400, "Name the project's directory by its absolute path.")
        }
        let reading = try await project.read(directory)
        return [
            "problems": .array(reading.problems.map { .string($0.description) }),
            "warnings": .array(reading.warnings.map { .string($0.description) }),
            "changes": .array(reading.plan.changes.map(\.json)),
        ]
    }

    private func triggers(_ request: AdminRequest, _ project: ProjectService) async throws -> JSON {
        let count = min(max(request.query["next"].flatMap { Int($0) } ?? 1, 0), 100)
        var list: [JSON] = []
        for trigger in project.definition.triggers {
            var next: [Timestamp] = []
            if case .schedule(_) = trigger.source {
                next = try await schedules.nextFirings(
                    of: ScheduleKey(.scheduler, settings.scope, name: trigger.name), count: count)
            }
            list.append([
                "name": .string(trigger.name), "type": .string(trigger.source.kind),
                "source": .string(trigger.source.text), "target": .string(trigger.target.text),
                "next": .array(next.map { .string($0.description) }),
            ])
        }
        return ["triggers": .array(list)]
    }

    private func fire(_ request: AdminRequest, _ project: ProjectService) async throws -> JSON {
        guard let name = request.body["name"]?.stringValue else { throw AdminError(400, "Name a trigger.") }
        guard let trigger = project.definition.triggers.first(where: { $0.name == name }) else {
            let known = project.definition.triggers.map(\.name).sorted().joined(separator: ", ")
            throw AdminError(404, "There is no trigger '\(name)', only: \(known).")
        }
        guard case .schedule(_) = trigger.source else {
            throw AdminError(400, "'\(name)' is no timer: only timers can be fired.")
        }
        try await schedules.fireNow(ScheduleKey(.scheduler, settings.scope, name: name))
        return ["fired": .string(name)]
    }

    private func health() async -> JSON {
        [
            "status": "running", "startedAt": .string(startedAt.description), "now": .string(clock.now.description),
            "dataDirectory": .string(settings.dataDirectory), "endpoint": .string(settings.endpoint),
            "webhooks": .string(settings.webhookEndpoint), "liveExecutions": JSON(workflows.liveCount),
            "queuedWrites": JSON(database.queuedWrites),
        ]
    }

    private func bill(_ request: AdminRequest) async throws -> JSON {
        let by = request.query["by"] ?? "service"
        guard let grouping = Metering.Bill.Grouping(by) else {
            throw AdminError(
                400,
                "'\(by)' is no way to group a bill: use service, function, workflow, execution, tag:NAME, day or month."
            )
        }
        let now = clock.now
        var wanted = BillRequest.month(of: now, by: grouping)
        if let text = request.query["days"] {
            guard let days = Int(text), (1...3650).contains(days) else {
                throw AdminError(400, "'\(text)' is no number of days from 1 to 3650.")
            }
            wanted.from = Day(now.adding(milliseconds: -Int64(days - 1) * 86_400_000))
        }
        let (final, prices) = (wanted, prices)
        // Acts that wait to be written are on the bill of whoever asks after them.
        await usage.flush()
        let bill = try await database.read { try Meter.bill(final, prices: prices, now: now, in: $0) }
        var answer = bill.json
        answer["table"] = .array(bill.table.map { .array($0.map(JSON.string)) })
        answer["csv"] = .string(bill.csv)
        return answer
    }

    private func cost(_ request: AdminRequest) async throws -> JSON {
        guard let execution = request.query["execution"] else { throw AdminError(400, "Name an execution.") }
        let prices = prices
        let cost = try await database.read {
            try Meter.cost(ofExecution: execution, prices: prices, in: $0)
        }
        return ["execution": .string(execution), "amount": .string(cost.decimal)]
    }
}
