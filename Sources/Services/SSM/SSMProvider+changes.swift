public import AWSModels
import Core
import JSONata
import Storage
public import Wire

extension SSMProvider {
    private static let mostVersions = 100

    public func putParameter(
        _ input: SSM.PutParameterRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.PutParameterResult {
        if let fault = ParameterName.faultOfNew(input.name) { throw AWSError(fault.code, fault.message, status: 400) }
        guard input.policies == nil else {
            throw AWSError(
                "UnsupportedFeatureException", "Parameter policies are not implemented. Leave Policies out.",
                status: 501)
        }
        guard !(input.overwrite ?? false) || (input.tags ?? []).isEmpty else {
            throw Self.invalid(
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please "
                    + "remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or "
                    + "RemoveTagsFromResource.")
        }
        let caller = try await identities.caller(ofKey: context.accessKeyID, context.scope.account).arn
        let parameter = try await write { [self] transaction in
            let parameter = try next(input, caller, context, in: transaction)
            try store.add(parameter, in: transaction)
            try tags.add((input.tags ?? []).map { ($0.key, $0.value) }, to: parameter.arn, in: transaction)
            try announce(parameter.version == 1 ? "Create" : "Update", parameter, in: transaction)
            return parameter
        }
        return SSM.PutParameterResult {
            $0.version = parameter.version
            $0.tier = SSM.ParameterTier(rawValue: parameter.tier)
        }
    }

    /// The version that a request makes.
    private func next(
        _ input: SSM.PutParameterRequest, _ caller: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> StoredParameter {
        let key = ParameterReference.key(input.name)
        let old = try store.latest(key, context.scope, in: transaction)
        guard old == nil || input.overwrite == true else {
            throw SSM.Errors.parameterAlreadyExists(
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
            )
        }
        guard let type = input.type?.rawValue ?? old?.type else {
            throw Self.invalid("A parameter type is required when you create a parameter.")
        }
        if let old, old.type != type {
            throw SSM.Errors.hierarchyTypeMismatchException(
                "Parameter Store doesn't support changing a parameter type in a hierarchy. The type of \(input.name) is "
                    + "\(old.type).")
        }
        let pattern = input.allowedPattern ?? old?.allowedPattern
        if let pattern { try Self.check(input.value, pattern) }
        try makeRoom(key, context.scope, in: transaction)
        return StoredParameter(
            scope: context.scope, name: old?.name ?? input.name, version: (old?.version ?? 0) + 1, type: type,
            value: input.value, tier: try Self.tier(input, old), dataType: input.dataType ?? old?.dataType ?? "text",
            description: input.description ?? old?.description,
            keyID: type == StoredParameter.secure ? input.keyId ?? old?.keyID ?? "alias/aws/ssm" : nil,
            allowedPattern: pattern, modifiedAt: clock.now, modifiedBy: caller)
    }

    /// Values of the standard tier have up to 4 KiB, of the advanced one up to 8.
    private static func tier(_ input: SSM.PutParameterRequest, _ old: StoredParameter?) throws -> String {
        let size = input.value.utf8.count
        let wanted = input.tier?.rawValue ?? old?.tier ?? "Standard"
        let tier = wanted == "Intelligent-Tiering" ? (size > 4096 ? "Advanced" : "Standard") : wanted
        guard size <= 8192 else {
            throw invalid(
                "Advanced tier parameters support a maximum parameter value of 8192 characters. Yours has \(size).")
        }
        guard tier != "Standard" || size <= 4096 else {
            throw invalid(
                "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger "
                    + "parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, "
                    + "see https://docs.aws.amazon.com/systems-manager/latest/userguide/"
                    + "parameter-store-advanced-parameters.html")
        }
        return tier
    }

    /// With the bounds in steps that expressions have, so that no pattern takes for ever.
    private static func check(_ value: String, _ pattern: String) throws {
        let literal = pattern.replacing("/", with: #"\/"#)
        let found: Bool
        do {
            let expression = try JSONataExpression("$contains($, /\(literal)/)")
            let bounds = JSONataLimits(steps: 200_000)
            let environment = JSONataEnvironment(now: Timestamp(milliseconds: 0), seed: 0, limits: bounds)
            found = try expression.evaluate(.string(value), environment: environment) == .value(true)
        } catch {
            throw SSM.Errors.invalidAllowedPatternException(
                "The regular expression \(pattern) cannot be used: \(error)")
        }
        guard found else {
            throw SSM.Errors.parameterPatternMismatchException(
                "Parameter value, cannot be validated against allowedPattern: \(pattern)")
        }
    }

    /// Drops the oldest version when there are as many as are kept; one with a label stays, and stops the change.
    private func makeRoom(_ key: String, _ scope: Scope, in transaction: Transaction) throws {
        let versions = try store.versions(key, scope, in: transaction)
        guard versions.count >= Self.mostVersions, let oldest = versions.first else { return }
        guard oldest.labels.isEmpty else {
            throw SSM.Errors.parameterMaxVersionLimitExceeded(
                "You attempted to create a new version of \(oldest.name) by calling the PutParameter API with the "
                    + "overwrite flag. Version \(oldest.version), the oldest version, can't be deleted because it has a "
                    + "label associated with it. Move the label to another version of the parameter, and try again.")
        }
        try store.remove(oldest, in: transaction)
    }

    // MARK: Deletion

    public func deleteParameter(
        _ input: SSM.DeleteParameterRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.DeleteParameterResult {
        try await write { [self] transaction in
            guard try delete(input.name, context, in: transaction) else { throw SSM.Errors.parameterNotFound(nil) }
        }
        return SSM.DeleteParameterResult()
    }

    public func deleteParameters(
        _ input: SSM.DeleteParametersRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.DeleteParametersResult {
        let deleted = try await write { [self] transaction in
            try input.names.filter { try delete($0, context, in: transaction) }
        }
        return SSM.DeleteParametersResult {
            $0.deletedParameters = deleted
            $0.invalidParameters = input.names.filter { !deleted.contains($0) }
        }
    }

    private func delete(_ name: String, _ context: RequestContext, in transaction: Transaction) throws -> Bool {
        let reference = ParameterReference(name, context.scope)
        guard let found = try store.latest(reference.key, reference.scope, in: transaction) else { return false }
        try store.removeAll(reference.key, reference.scope, in: transaction)
        try tags.removeAll(of: found.arn, in: transaction)
        try announce("Delete", found, in: transaction)
        return true
    }

    // MARK: Labels

    public func labelParameterVersion(
        _ input: SSM.LabelParameterVersionRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.LabelParameterVersionResult {
        let valid = input.labels.filter(Self.isLabel)
        let version = try await write { [self] transaction in
            let (versions, target) = try labelled(input.name, input.parameterVersion, context, in: transaction)
            let others = target.labels.filter { !valid.contains($0) }
            guard others.count + Set(valid).count <= 10 else {
                throw SSM.Errors.parameterVersionLabelLimitExceeded(
                    "An error occurred (ParameterVersionLabelLimitExceeded) when calling the LabelParameterVersion "
                        + "operation: A parameter version can have maximum 10 labels. Move one or more labels to another "
                        + "version and try again.")
            }
            for version in versions where version.version != target.version && !version.labels.isEmpty {
                try store.set(labels: version.labels.filter { !valid.contains($0) }, of: version, in: transaction)
            }
            try store.set(labels: others + Array(Set(valid)).sorted(), of: target, in: transaction)
            try announce("LabelParameterVersion", target, in: transaction)
            return target.version
        }
        return SSM.LabelParameterVersionResult {
            $0.parameterVersion = version
            $0.invalidLabels = input.labels.filter { !valid.contains($0) }
        }
    }

    public func unlabelParameterVersion(
        _ input: SSM.UnlabelParameterVersionRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.UnlabelParameterVersionResult {
        let removed = try await write { [self] transaction in
            let (_, target) = try labelled(input.name, input.parameterVersion, context, in: transaction)
            try store.set(
                labels: target.labels.filter { !input.labels.contains($0) }, of: target, in: transaction)
            return input.labels.filter(target.labels.contains)
        }
        return SSM.UnlabelParameterVersionResult {
            $0.removedLabels = removed
            $0.invalidLabels = input.labels.filter { !removed.contains($0) }
        }
    }

    private func labelled(
        _ name: String, _ number: Int?, _ context: RequestContext, in transaction: Transaction
    ) throws -> (versions: [StoredParameter], target: StoredParameter) {
        let reference = ParameterReference(name, context.scope)
        let versions = try store.versions(reference.key, reference.scope, in: transaction)
        guard let latest = versions.last else { throw SSM.Errors.parameterNotFound(nil) }
        guard let target = number.map({ number in versions.first { $0.version == number } }) ?? latest else {
            throw SSM.Errors.parameterVersionNotFound(
                "Systems Manager could not find version \(number ?? 0) of \(name). Verify the version and try again.")
        }
        return (versions, target)
    }

    /// Labels begin with no digit and with none of AWS's names.
    private static func isLabel(_ label: String) -> Bool {
        let lowered = label.lowercased()
        guard !lowered.hasPrefix("aws"), !lowered.hasPrefix("ssm"), let first = label.utf8.first,
            !(48...57).contains(first)
        else { return false }
        return label.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || ".-_".utf8.contains(byte)
        }
    }
}
