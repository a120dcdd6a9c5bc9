public import AWSModels
import Core
import Storage
public import Wire

extension SSMProvider {
    public func getParametersByPath(
        _ input: SSM.GetParametersByPathRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.GetParametersByPathResult {
        guard input.path.hasPrefix("/"), input.path == "/" || ParameterName.fault(in: Self.trimmed(input.path)) == nil
        else {
            throw Self.invalid(
                "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a "
                    + "forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use "
                    + "only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special "
                    + "characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "
                    + "\"/\". Valid example: /get/parameters2-/by1./path0_.")
        }
        let path = ParameterFilter(
            path: input.path, option: input.recursive ?? false ? "Recursive" : "OneLevel")
        let filters =
            try [path]
            + (input.parameterFilters ?? []).map { shape throws(AWSError) in
                guard ["Type", "KeyId", "Label", "DataType"].contains(shape.key) else {
                    throw SSM.Errors.invalidFilterKey(
                        "The following filter key is not valid: \(shape.key). Valid filter keys include: [Type, KeyId]."
                    )
                }
                return try ParameterFilter(shape)
            }
        let found = try await filtered(filters, context)
        let page = try Self.page(found, of: input.maxResults ?? 10, after: input.nextToken, by: \.name)
        return SSM.GetParametersByPathResult {
            $0.nextToken = page.next
            $0.parameters = page.items.map { Self.shape($0, decrypted: input.withDecryption ?? false) }
        }
    }

    private static func trimmed(_ path: String) -> String { path.hasSuffix("/") ? String(path.dropLast()) : path }

    public func describeParameters(
        _ input: SSM.DescribeParametersRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.DescribeParametersResult {
        guard (input.filters ?? []).isEmpty || (input.parameterFilters ?? []).isEmpty else {
            throw Self.invalid(
                "You can use either Filters or ParameterFilters in a single request.")
        }
        // The older form of filters knows names by their beginnings.
        let older = (input.filters ?? []).map { ParameterFilter($0) }
        let filters = try older + (input.parameterFilters ?? []).map(ParameterFilter.init)
        let found = try await filtered(filters, context)
        let page = try Self.page(found, of: input.maxResults ?? 50, after: input.nextToken, by: \.name)
        return SSM.DescribeParametersResult {
            $0.nextToken = page.next
            $0.parameters = page.items.map(Self.metadata)
        }
    }

    private func filtered(
        _ filters: [ParameterFilter], _ context: RequestContext
    ) async throws(AWSError) -> [StoredParameter] {
        try await read { [self] transaction in
            let needsTags = filters.contains(where: \.isOfTags)
            return try store.all(of: context.scope, in: transaction).compactMap { latest in
                var parameter = latest
                // A label is at any version, which is then the one that is shown.
                if let labels = filters.first(where: { $0.key == "Label" })?.values {
                    let versions = try store.versions(
                        ParameterReference.key(latest.name), latest.scope, in: transaction)
                    guard let found = versions.last(where: { $0.labels.contains(where: labels.contains) }) else {
                        return nil
                    }
                    parameter = found
                }
                let tags = needsTags ? try tags.tags(of: latest.arn, in: transaction) : []
                return filters.allSatisfy { $0.matches(parameter, tags) } ? parameter : nil
            }
        }
    }

    private static func metadata(_ stored: StoredParameter) -> SSM.ParameterMetadata {
        SSM.ParameterMetadata {
            $0.name = stored.name
            $0.arn = stored.arn
            $0.type = SSM.ParameterType(rawValue: stored.type)
            $0.keyId = stored.keyID
            $0.lastModifiedDate = stored.modifiedAt
            $0.lastModifiedUser = stored.modifiedBy
            $0.description = stored.description
            $0.allowedPattern = stored.allowedPattern
            $0.version = stored.version
            $0.tier = SSM.ParameterTier(rawValue: stored.tier)
            $0.policies = []
            $0.dataType = stored.dataType
        }
    }
}
