import Core
import Metering
import Storage
import Workflows

extension MillraceHost {
    var adminHandlers: [String: AdminRoute.Handler] {
        [
            "GET health": { _ in await self.health() },
            "GET bill": { try await self.bill($0) },
            "GET cost": { try await self.cost($0) },
        ]
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
            throw AdminError(400, "'\(by)' is no way to group a bill: use service, function, workflow, execution, tag:NAME, day or month.")
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
