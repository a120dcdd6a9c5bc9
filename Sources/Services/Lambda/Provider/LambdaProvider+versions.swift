import AWSModels
import Core
import Functions
import Storage
import Wire

extension LambdaProvider {
    public func publishVersion(
        _ input: Lambda.PublishVersionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.FunctionConfiguration {
        try LambdaError.refuse([("PublishTo", input.publishTo != nil)])
        let name = try FunctionName(input.functionName, nil, context)
        let published = try await write { transaction in
            let before = try self.store.function(name.name, name.scope, in: transaction)?.publishedVersions ?? 0
            let published = try self.store.publish(
                name.name, name.scope, summary: input.description, expectedCodeSHA256: input.codeSha256,
                expectedRevision: input.revisionId, newRevision: self.makeRevision(), in: transaction)
            if published.reference.version == "\(before + 1)" { try self.touch(name, in: transaction) }
            try self.deployment.refresh(name.name, name.scope, in: transaction)
            return published
        }
        return published.shape(arn: published.qualifiedARN, .settled)
    }

    public func listVersionsByFunction(
        _ input: Lambda.ListVersionsByFunctionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListVersionsByFunctionResponse {
        let name = try FunctionName(input.functionName, nil, context)
        let limit = min(input.maxItems ?? 50, 50)
        let after = MarkerPage<FunctionVersionRecord>.after(input.marker).flatMap(Int.init) ?? -1
        let versions = try await read { transaction in
            _ = try self.function(name, in: transaction)
            return try self.store.versions(
                of: name.name, name.scope, after: after, limit: limit + 1, in: transaction)
        }
        let page = MarkerPage(versions, limit: limit) { Int($0.reference.version).map(String.init) ?? "0" }
        return Lambda.ListVersionsByFunctionResponse {
            $0.versions = page.items.map { $0.shape(arn: $0.qualifiedARN, .listed) }
            $0.nextMarker = page.nextMarker
        }
    }

    // MARK: Aliases

    public func createAlias(
        _ input: Lambda.CreateAliasRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.AliasConfiguration {
        let name = try FunctionName(input.functionName, nil, context)
        let alias = AliasRecord(
            scope: name.scope, functionName: name.name, name: input.name, version: input.functionVersion,
            summary: input.description ?? "", additionalVersionWeights: try Self.weights(input.routingConfig),
            revisionID: makeRevision())
        try Self.check(alias)
        try await write { transaction in
            try self.store.createAlias(alias, in: transaction)
            try self.deployment.refresh(name.name, name.scope, in: transaction)
        }
        return alias.shape
    }

    public func getAlias(
        _ input: Lambda.GetAliasRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.AliasConfiguration {
        let name = try FunctionName(input.functionName, nil, context)
        return try await read { transaction in try self.alias(input.name, of: name, in: transaction) }.shape
    }

    /// As the operations on aliases and provisioned concurrency miss one.
    func alias(_ alias: String, of name: FunctionName, in transaction: Transaction) throws -> AliasRecord {
        guard let alias = try store.alias(alias, of: name.name, name.scope, in: transaction) else {
            throw LambdaError.notFound("Cannot find alias arn: \(name.arn(qualifiedBy: alias))")
        }
        return alias
    }

    public func listAliases(
        _ input: Lambda.ListAliasesRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListAliasesResponse {
        let name = try FunctionName(input.functionName, nil, context)
        let limit = min(input.maxItems ?? 50, 10_000)
        let aliases = try await read { transaction in
            _ = try self.function(name, in: transaction)
            return try self.store.aliases(
                of: name.name, name.scope, version: input.functionVersion,
                after: MarkerPage<AliasRecord>.after(input.marker) ?? "", limit: limit + 1, in: transaction)
        }
        let page = MarkerPage(aliases, limit: limit, key: \.name)
        return Lambda.ListAliasesResponse {
            $0.aliases = page.items.map(\.shape)
            $0.nextMarker = page.nextMarker
        }
    }

    public func updateAlias(
        _ input: Lambda.UpdateAliasRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.AliasConfiguration {
        let name = try FunctionName(input.functionName, nil, context)
        let weights = try input.routingConfig.map { config throws(AWSError) in try Self.weights(config) }
        return try await write { transaction in
            let updated = try self.store.updateAlias(
                input.name, of: name.name, name.scope, expectedRevision: input.revisionId,
                newRevision: self.makeRevision(), in: transaction
            ) { alias in
                if let version = input.functionVersion { alias.version = version }
                if let description = input.description { alias.summary = description }
                if let weights { alias.additionalVersionWeights = weights }
                try Self.check(alias)
            }
            try self.deployment.refresh(name.name, name.scope, in: transaction)
            return updated
        }.shape
    }

    public func deleteAlias(_ input: Lambda.DeleteAliasRequest, _ context: RequestContext) async throws(AWSError) {
        let name = try FunctionName(input.functionName, nil, context)
        try await write { transaction in
            try self.store.deleteAlias(input.name, of: name.name, name.scope, in: transaction)
            try self.deployment.refresh(name.name, name.scope, in: transaction)
        }
    }

    /// Lambda refuses weights with a form of message of their own.
    private static func weights(_ config: Lambda.AliasRoutingConfiguration?) throws(AWSError) -> [String: Double] {
        let weights = config?.additionalVersionWeights ?? [:]
        guard weights.count <= 1 else {
            throw LambdaError.invalidParameter("Number of items in AdditionalVersionWeights cannot be greater than 1")
        }
        for (version, weight) in weights {
            let shown =
                "1 validation error detected: Value '{\(version)=\(weight)}' at "
                + "'routingConfig.additionalVersionWeights' failed to satisfy constraint: "
            guard version.utf8.allSatisfy({ 48...57 ~= $0 }), (1...1024).contains(version.utf8.count) else {
                throw LambdaError.validation(
                    shown + "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
                        + "Member must have length greater than or equal to 1, Member must satisfy regular expression "
                        + "pattern: [0-9]+]")
            }
            guard (0...1).contains(weight) else {
                throw LambdaError.validation(
                    shown + "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
                        + "Member must have value greater than or equal to 0.0, Member must not be null]")
            }
        }
        return weights
    }

    private static func check(_ alias: AliasRecord) throws(AWSError) {
        for version in alias.additionalVersionWeights.keys {
            guard version != alias.version else {
                throw LambdaError.invalidParameter(
                    "Invalid function version \(version). Function version \(version) is already included in routing "
                        + "configuration.")
            }
            guard alias.version != FunctionVersionReference.latest else {
                throw AWSError(
                    "InvalidParameterValueException",
                    "$LATEST is not supported for an alias pointing to more than 1 version")
            }
        }
    }
}
