import AWSModels
import Core
import Functions
import Storage
import Wire

extension LambdaProvider {
    public func createFunction(
        _ input: Lambda.CreateFunctionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.FunctionConfiguration {
        let name = try FunctionName(input.functionName, nil, context)
        guard !name.isForeign else { throw name.missing(name.functionARN) }
        guard name.name.utf8.count <= 64 else {
            throw LambdaError.invalidParameter(
                "1 validation error detected: Value '\(name.name)' at 'functionName' failed to satisfy constraint: "
                    + "Member must have length less than or equal to 64")
        }
        let source = try Self.source(of: input)
        let change = try FunctionChange(input)
        try change.checkRuntime()
        try checkTags(input.tags ?? [:])
        let layers = try await layerCode(change.layers ?? [], context)
        guard try await read({ try self.store.function(name.name, name.scope, in: $0) }) == nil else {
            throw LambdaError.conflict("Function already exist: \(name.name)")
        }
        let code = try await packages.install(source)
        var latest = FunctionVersionRecord(
            reference: name.latest, role: input.role, runtime: input.runtime ?? "",
            handler: input.handler ?? "", code: code, modifiedAt: clock.now, revisionID: makeRevision())
        change.apply(to: &latest)
        latest.layers = layers.map(\.arn)
        latest.setLayerCode(layers)
        do { try deployment.check(latest) } catch { throw LambdaError.wrap(error) }
        let created = latest
        let version = try await write { transaction in
            // The function is there at once; its revision has moved on by then, as callers know it.
            var settled = created
            settled.revisionID = self.makeRevision()
            try self.store.create(settled, tags: input.tags ?? [:], in: transaction)
            var version = FunctionVersionReference.latest
            if input.publish == true {
                version = try self.store.publish(
                    name.name, name.scope, newRevision: self.makeRevision(), in: transaction
                ).reference.version
            }
            if let arn = input.codeSigningConfigArn {
                try self.setCodeSigning(arn, of: name, in: transaction)
                try self.requireTrustedCode(of: name, in: transaction)
            }
            try self.deployment.refresh(name.name, name.scope, in: transaction)
            return version
        }
        var shown = created
        shown.reference.version = version
        return shown.shape(arn: name.functionARN, .creating)
    }

    /// The archive that the request carries or names.
    private static func source(of input: Lambda.CreateFunctionRequest) throws(AWSError) -> FunctionPackages.Source {
        guard input.packageType != .image, input.code.imageUri == nil else { throw imagesAreNotRun }
        guard input.runtime != nil, input.handler != nil else {
            throw LambdaError.invalidParameter(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.")
        }
        if let archive = input.code.zipFile { return .bytes(archive.bytes) }
        guard let bucket = input.code.s3Bucket, let key = input.code.s3Key else {
            throw LambdaError.invalidParameter("Please provide a source for function code.")
        }
        return .object(bucket: bucket, key: key, version: input.code.s3ObjectVersion)
    }

    static let imagesAreNotRun = LambdaError.invalidParameter(
        "PackageType Image is not supported: this host runs functions without containers. Package the code as a zip "
            + "archive with a managed runtime, or with a bootstrap and provided.al2023.")

    public func getFunction(
        _ input: Lambda.GetFunctionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetFunctionResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        let (version, function) = try await read { transaction in
            (try self.version(name, in: transaction), try self.function(name, in: transaction))
        }
        return Lambda.GetFunctionResponse {
            $0.configuration = version.shape(arn: name.shownARN, .settled, failure: failure(of: version.reference))
            $0.code = Lambda.FunctionCodeLocation {
                $0.repositoryType = "S3"
                $0.location = location(of: version.code, context)
            }
            if !function.tags.isEmpty { $0.tags = function.tags }
            if let concurrency = function.reservedConcurrency {
                $0.concurrency = Lambda.Concurrency { $0.reservedConcurrentExecutions = concurrency }
            }
        }
    }

    public func getFunctionConfiguration(
        _ input: Lambda.GetFunctionConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.FunctionConfiguration {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        let version = try await read { try self.version(name, in: $0) }
        return version.shape(arn: name.shownARN, .settled, failure: failure(of: version.reference))
    }

    func failure(of reference: FunctionVersionReference) -> String? {
        deployment.directory.function(reference.functionName, reference.scope)?.failures[reference.version]
    }

    /// Where the archive can be downloaded; nil for code that was never an archive.
    func location(of code: FunctionCode, _ context: RequestContext) -> String? {
        guard packages.archivePath(sha256: code.sha256) != nil else { return nil }
        return "\(context.endpoint)\(ArchiveRoute.prefix)\(FunctionPackages.name(ofSHA256: code.sha256)).zip"
    }

    public func listFunctions(
        _ input: Lambda.ListFunctionsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListFunctionsResponse {
        let limit = min(input.maxItems ?? 50, 50)
        let after = MarkerPage<FunctionVersionRecord>.after(input.marker) ?? ""
        let all = try await read { transaction in
            try self.store.functions(context.scope, after: after, limit: limit + 1, in: transaction)
        }
        let page = MarkerPage(all, limit: limit) { $0.reference.functionName }
        guard input.functionVersion == .all else {
            return Lambda.ListFunctionsResponse {
                $0.functions = page.items.map { $0.shape(arn: $0.reference.functionARN, .listed) }
                $0.nextMarker = page.nextMarker
            }
        }
        let versions = try await read { transaction in
            try page.items.flatMap {
                try self.store.versions(of: $0.reference.functionName, context.scope, limit: 10_000, in: transaction)
            }
        }
        return Lambda.ListFunctionsResponse {
            $0.functions = versions.map { $0.shape(arn: $0.qualifiedARN, .listed) }
            $0.nextMarker = page.nextMarker
        }
    }

    public func deleteFunction(
        _ input: Lambda.DeleteFunctionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.DeleteFunctionResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        if let qualifier = name.qualifier {
            guard name.namesVersion else {
                throw LambdaError.invalidParameter("Deletion of aliases is not currently supported.")
            }
            guard qualifier != FunctionVersionReference.latest else {
                throw LambdaError.invalidParameter(
                    "$LATEST version cannot be deleted without deleting the function.")
            }
        }
        try await write { transaction in
            _ = try self.function(name, in: transaction)
            if let qualifier = name.qualifier {
                try self.store.deleteVersion(name.version(qualifier), in: transaction)
                try self.deployment.refresh(name.name, name.scope, in: transaction)
            } else {
                try self.deployment.delete(name.name, name.scope, in: transaction)
            }
        }
        return Lambda.DeleteFunctionResponse { $0.statusCode = 204 }
    }
}

extension FunctionName {
    /// As answers name a function: with a qualifier only when the caller gave one.
    var shownARN: ARN { arn }
}

extension FunctionVersionRecord {
    /// With `$LATEST` too.
    var qualifiedARN: ARN {
        reference.scope.arn("lambda", "function:\(reference.functionName):\(reference.version)")
    }
}
