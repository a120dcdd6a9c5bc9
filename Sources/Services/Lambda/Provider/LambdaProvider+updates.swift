import AWSModels
import Core
import Functions
import Storage
import Wire

extension LambdaProvider {
    public func updateFunctionConfiguration(
        _ input: Lambda.UpdateFunctionConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.FunctionConfiguration {
        let name = try FunctionName(input.functionName, nil, context)
        let change = try FunctionChange(input)
        try change.checkRuntime()
        let layers = try await change.layers.asyncMap { arns async throws(AWSError) in
            try await layerCode(arns, context)
        }
        let addsCode = layers?.isEmpty == false
        return try await update(name, expectedRevision: input.revisionId, deploysCode: addsCode) { version in
            change.apply(to: &version)
            if let layers {
                version.layers = layers.map(\.arn)
                version.setLayerCode(layers)
            }
        }.shape(arn: name.functionARN, .updating)
    }

    public func updateFunctionCode(
        _ input: Lambda.UpdateFunctionCodeRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.FunctionConfiguration {
        let name = try FunctionName(input.functionName, nil, context)
        try LambdaError.refuse([("PublishTo", input.publishTo != nil)])
        let before = try await read { try self.version(name.unqualified, in: $0) }
        guard input.imageUri == nil else {
            throw LambdaError.invalidParameter(
                "Please don't provide ImageUri when updating a function with packageType Zip.")
        }
        let source: FunctionPackages.Source
        if let archive = input.zipFile {
            source = .bytes(archive.bytes)
        } else if let bucket = input.s3Bucket, let key = input.s3Key {
            source = .object(bucket: bucket, key: key, version: input.s3ObjectVersion)
        } else {
            throw LambdaError.invalidParameter("Please provide a source for function code.")
        }
        let code = try await packages.install(source)
        let architectures = input.architectures?.map(\.rawValue)
        if input.dryRun == true {
            var shown = before
            shown.code = code
            return shown.shape(arn: name.functionARN, .updating)
        }
        let updated = try await update(
            name, expectedRevision: input.revisionId, deploysCode: true, publishes: input.publish == true
        ) {
            $0.code = code
            if let architectures { $0.architectures = architectures }
        }
        return updated.shape(
            arn: input.publish == true ? name.arn(qualifiedBy: updated.reference.version) : name.functionARN,
            input.publish == true ? .creating : .updating)
    }

    /// Changes `$LATEST` and answers with what it is while the change is under way; the revision moves on after that.
    private func update(
        _ name: FunctionName, expectedRevision: String?, deploysCode: Bool, publishes: Bool = false,
        _ change: @escaping @Sendable (inout FunctionVersionRecord) -> Void
    ) async throws(AWSError) -> FunctionVersionRecord {
        try await write { transaction in
            let now = self.clock.now
            if deploysCode { try self.requireTrustedCode(of: name, in: transaction) }
            let updated = try self.store.updateLatest(
                of: name.name, name.scope, expectedRevision: expectedRevision, newRevision: self.makeRevision(),
                at: now, in: transaction
            ) { version in
                change(&version)
                try self.deployment.check(version)
            }
            _ = try self.store.updateLatest(
                of: name.name, name.scope, newRevision: self.makeRevision(), at: now, in: transaction
            ) { _ in }
            var shown = updated
            if publishes {
                shown = try self.store.publish(
                    name.name, name.scope, newRevision: self.makeRevision(), in: transaction)
            }
            try self.deployment.refresh(name.name, name.scope, in: transaction)
            return shown
        }
    }
}

extension FunctionName {
    var unqualified: FunctionName {
        var name = self
        name.qualifier = nil
        return name
    }
}

extension Optional {
    func asyncMap<Result>(
        _ transform: (Wrapped) async throws(AWSError) -> Result
    ) async throws(AWSError) -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
