import Core
import StatesLanguage
import Storage

/// For those who change several things in one transaction, such as a project directory.
extension WorkflowEngine {
    /// Creates the machine, or changes it to what is asked for. Executions that have begun keep their definition.
    ///
    /// - Throws: ``WorkflowError`` with `InvalidName`, `InvalidDefinition`; the machine's type cannot be changed.
    public func apply(
        _ request: CreateStateMachineRequest, scope: Scope, in transaction: Transaction
    ) throws {
        try Self.checkName(request.name)
        _ = try MachineCache.compile(request.definition, type: request.type)
        let now = clock.now
        let arn = scope.arn("states", "stateMachine:\(request.name)").description
        let definition = identifiers.next()
        if var machine = try StateMachineRecord.find(arn, in: transaction) {
            guard machine.type == request.type else {
                throw WorkflowError(
                    .validation, "The workflow '\(request.name)' is \(machine.type.rawValue): delete it to change that."
                )
            }
            if try StateMachineRecord.definitionText(machine.definition, in: transaction) != request.definition {
                try insertDefinition(definition, request.definition, in: transaction)
                machine.definition = definition
            }
            machine.roleARN = request.roleARN
            machine.settings = request.settings
            machine.revision = UUIDText.random(using: random)
            machine.updatedAt = now
            try machine.update(in: transaction)
        } else {
            try insertDefinition(definition, request.definition, in: transaction)
            let machine = StateMachineRecord(
                arn: arn, name: request.name, type: request.type, definition: definition, roleARN: request.roleARN,
                settings: request.settings, revision: "", createdAt: now, updatedAt: now, lastVersion: 0)
            try machine.insert(scope: scope, in: transaction)
        }
        try tag(arn, request.tags, in: transaction)
        transaction.afterCommit { self.forgetResolved() }
    }

    /// Removes the machine; running executions go on.
    public func delete(_ arn: String, in transaction: Transaction) throws {
        for table in [
            "workflows_machines WHERE arn", "workflows_versions WHERE machine", "workflows_aliases WHERE machine",
            "workflows_tags WHERE arn",
        ] {
            try transaction.execute("DELETE FROM \(table) = $1", .text(arn))
        }
        transaction.afterCommit { self.forgetResolved() }
    }
}
