import AWSModels
import Core
import Functions
import Storage
import Wire

extension LambdaProvider {
    public func createFunctionUrlConfig(
        _ input: Lambda.CreateFunctionUrlConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.CreateFunctionUrlConfigResponse {
        let name = try Self.urlName(input.functionName, input.qualifier, context)
        let url = FunctionURL(
            id: FunctionURL.makeID(random), authType: input.authType.rawValue, invokeMode: input.invokeMode?.rawValue,
            cors: input.cors?.document, at: clock.now)
        try await write { transaction in
            try self.requireURLTarget(name, in: transaction)
            guard try self.url(of: name, in: transaction) == nil else {
                throw LambdaError.conflict(
                    "Failed to create function url config for [functionArn = \(name.arn)]. Error message:  "
                        + "FunctionUrlConfig exists for this Lambda function")
            }
            try self.set(url, of: name, in: transaction)
        }
        return Lambda.CreateFunctionUrlConfigResponse {
            $0.functionUrl = url.address(region: name.scope.region, endpoint: context.endpoint)
            $0.functionArn = "\(name.arn)"
            $0.authType = input.authType
            $0.cors = input.cors
            $0.creationTime = url.createdAt.description
            $0.invokeMode = input.invokeMode
        }
    }

    public func getFunctionUrlConfig(
        _ input: Lambda.GetFunctionUrlConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetFunctionUrlConfigResponse {
        let name = try Self.urlName(input.functionName, input.qualifier, context)
        let url = try await read { try self.url(of: name, in: $0) }
        guard let url else { throw Self.noURL }
        return Lambda.GetFunctionUrlConfigResponse {
            $0.functionUrl = url.address(region: name.scope.region, endpoint: context.endpoint)
            $0.functionArn = "\(name.arn)"
            $0.authType = Lambda.FunctionUrlAuthType(rawValue: url.authType)
            $0.cors = url.cors.map(Lambda.Cors.init(document:))
            $0.creationTime = url.createdAt.description
            $0.lastModifiedTime = url.modifiedAt.description
            $0.invokeMode = Lambda.InvokeMode(rawValue: url.invokeMode ?? "BUFFERED")
        }
    }

    public func updateFunctionUrlConfig(
        _ input: Lambda.UpdateFunctionUrlConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.UpdateFunctionUrlConfigResponse {
        let name = try Self.urlName(input.functionName, input.qualifier, context)
        let now = clock.now
        let url = try await write { transaction in
            try self.requireURLTarget(name, in: transaction)
            guard var url = try self.url(of: name, in: transaction) else { throw Self.noURL }
            url.modifiedAt = now
            if let authType = input.authType { url.authType = authType.rawValue }
            if let cors = input.cors { url.cors = cors.document }
            if let mode = input.invokeMode { url.invokeMode = mode.rawValue }
            try self.set(url, of: name, in: transaction)
            return url
        }
        return Lambda.UpdateFunctionUrlConfigResponse {
            $0.functionUrl = url.address(region: name.scope.region, endpoint: context.endpoint)
            $0.functionArn = "\(name.arn)"
            $0.authType = Lambda.FunctionUrlAuthType(rawValue: url.authType)
            $0.cors = url.cors.map(Lambda.Cors.init(document:))
            $0.creationTime = url.createdAt.description
            $0.lastModifiedTime = url.modifiedAt.description
            $0.invokeMode = url.invokeMode.map(Lambda.InvokeMode.init(rawValue:))
        }
    }

    public func deleteFunctionUrlConfig(
        _ input: Lambda.DeleteFunctionUrlConfigRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = try Self.urlName(input.functionName, input.qualifier, context)
        try await write { transaction in
            let wasThere = try self.store.remove(
                .url, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
            guard wasThere else { throw Self.noURL }
            try self.deployment.refresh(name.name, name.scope, in: transaction)
        }
    }

    public func listFunctionUrlConfigs(
        _ input: Lambda.ListFunctionUrlConfigsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListFunctionUrlConfigsResponse {
        let name = try FunctionName(input.functionName, nil, context)
        let all = try await read { transaction in
            guard try self.store.function(name.name, name.scope, in: transaction) != nil else {
                throw LambdaError.notFound("Function does not exist")
            }
            return try self.store.all(.url, of: name.name, name.scope, in: transaction).compactMap {
                qualifier, document in FunctionURL(document).map { (qualifier, $0) }
            }
        }
        let after = MarkerPage<Int>.after(input.marker) ?? ""
        let page = MarkerPage(all.filter { $0.0 > after }, limit: min(input.maxItems ?? 50, 50)) { $0.0 }
        return Lambda.ListFunctionUrlConfigsResponse {
            $0.functionUrlConfigs = page.items.map { qualifier, url in
                let isLatest = qualifier == FunctionVersionReference.latest
                return Lambda.FunctionUrlConfig {
                    $0.functionUrl = url.address(region: name.scope.region, endpoint: context.endpoint)
                    $0.functionArn = "\(isLatest ? name.functionARN : name.arn(qualifiedBy: qualifier))"
                    $0.creationTime = url.createdAt.description
                    $0.lastModifiedTime = url.modifiedAt.description
                    $0.cors = url.cors.map(Lambda.Cors.init(document:))
                    $0.authType = Lambda.FunctionUrlAuthType(rawValue: url.authType)
                    $0.invokeMode = Lambda.InvokeMode(rawValue: url.invokeMode ?? "BUFFERED")
                }
            }
            $0.nextMarker = page.nextMarker
        }
    }

    // MARK: Storing

    private static let noURL = LambdaError.notFound("The resource you requested does not exist.")

    /// URLs belong to functions and aliases, not to versions.
    private static func urlName(
        _ function: String, _ qualifier: String?, _ context: RequestContext
    ) throws(AWSError) -> FunctionName {
        if let qualifier, FunctionName.isVersion(qualifier) {
            throw LambdaError.validation(
                "1 validation error detected: Value '\(qualifier)' at 'qualifier' failed to satisfy constraint: Member "
                    + "must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)")
        }
        return try FunctionName(function, qualifier, context)
    }

    private func requireURLTarget(_ name: FunctionName, in transaction: Transaction) throws {
        guard try store.function(name.name, name.scope, in: transaction) != nil else {
            throw LambdaError.notFound("Function does not exist")
        }
        guard let qualifier = name.qualifier else { return }
        guard try store.alias(qualifier, of: name.name, name.scope, in: transaction) != nil else {
            throw LambdaError.notFound("Function does not exist")
        }
    }

    private func url(of name: FunctionName, in transaction: Transaction) throws -> FunctionURL? {
        try store.get(.url, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
            .flatMap(FunctionURL.init)
    }

    private func set(_ url: FunctionURL, of name: FunctionName, in transaction: Transaction) throws {
        try store.set(
            .url, url.document, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
        try deployment.refresh(name.name, name.scope, in: transaction)
    }
}

extension Lambda.Cors {
    var document: JSON {
        var document = JSONObject()
        document["AllowCredentials"] = allowCredentials.map(JSON.bool)
        func list(_ name: String, _ texts: [String]?) {
            document[name] = texts.map { .array($0.map(JSON.string)) }
        }
        list("AllowHeaders", allowHeaders)
        list("AllowMethods", allowMethods)
        list("AllowOrigins", allowOrigins)
        list("ExposeHeaders", exposeHeaders)
        document["MaxAge"] = maxAge.map { JSON($0) }
        return .object(document)
    }

    init(document: JSON) {
        self.init()
        func list(_ name: String) -> [String]? { document[name]?.arrayValue?.compactMap(\.stringValue) }
        allowCredentials = document["AllowCredentials"]?.boolValue
        allowHeaders = list("AllowHeaders")
        allowMethods = list("AllowMethods")
        allowOrigins = list("AllowOrigins")
        exposeHeaders = list("ExposeHeaders")
        maxAge = document["MaxAge"]?.intValue.flatMap { Int(exactly: $0) }
    }
}
