import AWSModels
import Core
import Functions
import Storage
import Wire

extension LambdaProvider {
    public func getAccountSettings(
        _ input: Lambda.GetAccountSettingsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetAccountSettingsResponse {
        let limits = deployment.host.configuration.limits
        let (size, count, reserved) = try await read { transaction in
            var size = 0
            var count = 0
            for function in try self.store.functions(context.scope, limit: .max, in: transaction) {
                count += 1
                for version in try self.store.versions(
                    of: function.reference.functionName, context.scope, limit: .max, in: transaction)
                {
                    size += version.code.size
                }
            }
            for layer in try self.store.layers(context.scope, limit: .max, in: transaction) {
                for version in try self.store.layerVersions(
                    of: layer.name, context.scope, limit: .max, in: transaction)
                {
                    size += version.code.size
                }
            }
            return (size, count, try self.reservedConcurrency(context.scope, in: transaction))
        }
        return Lambda.GetAccountSettingsResponse {
            $0.accountLimit = Lambda.AccountLimit {
                $0.totalCodeSize = 80_530_636_800
                $0.codeSizeUnzipped = 262_144_000
                $0.codeSizeZipped = 52_428_800
                $0.concurrentExecutions = limits.accountConcurrency
                $0.unreservedConcurrentExecutions = limits.accountConcurrency - reserved
            }
            $0.accountUsage = Lambda.AccountUsage {
                $0.totalCodeSize = size
                $0.functionCount = count
            }
        }
    }

    // MARK: Recursion

    public func getFunctionRecursionConfig(
        _ input: Lambda.GetFunctionRecursionConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetFunctionRecursionConfigResponse {
        let name = try FunctionName(input.functionName, nil, context)
        let document = try await read { transaction in
            _ = try self.function(name, in: transaction)
            return try self.store.get(
                .recursion, of: name.name, qualifier: FunctionVersionReference.latest, name.scope, in: transaction)
        }
        return Lambda.GetFunctionRecursionConfigResponse {
            $0.recursiveLoop = Lambda.RecursiveLoop(rawValue: document?.stringValue ?? "Terminate")
        }
    }

    public func putFunctionRecursionConfig(
        _ input: Lambda.PutFunctionRecursionConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.PutFunctionRecursionConfigResponse {
        let name = try FunctionName(input.functionName, nil, context)
        try await write { transaction in
            _ = try self.function(name, in: transaction)
            try self.store.set(
                .recursion, .string(input.recursiveLoop.rawValue), of: name.name,
                qualifier: FunctionVersionReference.latest, name.scope, in: transaction)
        }
        return Lambda.PutFunctionRecursionConfigResponse { $0.recursiveLoop = input.recursiveLoop }
    }

    // MARK: Runtime management

    public func getRuntimeManagementConfig(
        _ input: Lambda.GetRuntimeManagementConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetRuntimeManagementConfigResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        let document = try await read { transaction in
            _ = try self.version(name, in: transaction)
            return try self.store.get(
                .runtimeManagement, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
        }
        return Lambda.GetRuntimeManagementConfigResponse {
            $0.updateRuntimeOn = Lambda.UpdateRuntimeOn(rawValue: document?["on"]?.stringValue ?? "Auto")
            $0.runtimeVersionArn = document?["arn"]?.stringValue
            $0.functionArn = "\(name.qualifiedARN)"
        }
    }

    public func putRuntimeManagementConfig(
        _ input: Lambda.PutRuntimeManagementConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.PutRuntimeManagementConfigResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        guard input.updateRuntimeOn != .manual || input.runtimeVersionArn != nil else {
            throw LambdaError.invalidParameter(
                "RuntimeVersionArn parameter is required when UpdateRuntimeOn is set to Manual.")
        }
        try await write { transaction in
            _ = try self.version(name, in: transaction)
            var document: JSON = ["on": .string(input.updateRuntimeOn.rawValue)]
            document["arn"] = input.runtimeVersionArn.map(JSON.string)
            try self.store.set(
                .runtimeManagement, document, of: name.name, qualifier: name.qualifierOrLatest, name.scope,
                in: transaction)
        }
        return Lambda.PutRuntimeManagementConfigResponse {
            $0.updateRuntimeOn = input.updateRuntimeOn
            $0.functionArn = "\(name.qualifiedARN)"
            if let arn = input.runtimeVersionArn { $0.runtimeVersionArn = arn }
        }
    }
}
