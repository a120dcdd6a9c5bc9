import AWSModels
import Core
import Functions
import Storage
import Wire

/// A layer as callers name it, by name or by ARN.
struct LayerName {
    var scope: Scope
    var name: String

    init(_ text: String, _ context: RequestContext) {
        scope = context.scope
        name = text
        guard let arn = ARN(text), arn.service == "lambda" else { return }
        let parts = arn.resource.split(separator: ":")
        guard parts.count >= 2 else { return }
        scope = Scope(account: arn.account, region: arn.region)
        name = String(parts[1])
    }

    func versionARN(_ number: Int) -> ARN { scope.arn("lambda", "layer:\(name):\(number)") }
}

extension LambdaProvider {
    /// The code of layer versions by their ARNs.
    func layerCode(_ arns: [String], _ context: RequestContext) async throws(AWSError) -> [(
        arn: String, code: FunctionCode
    )] {
        guard arns.count <= 5 else { throw LambdaError.invalidParameter("Cannot reference more than 5 layers.") }
        var seen: [String: String] = [:]
        var parsed: [(arn: String, layer: LayerName, version: Int)] = []
        for text in arns {
            guard let arn = ARN(text), let version = arn.resource.split(separator: ":").last.flatMap({ Int($0) }) else {
                throw LambdaError.invalidParameter("Layer version \(text) does not exist.")
            }
            let layer = LayerName(text, context)
            guard layer.scope.region == context.scope.region else {
                throw LambdaError.invalidParameter(
                    "Layers are not in the same region as the function. Layers are expected to be in region "
                        + "\(context.scope.region).")
            }
            if let other = seen["\(layer.scope.account) \(layer.name)"] {
                throw LambdaError.invalidParameter(
                    "Two different versions of the same layer are not allowed to be referenced in the same function. "
                        + "\(other) and \(text) are versions of the same layer.")
            }
            seen["\(layer.scope.account) \(layer.name)"] = text
            parsed.append((text, layer, version))
        }
        guard !parsed.isEmpty else { return [] }
        let wanted = parsed
        return try await read { transaction in
            try wanted.map { text, layer, version in
                guard
                    let record = try self.store.layer(layer.name, version: version, layer.scope, in: transaction)
                else { throw LambdaError.invalidParameter("Layer version \(text) does not exist.") }
                return (text, record.code)
            }
        }
    }

    public func publishLayerVersion(
        _ input: Lambda.PublishLayerVersionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.PublishLayerVersionResponse {
        let layer = LayerName(input.layerName, context)
        let source: FunctionPackages.Source
        if let archive = input.content.zipFile {
            source = .bytes(archive.bytes)
        } else if let bucket = input.content.s3Bucket, let key = input.content.s3Key {
            source = .object(bucket: bucket, key: key, version: input.content.s3ObjectVersion)
        } else {
            throw LambdaError.invalidParameter("Please provide a source for layer content.")
        }
        let code = try await packages.install(source)
        let draft = LayerVersionRecord(
            scope: layer.scope, name: layer.name, version: 0, summary: input.description ?? "",
            licenseInfo: input.licenseInfo ?? "",
            compatibleRuntimes: input.compatibleRuntimes?.map(\.rawValue) ?? [],
            compatibleArchitectures: input.compatibleArchitectures?.map(\.rawValue) ?? [], code: code,
            createdAt: clock.now)
        let published = try await write { try self.store.publishLayer(draft, in: $0) }
        return Lambda.PublishLayerVersionResponse {
            $0.content = content(of: published, context)
            $0.layerArn = "\(published.layerARN)"
            $0.layerVersionArn = "\(published.arn)"
            $0.description = published.summary
            $0.createdDate = FunctionVersionRecord.text(of: published.createdAt)
            $0.version = published.version
            if input.compatibleRuntimes != nil { $0.compatibleRuntimes = published.shownRuntimes }
            if !published.licenseInfo.isEmpty { $0.licenseInfo = published.licenseInfo }
            if input.compatibleArchitectures != nil { $0.compatibleArchitectures = published.shownArchitectures }
        }
    }

    private func content(of layer: LayerVersionRecord, _ context: RequestContext) -> Lambda.LayerVersionContentOutput {
        Lambda.LayerVersionContentOutput {
            $0.location = location(of: layer.code, context)
            $0.codeSha256 = layer.code.sha256
            $0.codeSize = layer.code.size
        }
    }

    public func getLayerVersion(
        _ input: Lambda.GetLayerVersionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetLayerVersionResponse {
        guard input.versionNumber >= 1 else {
            throw LambdaError.invalidParameter("Layer Version Cannot be less than 1")
        }
        return try await getLayer(LayerName(input.layerName, context), input.versionNumber, context)
    }

    public func getLayerVersionByArn(
        _ input: Lambda.GetLayerVersionByArnRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetLayerVersionResponse {
        let version = input.arn.split(separator: ":").last.flatMap { Int($0) } ?? 0
        return try await getLayer(LayerName(input.arn, context), version, context)
    }

    private func getLayer(
        _ name: LayerName, _ version: Int, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetLayerVersionResponse {
        let layer = try await read { try self.store.layer(name.name, version: version, name.scope, in: $0) }
        guard let layer else { throw LambdaError.notFound("The resource you requested does not exist.") }
        return Lambda.GetLayerVersionResponse {
            $0.content = content(of: layer, context)
            $0.layerArn = "\(layer.layerARN)"
            $0.layerVersionArn = "\(layer.arn)"
            $0.description = layer.summary
            $0.createdDate = FunctionVersionRecord.text(of: layer.createdAt)
            $0.version = layer.version
            if !layer.compatibleRuntimes.isEmpty { $0.compatibleRuntimes = layer.shownRuntimes }
            if !layer.licenseInfo.isEmpty { $0.licenseInfo = layer.licenseInfo }
            if !layer.compatibleArchitectures.isEmpty { $0.compatibleArchitectures = layer.shownArchitectures }
        }
    }

    public func listLayerVersions(
        _ input: Lambda.ListLayerVersionsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListLayerVersionsResponse {
        let name = LayerName(input.layerName, context)
        let limit = min(input.maxItems ?? 50, 50)
        let before = MarkerPage<Int>.after(input.marker).flatMap(Int.init) ?? .max
        let layers = try await read { transaction in
            try self.store.layerVersions(of: name.name, name.scope, before: before, limit: 10_000, in: transaction)
        }.filter { $0.suits(input.compatibleRuntime, input.compatibleArchitecture) }
        let page = MarkerPage(layers, limit: limit) { "\($0.version)" }
        return Lambda.ListLayerVersionsResponse {
            $0.layerVersions = page.items.map(\.item)
            $0.nextMarker = page.nextMarker
        }
    }

    public func listLayers(
        _ input: Lambda.ListLayersRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListLayersResponse {
        let limit = min(input.maxItems ?? 50, 50)
        let after = MarkerPage<Int>.after(input.marker) ?? ""
        let layers = try await read { transaction in
            try self.store.layers(context.scope, after: after, limit: 10_000, in: transaction)
        }.filter { $0.suits(input.compatibleRuntime, input.compatibleArchitecture) }
        let page = MarkerPage(layers, limit: limit, key: \.name)
        return Lambda.ListLayersResponse {
            $0.layers = page.items.map { layer in
                Lambda.LayersListItem {
                    $0.layerName = layer.name
                    $0.layerArn = "\(layer.layerARN)"
                    $0.latestMatchingVersion = layer.item
                }
            }
            $0.nextMarker = page.nextMarker
        }
    }

    public func deleteLayerVersion(
        _ input: Lambda.DeleteLayerVersionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        guard input.versionNumber >= 1 else {
            throw LambdaError.invalidParameter("Layer Version Cannot be less than 1")
        }
        let name = LayerName(input.layerName, context)
        try await write { transaction in
            try self.store.deleteLayer(name.name, version: input.versionNumber, name.scope, in: transaction)
            try self.documents.remove(
                .layerPolicy, "\(name.name):\(input.versionNumber)", name.scope, in: transaction)
        }
    }

    // MARK: Permissions

    public func addLayerVersionPermission(
        _ input: Lambda.AddLayerVersionPermissionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.AddLayerVersionPermissionResponse {
        let name = LayerName(input.layerName, context)
        let statement: JSON = try Self.layerStatement(input, name)
        let revision = makeRevision()
        try await write { transaction in
            var policy =
                try self.layerPolicy(name, input.versionNumber, in: transaction) ?? ResourcePolicy(revisionID: "")
            guard !policy.holds(input.statementId) else {
                throw LambdaError.conflict(
                    "The statement id (\(input.statementId)) provided already exists. Please provide a new statement "
                        + "id, or remove the existing statement.")
            }
            if let expected = input.revisionId, expected != policy.revisionID {
                throw LambdaError.revisionMismatch("GetLayerPolicy")
            }
            policy.statements.append(statement)
            policy.revisionID = revision
            try self.documents.put(
                .layerPolicy, "\(name.name):\(input.versionNumber)", policy.document, name.scope, in: transaction)
        }
        return Lambda.AddLayerVersionPermissionResponse {
            $0.statement = statement.text()
            $0.revisionId = revision
        }
    }

    private static func layerStatement(
        _ input: Lambda.AddLayerVersionPermissionRequest, _ name: LayerName
    ) throws(AWSError) -> JSON {
        var statement: JSONObject = [
            "Sid": .string(input.statementId), "Effect": "Allow", "Principal": try principal(input.principal),
            "Action": .string(input.action), "Resource": .string("\(name.versionARN(input.versionNumber))"),
        ]
        if let organization = input.organizationId {
            statement["Condition"] = ["StringEquals": ["aws:PrincipalOrgID": .string(organization)]]
        }
        return .object(statement)
    }

    public func removeLayerVersionPermission(
        _ input: Lambda.RemoveLayerVersionPermissionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = LayerName(input.layerName, context)
        try await write { transaction in
            var policy =
                try self.layerPolicy(name, input.versionNumber, in: transaction) ?? ResourcePolicy(revisionID: "")
            if let expected = input.revisionId, expected != policy.revisionID {
                throw LambdaError.revisionMismatch("GetLayerPolicy")
            }
            guard policy.remove(input.statementId) else {
                throw LambdaError.notFound("Statement \(input.statementId) is not found in resource policy.")
            }
            policy.revisionID = self.makeRevision()
            let id = "\(name.name):\(input.versionNumber)"
            if policy.statements.isEmpty {
                try self.documents.remove(.layerPolicy, id, name.scope, in: transaction)
            } else {
                try self.documents.put(.layerPolicy, id, policy.document, name.scope, in: transaction)
            }
        }
    }

    public func getLayerVersionPolicy(
        _ input: Lambda.GetLayerVersionPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetLayerVersionPolicyResponse {
        let name = LayerName(input.layerName, context)
        let policy = try await read { try self.layerPolicy(name, input.versionNumber, in: $0) }
        guard let policy else {
            throw LambdaError.notFound("No policy is associated with the given resource.")
        }
        return Lambda.GetLayerVersionPolicyResponse {
            $0.policy = policy.text
            $0.revisionId = policy.revisionID
        }
    }

    private func layerPolicy(
        _ name: LayerName, _ version: Int, in transaction: Transaction
    ) throws -> ResourcePolicy? {
        guard try store.layer(name.name, version: version, name.scope, in: transaction) != nil else {
            throw LambdaError.notFound("Layer version \(name.versionARN(version)) does not exist.")
        }
        return try documents.get(.layerPolicy, "\(name.name):\(version)", name.scope, in: transaction)
            .map(ResourcePolicy.init)
    }
}

extension LayerVersionRecord {
    var shownRuntimes: [Lambda.Runtime] { compatibleRuntimes.map(Lambda.Runtime.init(rawValue:)) }

    var shownArchitectures: [Lambda.Architecture] {
        compatibleArchitectures.map(Lambda.Architecture.init(rawValue:))
    }

    func suits(_ runtime: Lambda.Runtime?, _ architecture: Lambda.Architecture?) -> Bool {
        (runtime.map { compatibleRuntimes.contains($0.rawValue) } ?? true)
            && (architecture.map { compatibleArchitectures.contains($0.rawValue) } ?? true)
    }

    var item: Lambda.LayerVersionsListItem {
        Lambda.LayerVersionsListItem {
            $0.layerVersionArn = "\(arn)"
            $0.version = version
            $0.description = summary
            $0.createdDate = FunctionVersionRecord.text(of: createdAt)
            if !compatibleRuntimes.isEmpty { $0.compatibleRuntimes = shownRuntimes }
            if !licenseInfo.isEmpty { $0.licenseInfo = licenseInfo }
            if !compatibleArchitectures.isEmpty { $0.compatibleArchitectures = shownArchitectures }
        }
    }
}
