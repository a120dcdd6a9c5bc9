import AWSModels
import Core
import Functions
import Storage
import Wire

extension LambdaProvider {
    /// What reserved concurrency must leave to all other functions.
    private static let minimumUnreserved = 100

    var accountConcurrency: Int { deployment.host.configuration.limits.accountConcurrency }

    // MARK: Reserved

    public func putFunctionConcurrency(
        _ input: Lambda.PutFunctionConcurrencyRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.Concurrency {
        let name = try FunctionName(input.functionName, nil, context)
        try requireUnqualified(name)
        let asked = input.reservedConcurrentExecutions
        try await write { transaction in
            guard try self.store.function(name.name, name.scope, in: transaction) != nil else {
                throw LambdaError.functionNotFound(name.qualifiedARN)
            }
            let others = try self.reservedConcurrency(name.scope, except: name.name, in: transaction)
            guard self.accountConcurrency - others - asked >= Self.minimumUnreserved else {
                throw AWSError(
                    "InvalidParameterValueException",
                    "Specified ReservedConcurrentExecutions for function decreases account's "
                        + "UnreservedConcurrentExecution below its minimum value of [\(Self.minimumUnreserved)].")
            }
            let provisioned = try self.provisioned(of: name, in: transaction).reduce(0) { $0 + $1.requested }
            guard asked >= provisioned || asked == 0 && provisioned == 0 else {
                throw AWSError(
                    "InvalidParameterValueException",
                    " ReservedConcurrentExecutions  \(asked) should not be lower than function's total provisioned "
                        + "concurrency [\(provisioned)].")
            }
            try self.store.setReservedConcurrency(asked, of: name.name, name.scope, in: transaction)
            try self.deployment.refresh(name.name, name.scope, in: transaction)
        }
        return Lambda.Concurrency { $0.reservedConcurrentExecutions = asked }
    }

    public func getFunctionConcurrency(
        _ input: Lambda.GetFunctionConcurrencyRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetFunctionConcurrencyResponse {
        let name = try FunctionName(input.functionName, nil, context)
        let function = try await read { try self.function(name, in: $0) }
        return Lambda.GetFunctionConcurrencyResponse { $0.reservedConcurrentExecutions = function.reservedConcurrency }
    }

    public func deleteFunctionConcurrency(
        _ input: Lambda.DeleteFunctionConcurrencyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = try FunctionName(input.functionName, nil, context)
        try requireUnqualified(name)
        try await write { transaction in
            try self.store.setReservedConcurrency(nil, of: name.name, name.scope, in: transaction)
            try self.deployment.refresh(name.name, name.scope, in: transaction)
        }
    }

    func reservedConcurrency(
        _ scope: Scope, except name: String? = nil, in transaction: Transaction
    ) throws -> Int {
        var total = 0
        for version in try store.functions(scope, limit: .max, in: transaction)
        where version.reference.functionName != name {
            let function = try store.function(version.reference.functionName, scope, in: transaction)
            total += function?.reservedConcurrency ?? 0
        }
        return total
    }

    // MARK: Provisioned

    struct Provisioned: Sendable {
        var qualifier: String
        var requested: Int
        var modifiedAt: Timestamp
    }

    func provisioned(of name: FunctionName, in transaction: Transaction) throws -> [Provisioned] {
        try store.all(.provisionedConcurrency, of: name.name, name.scope, in: transaction).map { entry in
            Provisioned(
                qualifier: entry.qualifier, requested: Int(entry.document["requested"]?.intValue ?? 0),
                modifiedAt: Timestamp(milliseconds: entry.document["modifiedAt"]?.intValue ?? 0))
        }
    }

    public func putProvisionedConcurrencyConfig(
        _ input: Lambda.PutProvisionedConcurrencyConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.PutProvisionedConcurrencyConfigResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        guard !name.isLatest else {
            throw LambdaError.invalidParameter(
                "Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
        }
        let now = clock.now
        let asked = input.provisionedConcurrentExecutions
        try await write { transaction in
            try self.requireProvisionable(name, in: transaction)
            try self.checkConflicts(name, in: transaction)
            try self.checkRoom(for: asked, name, in: transaction)
            try self.store.set(
                .provisionedConcurrency, ["requested": JSON(asked), "modifiedAt": .int(now.milliseconds)],
                of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
            try self.deployment.refresh(name.name, name.scope, in: transaction)
        }
        return Lambda.PutProvisionedConcurrencyConfigResponse {
            $0.requestedProvisionedConcurrentExecutions = asked
            $0.availableProvisionedConcurrentExecutions = 0
            $0.allocatedProvisionedConcurrentExecutions = 0
            $0.status = .inProgress
            $0.lastModified = FunctionVersionRecord.text(of: now)
        }
    }

    public func getProvisionedConcurrencyConfig(
        _ input: Lambda.GetProvisionedConcurrencyConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetProvisionedConcurrencyConfigResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        try refuseLatest(name)
        let config = try await read { transaction in
            try self.requireProvisionable(name, in: transaction)
            return try self.provisioned(of: name, in: transaction).first { $0.qualifier == name.qualifier }
        }
        guard let config else { throw Self.noProvisionedConcurrency }
        return Lambda.GetProvisionedConcurrencyConfigResponse {
            let progress = progress(of: config, name)
            $0.requestedProvisionedConcurrentExecutions = config.requested
            $0.availableProvisionedConcurrentExecutions = progress.ready
            $0.allocatedProvisionedConcurrentExecutions = progress.ready
            $0.status = progress.status
            $0.statusReason = progress.reason
            $0.lastModified = FunctionVersionRecord.text(of: config.modifiedAt)
        }
    }

    public func deleteProvisionedConcurrencyConfig(
        _ input: Lambda.DeleteProvisionedConcurrencyConfigRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        try refuseLatest(name)
        try await write { transaction in
            try self.requireProvisionable(name, in: transaction)
            try self.store.remove(
                .provisionedConcurrency, of: name.name, qualifier: name.qualifierOrLatest, name.scope,
                in: transaction)
            try self.deployment.refresh(name.name, name.scope, in: transaction)
        }
    }

    public func listProvisionedConcurrencyConfigs(
        _ input: Lambda.ListProvisionedConcurrencyConfigsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListProvisionedConcurrencyConfigsResponse {
        let name = try FunctionName(input.functionName, nil, context)
        let configs = try await read { transaction in
            _ = try self.function(name, in: transaction)
            return try self.provisioned(of: name, in: transaction)
        }
        let after = MarkerPage<Provisioned>.after(input.marker) ?? ""
        let page = MarkerPage(
            configs.filter { $0.qualifier > after }, limit: min(input.maxItems ?? 50, 50), key: \.qualifier)
        return Lambda.ListProvisionedConcurrencyConfigsResponse {
            $0.provisionedConcurrencyConfigs = page.items.map { config in
                Lambda.ProvisionedConcurrencyConfigListItem {
                    $0.functionArn = "\(name.arn(qualifiedBy: config.qualifier))"
                    let progress = progress(of: config, name)
                    $0.requestedProvisionedConcurrentExecutions = config.requested
                    $0.availableProvisionedConcurrentExecutions = progress.ready
                    $0.allocatedProvisionedConcurrentExecutions = progress.ready
                    $0.status = progress.status
                    $0.statusReason = progress.reason
                    $0.lastModified = FunctionVersionRecord.text(of: config.modifiedAt)
                }
            }
            $0.nextMarker = page.nextMarker
        }
    }

    /// How far the instances of a configuration have come.
    private struct Progress {
        var ready = 0
        var status = Lambda.ProvisionedConcurrencyStatusEnum.inProgress
        var reason: String?
    }

    private func progress(of config: Provisioned, _ name: FunctionName) -> Progress {
        guard
            let function = deployment.directory.resolve(name.name, qualifier: config.qualifier, name.scope),
            let statistics = deployment.host.statistics(of: function.reference)
        else { return Progress(status: .failed, reason: "FUNCTION_ERROR_INIT_FAILURE") }
        guard !statistics.hasFailedToProvision else {
            return Progress(status: .failed, reason: "FUNCTION_ERROR_INIT_FAILURE")
        }
        // Lambda replaces its instances without a word: what is allocated stays so.
        return statistics.hasProvisioned
            ? Progress(ready: config.requested, status: .ready) : Progress(ready: statistics.provisionedInstances)
    }

    private static let noProvisionedConcurrency = AWSError(
        "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function",
        status: 404
    ).with("Type", "User")

    private func refuseLatest(_ name: FunctionName) throws(AWSError) {
        guard !name.isLatest else {
            throw LambdaError.invalidParameter(
                "The function resource provided must be an alias or a published version.")
        }
    }

    private func requireProvisionable(_ name: FunctionName, in transaction: Transaction) throws {
        if name.namesVersion {
            _ = try version(name, in: transaction)
        } else {
            _ = try alias(name.qualifierOrLatest, of: name, in: transaction)
        }
    }

    /// A version's instances are asked for by its number or by one alias, not by both.
    private func checkConflicts(_ name: FunctionName, in transaction: Transaction) throws {
        let others = try provisioned(of: name, in: transaction).map(\.qualifier).filter { $0 != name.qualifier }
        if name.namesVersion {
            for other in others where !FunctionName.isVersion(other) {
                guard try alias(other, of: name, in: transaction).version != name.qualifier else {
                    throw LambdaError.conflict("Version is pointed by a Provisioned Concurrency alias")
                }
            }
        } else {
            let version = try alias(name.qualifierOrLatest, of: name, in: transaction).version
            guard !others.contains(version) else {
                throw LambdaError.conflict(
                    "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version")
            }
        }
    }

    private func checkRoom(for asked: Int, _ name: FunctionName, in transaction: Transaction) throws {
        let others = try provisioned(of: name, in: transaction).filter { $0.qualifier != name.qualifier }
            .reduce(0) { $0 + $1.requested }
        if let reserved = try function(name, in: transaction).reservedConcurrency {
            guard others + asked <= reserved else {
                throw LambdaError.invalidParameter(
                    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution "
                        + "for function")
            }
            return
        }
        let unreserved = accountConcurrency - (try reservedConcurrency(name.scope, in: transaction))
        guard asked <= unreserved else {
            throw AWSError(
                "InvalidParameterValueException",
                "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency "
                    + "[\(unreserved)].")
        }
        guard unreserved - asked >= Self.minimumUnreserved else {
            throw AWSError(
                "InvalidParameterValueException",
                "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
                    + "its minimum value of [\(Self.minimumUnreserved)].")
        }
    }
}
