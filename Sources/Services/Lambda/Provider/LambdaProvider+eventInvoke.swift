import AWSModels
import Core
import Functions
import Storage
import Wire

extension LambdaProvider {
    public func putFunctionEventInvokeConfig(
        _ input: Lambda.PutFunctionEventInvokeConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.FunctionEventInvokeConfig {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        var configuration = EventInvokeConfiguration(modifiedAt: wholeSecond)
        configuration.maximumRetryAttempts = input.maximumRetryAttempts
        configuration.maximumEventAgeSeconds = input.maximumEventAgeInSeconds
        configuration.onSuccess = input.destinationConfig?.onSuccess?.destination
        configuration.onFailure = input.destinationConfig?.onFailure?.destination
        guard
            input.maximumRetryAttempts != nil || input.maximumEventAgeInSeconds != nil
                || input.destinationConfig != nil
        else { throw Self.nothingGiven }
        let asked = configuration
        return try await setEventInvoke(name, input.destinationConfig) { _ in asked }
    }

    public func updateFunctionEventInvokeConfig(
        _ input: Lambda.UpdateFunctionEventInvokeConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.FunctionEventInvokeConfig {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        guard
            input.maximumRetryAttempts != nil || input.maximumEventAgeInSeconds != nil
                || input.destinationConfig != nil
        else { throw Self.nothingGiven }
        let now = wholeSecond
        return try await setEventInvoke(name, input.destinationConfig) { before in
            guard var configuration = before else { throw Self.noEventInvoke(name) }
            configuration.modifiedAt = now
            if let retries = input.maximumRetryAttempts { configuration.maximumRetryAttempts = retries }
            if let age = input.maximumEventAgeInSeconds { configuration.maximumEventAgeSeconds = age }
            if let onSuccess = input.destinationConfig?.onSuccess { configuration.onSuccess = onSuccess.destination }
            if let onFailure = input.destinationConfig?.onFailure { configuration.onFailure = onFailure.destination }
            return configuration
        }
    }

    private func setEventInvoke(
        _ name: FunctionName, _ destinations: Lambda.DestinationConfig?,
        _ make: @escaping @Sendable (EventInvokeConfiguration?) throws -> EventInvokeConfiguration
    ) async throws(AWSError) -> Lambda.FunctionEventInvokeConfig {
        try await write { transaction in
            guard try self.store.function(name.name, name.scope, in: transaction) != nil else {
                throw LambdaError.notFound("The function doesn't exist.")
            }
            if name.namesVersion {
                guard try self.store.version(name.version(name.qualifierOrLatest), in: transaction) != nil else {
                    throw LambdaError.notFound("The function doesn't exist.")
                }
            } else if try self.store.alias(name.qualifierOrLatest, of: name.name, name.scope, in: transaction) == nil {
                throw LambdaError.notFound("The function doesn't exist.")
            }
            try self.check(destinations, of: name, in: transaction)
            let before = try self.store.eventInvoke(
                of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
            let configuration = try make(before)
            try self.store.setEventInvoke(
                configuration, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
            try self.deployment.refresh(name.name, name.scope, in: transaction)
            return configuration.shape(name.qualifiedARN)
        }
    }

    private func check(
        _ config: Lambda.DestinationConfig?, of name: FunctionName, in transaction: Transaction
    ) throws {
        for destination in [config?.onSuccess?.destination, config?.onFailure?.destination].compactMap({ $0 })
        where !destination.isEmpty {
            guard let arn = ARN(destination), ["lambda", "sqs", "sns", "events", "s3"].contains(arn.service) else {
                throw LambdaError.invalidParameter(
                    "The provided destination config \(Self.text(of: config)) is invalid.")
            }
            if arn.service == "lambda" {
                let parts = arn.resource.split(separator: ":")
                let target = parts.count > 1 ? String(parts[1]) : ""
                guard target != name.name else {
                    throw LambdaError.invalidParameter("You can't specify the function as a destination for itself.")
                }
                guard try store.function(target, name.scope, in: transaction) != nil else {
                    throw LambdaError.invalidParameter("The destination ARN \(destination) is invalid.")
                }
            } else if !destinations.exists(arn) {
                throw LambdaError.invalidParameter("The destination ARN \(destination) is invalid.")
            }
        }
    }

    /// As Lambda prints it.
    private static func text(of config: Lambda.DestinationConfig?) -> String {
        let success = config?.onSuccess.map { "OnSuccess(destination=\($0.destination ?? "null"))" } ?? "null"
        let failure = config?.onFailure.map { "OnFailure(destination=\($0.destination ?? "null"))" } ?? "null"
        return "DestinationConfig(onSuccess=\(success), onFailure=\(failure))"
    }

    public func getFunctionEventInvokeConfig(
        _ input: Lambda.GetFunctionEventInvokeConfigRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.FunctionEventInvokeConfig {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        let configuration = try await read { transaction in
            try self.store.eventInvoke(
                of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
        }
        guard let configuration else { throw Self.noEventInvoke(name) }
        return configuration.shape(name.qualifiedARN)
    }

    public func deleteFunctionEventInvokeConfig(
        _ input: Lambda.DeleteFunctionEventInvokeConfigRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        try await write { transaction in
            let wasThere = try self.store.remove(
                .eventInvoke, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
            guard wasThere else { throw Self.noEventInvoke(name) }
            try self.deployment.refresh(name.name, name.scope, in: transaction)
        }
    }

    public func listFunctionEventInvokeConfigs(
        _ input: Lambda.ListFunctionEventInvokeConfigsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListFunctionEventInvokeConfigsResponse {
        let name = try FunctionName(input.functionName, nil, context)
        let all = try await read { transaction in
            guard try self.store.function(name.name, name.scope, in: transaction) != nil else {
                throw LambdaError.notFound("The function doesn't exist.")
            }
            return try self.store.all(.eventInvoke, of: name.name, name.scope, in: transaction).compactMap {
                qualifier, _ in
                try self.store.eventInvoke(of: name.name, qualifier: qualifier, name.scope, in: transaction)
                    .map { (qualifier, $0) }
            }
        }
        let after = MarkerPage<Int>.after(input.marker) ?? ""
        let page = MarkerPage(all.filter { $0.0 > after }, limit: min(input.maxItems ?? 50, 50)) { $0.0 }
        return Lambda.ListFunctionEventInvokeConfigsResponse {
            $0.functionEventInvokeConfigs = page.items.map { $0.1.shape(name.arn(qualifiedBy: $0.0)) }
            $0.nextMarker = page.nextMarker
        }
    }

    private static let nothingGiven = LambdaError.invalidParameter(
        "You must specify at least one of error handling or destination setting.")

    private static func noEventInvoke(_ name: FunctionName) -> AWSError {
        LambdaError.notFound("The function \(name.qualifiedARN) doesn't have an EventInvokeConfig")
    }

    var wholeSecond: Timestamp { Timestamp(milliseconds: clock.now.milliseconds / 1000 * 1000) }
}

extension EventInvokeConfiguration {
    func shape(_ arn: ARN) -> Lambda.FunctionEventInvokeConfig {
        Lambda.FunctionEventInvokeConfig {
            $0.functionArn = "\(arn)"
            $0.lastModified = modifiedAt
            $0.maximumRetryAttempts = maximumRetryAttempts
            $0.maximumEventAgeInSeconds = maximumEventAgeSeconds
            $0.destinationConfig = Lambda.DestinationConfig {
                $0.onSuccess = Lambda.OnSuccess { $0.destination = onSuccess }
                $0.onFailure = Lambda.OnFailure { $0.destination = onFailure }
            }
        }
    }
}
