import Core
import StatesLanguage
import Storage

extension WorkflowEngine {
    /// Publishes what the machine is now; a machine that has not changed since its last version gets no new one.
    func publish(
        _ machine: StateMachineRecord, _ description: String?, at now: Timestamp, in transaction: Transaction
    ) throws -> StateMachineRecord {
        if machine.lastVersion > 0, let last = try machine.version(machine.lastVersion, in: transaction),
            last.revision == machine.revision
        {
            return last
        }
        var updated = machine
        updated.lastVersion += 1
        try updated.update(in: transaction)
        try transaction.execute(
            """
            INSERT INTO workflows_versions
                (machine, version, definition, role, settings, revision, description, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            .text(machine.arn), .integer(updated.lastVersion), .integer(machine.definition), .text(machine.roleARN),
            .text(JSON.object(machine.settings).text()), .text(machine.revision), .optional(description), .time(now))
        updated.version = updated.lastVersion
        updated.description = description
        updated.createdAt = now
        return updated
    }

    /// `PublishStateMachineVersion`.
    ///
    /// - Parameter revision: The revision that must be the current one; `INITIAL` for a machine never updated.
    public func publishVersion(
        of arn: String, revision: String? = nil, description: String? = nil
    ) async throws(WorkflowError) -> StateMachineRecord {
        let machineARN = try qualified(arn).machine
        let now = clock.now
        return try await change { transaction in
            guard let machine = try StateMachineRecord.find(machineARN, in: transaction) else {
                throw WorkflowError.noMachine(arn)
            }
            let current = machine.revision.isEmpty ? "INITIAL" : machine.revision
            if let revision, revision != current {
                throw WorkflowError(
                    .conflict,
                    "Failed to publish the State Machine version for revision \(revision). The current State Machine "
                        + "revision is \(current).")
            }
            return try self.publish(machine, description, at: now, in: transaction)
        }
    }

    /// `ListStateMachineVersions`, newest first.
    public func versions(
        of arn: String, maxResults: Int? = nil, nextToken: String? = nil
    ) async throws(WorkflowError) -> Page<StateMachineRecord> {
        let machineARN = try qualified(arn).machine
        let before = try PageToken.decode(nextToken).flatMap { Int64($0) } ?? .max
        let limit = Page<StateMachineRecord>.limit(maxResults)
        let rows = try await look { transaction in
            guard let machine = try StateMachineRecord.find(machineARN, in: transaction) else {
                return [StateMachineRecord]()
            }
            return try transaction.query(
                """
                SELECT version FROM workflows_versions WHERE machine = $1 AND version < $2
                ORDER BY version DESC LIMIT $3
                """, .text(machineARN), .integer(before), .int(limit + 1)
            ).compactMap { try machine.version(try $0.int64(0), in: transaction) }
        }
        return Page(rows, limit: limit) { String($0.version ?? 0) }
    }

    /// `DeleteStateMachineVersion`.
    public func deleteVersion(_ arn: String) async throws(WorkflowError) {
        let qualified = try qualified(arn)
        guard let version = qualified.version else {
            throw WorkflowError(.validation, "The ARN '\(arn)' does not name a version of a state machine.")
        }
        _ = try await change { transaction in
            let aliases = try StateMachineAlias.all(of: qualified.machine, in: transaction)
                .filter { $0.routing.contains { $0.versionARN == arn } }
            guard aliases.isEmpty else {
                throw WorkflowError(
                    .conflict,
                    "Version to be deleted must not be referenced by an alias. Current list of aliases referencing "
                        + "this version: [\(aliases.map(\.name).joined(separator: ", "))]")
            }
            try transaction.execute(
                "DELETE FROM workflows_versions WHERE machine = $1 AND version = $2", .text(qualified.machine),
                .integer(version))
        }
        forgetResolved()
    }
}
