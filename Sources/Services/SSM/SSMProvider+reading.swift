public import AWSModels
import Core
import Storage
public import Wire

extension SSMProvider {
    public func getParameter(
        _ input: SSM.GetParameterRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.GetParameterResult {
        let found = try await parameter(input.name, decrypted: input.withDecryption ?? false, context)
        return SSM.GetParameterResult { $0.parameter = found }
    }

    public func getParameters(
        _ input: SSM.GetParametersRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.GetParametersResult {
        var (found, invalid): ([SSM.Parameter], [String]) = ([], [])
        for name in input.names {
            do {
                found.append(try await parameter(name, decrypted: input.withDecryption ?? false, context))
            } catch  where error.code.hasPrefix("Parameter") {
                invalid.append(name)
            }
        }
        return SSM.GetParametersResult { [found, invalid] in
            $0.parameters = found
            $0.invalidParameters = invalid
        }
    }

    private func parameter(
        _ name: String, decrypted: Bool, _ context: RequestContext
    ) async throws(AWSError) -> SSM.Parameter {
        if name.hasPrefix(SecretReference.prefix) {
            return try await SecretReference(name).parameter(from: secrets, decrypted: decrypted, context)
        }
        let reference = ParameterReference(name, context.scope)
        if let fault = ParameterName.fault(in: reference.name) { throw Self.invalid(fault) }
        let found = try await read { [self] in try selected(reference, in: $0) }
        // A parameter that was asked for with a slash before its name is shown so.
        let isARN = name.hasPrefix("arn:")
        return Self.shape(
            found, decrypted: decrypted, name: isARN ? found.name : reference.name, selector: reference.selector)
    }

    private func selected(_ reference: ParameterReference, in transaction: Transaction) throws -> StoredParameter {
        guard let selector = reference.selector?.dropFirst() else {
            guard let found = try store.latest(reference.key, reference.scope, in: transaction) else {
                throw SSM.Errors.parameterNotFound(nil)
            }
            return found
        }
        let versions = try store.versions(reference.key, reference.scope, in: transaction)
        guard !versions.isEmpty else { throw SSM.Errors.parameterNotFound(nil) }
        let number = Int(selector)
        guard
            let found = versions.first(where: { version in
                number.map { $0 == version.version } ?? version.labels.contains(String(selector))
            })
        else {
            let what = number == nil ? "label" : "version"
            throw SSM.Errors.parameterVersionNotFound(
                "Systems Manager could not find \(what) \(selector) of \(reference.name). Verify the \(what) and try "
                    + "again.")
        }
        return found
    }

    static func shape(
        _ stored: StoredParameter, decrypted: Bool, name: String? = nil, selector: String? = nil
    ) -> SSM.Parameter {
        SSM.Parameter {
            $0.name = name ?? stored.name
            $0.type = SSM.ParameterType(rawValue: stored.type)
            $0.value = stored.value(decrypted: decrypted)
            $0.version = stored.version
            $0.selector = selector
            $0.lastModifiedDate = stored.modifiedAt
            $0.arn = stored.arn
            $0.dataType = stored.dataType
        }
    }

    public func getParameterHistory(
        _ input: SSM.GetParameterHistoryRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.GetParameterHistoryResult {
        let reference = ParameterReference(input.name, context.scope)
        let versions = try await read { [self] in
            try store.versions(reference.key, reference.scope, in: $0)
        }
        guard !versions.isEmpty else { throw SSM.Errors.parameterNotFound(nil) }
        let page = try Self.page(versions, of: input.maxResults ?? 50, after: input.nextToken) { "\($0.version)" }
        return SSM.GetParameterHistoryResult {
            $0.nextToken = page.next
            $0.parameters = page.items.map { Self.history($0, decrypted: input.withDecryption ?? false) }
        }
    }

    private static func history(_ stored: StoredParameter, decrypted: Bool) -> SSM.ParameterHistory {
        SSM.ParameterHistory {
            $0.name = stored.name
            $0.type = SSM.ParameterType(rawValue: stored.type)
            $0.keyId = stored.keyID
            $0.lastModifiedDate = stored.modifiedAt
            $0.lastModifiedUser = stored.modifiedBy
            $0.description = stored.description
            $0.value = stored.value(decrypted: decrypted)
            $0.allowedPattern = stored.allowedPattern
            $0.version = stored.version
            $0.labels = stored.labels
            $0.tier = SSM.ParameterTier(rawValue: stored.tier)
            $0.policies = []
            $0.dataType = stored.dataType
        }
    }

    static func page<Item>(
        _ items: [Item], of limit: Int, after token: String?, by name: (Item) -> String
    ) throws(AWSError) -> PlacedPage<Item> {
        try PlacedPage(
            items, of: limit, after: token, by: name,
            orThrow: SSM.Errors.invalidNextToken("The specified token isn't valid."))
    }
}
