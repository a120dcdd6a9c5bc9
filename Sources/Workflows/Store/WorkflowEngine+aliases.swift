import Core
import Storage

extension WorkflowEngine {
    private func checkRouting(_ routing: [StateMachineAlias.Route]) throws(WorkflowError) -> QualifiedARN {
        guard (1...2).contains(routing.count) else {
            throw WorkflowError(
                .validation,
                "1 validation error detected: Value '\(routing)' at 'routingConfiguration' failed to satisfy "
                    + "constraint: Member must have length less than or equal to 2")
        }
        let weights = routing.map(\.weight)
        guard weights.reduce(0, +) == 100 else {
            throw WorkflowError(
                .validation, "Sum of routing configuration weights must equal 100. Received: \(weights)")
        }
        let arns = routing.map(\.versionARN)
        let versions = arns.compactMap(QualifiedARN.init).filter { $0.version != nil }
        guard versions.count == routing.count, let first = versions.first else {
            throw WorkflowError(
                .validation,
                "Routing configuration must contain state machine version ARNs. Received: "
                    + "[\(arns.joined(separator: ", "))]")
        }
        guard Set(arns).count == arns.count else {
            throw WorkflowError(
                .validation,
                "Routing configuration must contain distinct state machine version ARNs. Received: "
                    + "[\(arns.joined(separator: ", "))]")
        }
        guard versions.allSatisfy({ $0.machine == first.machine }) else {
            throw WorkflowError(
                .validation, "All versions of a routing configuration must belong to one state machine.")
        }
        return first
    }

    private func checkVersions(_ routing: [StateMachineAlias.Route], in transaction: Transaction) throws {
        for route in routing {
            guard let arn = QualifiedARN(route.versionARN), let number = arn.version,
                let machine = try StateMachineRecord.find(arn.machine, in: transaction),
                try machine.version(number, in: transaction) != nil
            else {
                throw WorkflowError(.resourceNotFound, "Request references a resource that does not exist.")
            }
        }
    }

    /// `CreateStateMachineAlias`. Giving the same request again changes nothing.
    public func createAlias(
        name: String, description: String? = nil, routing: [StateMachineAlias.Route]
    ) async throws(WorkflowError) -> StateMachineAlias {
        try Self.checkName(name)
        let machine = try checkRouting(routing)
        let now = clock.now
        let alias = StateMachineAlias(
            arn: "\(machine.machine):\(name)", machineARN: machine.machine, name: name, description: description,
            routing: routing, createdAt: now, updatedAt: now)
        return try await change { transaction in
            try self.checkVersions(routing, in: transaction)
            if let existing = try StateMachineAlias.find(alias.arn, in: transaction) {
                guard existing.routing == routing, existing.description == description else {
                    throw WorkflowError(
                        .conflict,
                        "Failed to create alias because an alias with the same name and a different routing "
                            + "configuration already exists.")
                }
                return existing
            }
            guard try StateMachineAlias.all(of: machine.machine, limit: 100, in: transaction).count < 100 else {
                throw WorkflowError(.serviceQuotaExceeded, "A state machine may have 100 aliases.")
            }
            try alias.insert(in: transaction)
            return alias
        }
    }

    private func missingAlias(_ arn: String) -> WorkflowError {
        WorkflowError(.resourceNotFound, "Request references a resource that does not exist.")
    }

    /// `UpdateStateMachineAlias`: what is nil stays as it is.
    public func updateAlias(
        _ arn: String, description: String?, routing: [StateMachineAlias.Route]?
    ) async throws(WorkflowError) -> StateMachineAlias {
        if let routing { _ = try checkRouting(routing) }
        let now = clock.now
        return try await change { transaction in
            guard var alias = try StateMachineAlias.find(arn, in: transaction) else { throw self.missingAlias(arn) }
            if let routing {
                try self.checkVersions(routing, in: transaction)
                alias.routing = routing
            }
            if let description { alias.description = description }
            alias.updatedAt = now
            try alias.update(in: transaction)
            return alias
        }
    }

    /// `DescribeStateMachineAlias`.
    public func alias(_ arn: String) async throws(WorkflowError) -> StateMachineAlias {
        try await look { transaction in
            guard let alias = try StateMachineAlias.find(arn, in: transaction) else { throw self.missingAlias(arn) }
            return alias
        }
    }

    /// `DeleteStateMachineAlias`: what is not there is deleted already.
    public func deleteAlias(_ arn: String) async throws(WorkflowError) {
        _ = try await change { try $0.execute("DELETE FROM workflows_aliases WHERE arn = $1", .text(arn)) }
    }

    /// `ListStateMachineAliases` of a machine, or of the version that the ARN names.
    public func aliases(
        of arn: String, maxResults: Int? = nil, nextToken: String? = nil
    ) async throws(WorkflowError) -> Page<StateMachineAlias> {
        let qualified = try qualified(arn)
        let after = try PageToken.decode(nextToken) ?? ""
        let limit = Page<StateMachineAlias>.limit(maxResults)
        let rows = try await look { transaction in
            // A machine has at most a hundred aliases, so those of one version are picked here.
            try StateMachineAlias.all(of: qualified.machine, after: after, in: transaction).filter { alias in
                qualified.qualifier == nil || alias.routing.contains { $0.versionARN == arn }
            }
        }
        return Page(rows, limit: limit) { $0.name }
    }
}
