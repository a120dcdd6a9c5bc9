import AWSModels
import Core
import Functions
import Storage
import Wire

/// Who must have signed code.
struct CodeSigningConfiguration {
    var id: String
    var arn: String
    var summary: String?
    var publishers: [String]
    var policy: String
    var modifiedAt: Timestamp
    var tags: [String: String]

    /// Whether code without a trusted signature is refused; otherwise it is only told of.
    var insistsOnSignatures: Bool { policy == "Enforce" }

    var document: JSON {
        var document: JSON = [
            "id": .string(id), "arn": .string(arn), "publishers": .array(publishers.map(JSON.string)),
            "policy": .string(policy), "modifiedAt": .int(modifiedAt.milliseconds),
            "tags": .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
        ]
        document["summary"] = summary.map(JSON.string)
        return document
    }

    init(
        id: String, arn: String, summary: String?, publishers: [String], policy: String, modifiedAt: Timestamp,
        tags: [String: String]
    ) {
        self.id = id
        self.arn = arn
        self.summary = summary
        self.publishers = publishers
        self.policy = policy
        self.modifiedAt = modifiedAt
        self.tags = tags
    }

    init(_ document: JSON) {
        id = document["id"]?.stringValue ?? ""
        arn = document["arn"]?.stringValue ?? ""
        summary = document["summary"]?.stringValue
        publishers = document["publishers"]?.arrayValue?.compactMap(\.stringValue) ?? []
        policy = document["policy"]?.stringValue ?? "Warn"
        modifiedAt = Timestamp(milliseconds: document["modifiedAt"]?.intValue ?? 0)
        tags = [:]
        for (key, value) in document["tags"]?.objectValue ?? [:] { tags[key] = value.stringValue }
    }

    var shape: Lambda.CodeSigningConfig {
        Lambda.CodeSigningConfig {
            $0.codeSigningConfigId = id
            $0.codeSigningConfigArn = arn
            if let summary { $0.description = summary }
            $0.allowedPublishers = Lambda.AllowedPublishers { $0.signingProfileVersionArns = publishers }
            $0.codeSigningPolicies = Lambda.CodeSigningPolicies {
                $0.untrustedArtifactOnDeployment = Lambda.CodeSigningPolicy(rawValue: policy)
            }
            $0.lastModified = FunctionVersionRecord.text(of: modifiedAt)
        }
    }
}

extension LambdaProvider {
    func codeSigning(
        _ arn: String, _ scope: Scope, in transaction: Transaction
    ) throws -> CodeSigningConfiguration {
        guard let document = try documents.get(.codeSigning, arn, scope, in: transaction) else {
            throw AWSError(
                "ResourceNotFoundException", "The Lambda code signing configuration \(arn) can not be found.")
        }
        return CodeSigningConfiguration(document)
    }

    func put(_ config: CodeSigningConfiguration, _ scope: Scope, in transaction: Transaction) throws {
        try documents.put(.codeSigning, config.arn, config.document, scope, in: transaction)
    }

    public func createCodeSigningConfig(
        _ input: Lambda.CreateCodeSigningConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.CreateCodeSigningConfigResponse {
        let id = "csc-" + String(makeRevision().filter { $0 != "-" }.prefix(17))
        let config = CodeSigningConfiguration(
            id: id, arn: "\(context.scope.arn("lambda", "code-signing-config:\(id)"))", summary: input.description,
            publishers: input.allowedPublishers.signingProfileVersionArns,
            policy: input.codeSigningPolicies?.untrustedArtifactOnDeployment?.rawValue ?? "Warn",
            modifiedAt: clock.now, tags: input.tags ?? [:])
        try await write { try self.put(config, context.scope, in: $0) }
        return Lambda.CreateCodeSigningConfigResponse { $0.codeSigningConfig = config.shape }
    }

    public func updateCodeSigningConfig(
        _ input: Lambda.UpdateCodeSigningConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.UpdateCodeSigningConfigResponse {
        let shape = try await write { transaction in
            var config = try self.codeSigning(input.codeSigningConfigArn, context.scope, in: transaction)
            if let summary = input.description { config.summary = summary }
            if let publishers = input.allowedPublishers { config.publishers = publishers.signingProfileVersionArns }
            if let policy = input.codeSigningPolicies?.untrustedArtifactOnDeployment { config.policy = policy.rawValue }
            config.modifiedAt = self.clock.now
            try self.put(config, context.scope, in: transaction)
            return config.shape
        }
        return Lambda.UpdateCodeSigningConfigResponse { $0.codeSigningConfig = shape }
    }

    public func getCodeSigningConfig(
        _ input: Lambda.GetCodeSigningConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetCodeSigningConfigResponse {
        let shape = try await read { transaction in
            try self.codeSigning(input.codeSigningConfigArn, context.scope, in: transaction).shape
        }
        return Lambda.GetCodeSigningConfigResponse { $0.codeSigningConfig = shape }
    }

    public func listCodeSigningConfigs(
        _ input: Lambda.ListCodeSigningConfigsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListCodeSigningConfigsResponse {
        let all = try await read { transaction in
            try self.documents.all(.codeSigning, context.scope, in: transaction).map(\.content)
        }.map(CodeSigningConfiguration.init)
        let after = MarkerPage<Int>.after(input.marker) ?? ""
        let page = MarkerPage(all.filter { $0.arn > after }, limit: min(input.maxItems ?? 50, 10_000), key: \.arn)
        return Lambda.ListCodeSigningConfigsResponse {
            $0.codeSigningConfigs = page.items.map(\.shape)
            $0.nextMarker = page.nextMarker
        }
    }

    public func deleteCodeSigningConfig(
        _ input: Lambda.DeleteCodeSigningConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.DeleteCodeSigningConfigResponse {
        try await write { transaction in
            _ = try self.codeSigning(input.codeSigningConfigArn, context.scope, in: transaction)
            let users = try self.functions(signedBy: input.codeSigningConfigArn, context.scope, in: transaction)
            guard users.isEmpty else {
                throw LambdaError.conflict(
                    "Cannot delete code signing config because it is being used by \(users.count) function(s).")
            }
            try self.documents.remove(.codeSigning, input.codeSigningConfigArn, context.scope, in: transaction)
        }
        return Lambda.DeleteCodeSigningConfigResponse()
    }

    // MARK: Functions

    /// Code that is deployed to a function must carry a signature that its configuration trusts, where that insists. No
    /// code carries one here: signing profiles are another service's.
    func requireTrustedCode(of name: FunctionName, in transaction: Transaction) throws {
        let arn = try store.get(
            .codeSigning, of: name.name, qualifier: FunctionVersionReference.latest, name.scope, in: transaction)
        guard let arn = arn?.stringValue, try codeSigning(arn, name.scope, in: transaction).insistsOnSignatures else {
            return
        }
        throw AWSError(
            "CodeVerificationFailedException",
            "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client "
                + "is not configured to accept. Check the provided signature for \(name.name)."
        ).with("Type", "User")
    }

    func setCodeSigning(_ arn: String, of name: FunctionName, in transaction: Transaction) throws {
        guard try documents.get(.codeSigning, arn, name.scope, in: transaction) != nil else {
            throw AWSError(
                "CodeSigningConfigNotFoundException",
                "The code signing configuration cannot be found. Check that the provided configuration is not "
                    + "deleted: \(arn).", status: 404
            ).with("Type", "User")
        }
        try store.set(
            .codeSigning, .string(arn), of: name.name, qualifier: FunctionVersionReference.latest, name.scope,
            in: transaction)
    }

    public func putFunctionCodeSigningConfig(
        _ input: Lambda.PutFunctionCodeSigningConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.PutFunctionCodeSigningConfigResponse {
        let name = try FunctionName(input.functionName, nil, context)
        try await write { transaction in
            guard try self.documents.get(.codeSigning, input.codeSigningConfigArn, name.scope, in: transaction) != nil
            else { return try self.setCodeSigning(input.codeSigningConfigArn, of: name, in: transaction) }
            _ = try self.function(name, in: transaction)
            try self.setCodeSigning(input.codeSigningConfigArn, of: name, in: transaction)
        }
        return Lambda.PutFunctionCodeSigningConfigResponse {
            $0.codeSigningConfigArn = input.codeSigningConfigArn
            $0.functionName = name.name
        }
    }

    public func getFunctionCodeSigningConfig(
        _ input: Lambda.GetFunctionCodeSigningConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetFunctionCodeSigningConfigResponse {
        let name = try FunctionName(input.functionName, nil, context)
        let arn = try await read { transaction in
            _ = try self.function(name, in: transaction)
            return try self.codeSigningARN(of: name, in: transaction)
        }
        // A function without one answers with no members at all.
        guard let arn else { return Lambda.GetFunctionCodeSigningConfigResponse() }
        return Lambda.GetFunctionCodeSigningConfigResponse {
            $0.codeSigningConfigArn = arn
            $0.functionName = name.name
        }
    }

    public func deleteFunctionCodeSigningConfig(
        _ input: Lambda.DeleteFunctionCodeSigningConfigRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = try FunctionName(input.functionName, nil, context)
        try await write { transaction in
            _ = try self.function(name, in: transaction)
            try self.store.remove(
                .codeSigning, of: name.name, qualifier: FunctionVersionReference.latest, name.scope, in: transaction)
        }
    }

    public func listFunctionsByCodeSigningConfig(
        _ input: Lambda.ListFunctionsByCodeSigningConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListFunctionsByCodeSigningConfigResponse {
        let arns = try await read { transaction in
            _ = try self.codeSigning(input.codeSigningConfigArn, context.scope, in: transaction)
            return try self.functions(signedBy: input.codeSigningConfigArn, context.scope, in: transaction)
        }
        let after = MarkerPage<Int>.after(input.marker) ?? ""
        let page = MarkerPage(arns.filter { $0 > after }, limit: min(input.maxItems ?? 50, 10_000)) { $0 }
        return Lambda.ListFunctionsByCodeSigningConfigResponse {
            $0.functionArns = page.items
            $0.nextMarker = page.nextMarker
        }
    }

    private func codeSigningARN(of name: FunctionName, in transaction: Transaction) throws -> String? {
        try store.get(
            .codeSigning, of: name.name, qualifier: FunctionVersionReference.latest, name.scope, in: transaction
        )?.stringValue
    }

    private func functions(signedBy arn: String, _ scope: Scope, in transaction: Transaction) throws -> [String] {
        try store.functions(scope, limit: .max, in: transaction).compactMap { version in
            let signed = try store.get(
                .codeSigning, of: version.reference.functionName, qualifier: FunctionVersionReference.latest, scope,
                in: transaction)
            return signed?.stringValue == arn ? "\(version.reference.functionARN)" : nil
        }
    }
}
