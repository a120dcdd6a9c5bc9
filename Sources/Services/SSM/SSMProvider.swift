public import AWSModels
public import Core
public import Events
public import Storage
public import Wire

/// The parameter store of AWS Systems Manager. Nothing else of Systems Manager is served.
public struct SSMProvider: SSM.API {
    let database: Database
    let clock: any HostClock
    let buses: BusService
    let secrets: SecretsManagerProvider
    let identities: CallerIdentities
    let store = ParameterStore()
    let tags = TagStore()

    /// - Parameters:
    ///   - buses: hear of every change.
    ///   - secrets: what `/aws/reference/secretsmanager/` refers to.
    ///   - identities: who changes what.
    public init(
        database: Database, clock: any HostClock, buses: BusService, secrets: SecretsManagerProvider,
        identities: CallerIdentities
    ) {
        self.database = database
        self.clock = clock
        self.buses = buses
        self.secrets = secrets
        self.identities = identities
    }

    static func invalid(_ message: String) -> AWSError { AWSError("ValidationException", message, status: 400) }

    /// Tells the default bus of a change, as AWS does.
    func announce(
        _ operation: String, _ parameter: StoredParameter, in transaction: Transaction
    ) throws {
        var detail: JSONObject = [
            "operation": .string(operation), "name": .string(parameter.name), "type": .string(parameter.type),
        ]
        detail["description"] = parameter.description.map(JSON.string)
        let entry = EventEntry(
            source: "aws.ssm", detailType: "Parameter Store Change", detail: JSON.object(detail).text(),
            resources: [parameter.arn])
        try buses.put([BusEvent(BusKey(parameter.scope), entry)], in: transaction)
    }

    // MARK: Tags

    public func addTagsToResource(
        _ input: SSM.AddTagsToResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.AddTagsToResourceResult {
        try await write { [self] transaction in
            let arn = try taggable(input.resourceType, input.resourceId, context, in: transaction)
            try tags.add(input.tags.map { ($0.key, $0.value) }, to: arn, in: transaction)
            guard try tags.tags(of: arn, in: transaction).count <= 50 else {
                throw SSM.Errors.tooManyTagsError("A resource has at most 50 tags.")
            }
        }
        return SSM.AddTagsToResourceResult()
    }

    public func removeTagsFromResource(
        _ input: SSM.RemoveTagsFromResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.RemoveTagsFromResourceResult {
        try await write { [self] transaction in
            let arn = try taggable(input.resourceType, input.resourceId, context, in: transaction)
            try tags.remove(input.tagKeys, from: arn, in: transaction)
        }
        return SSM.RemoveTagsFromResourceResult()
    }

    public func listTagsForResource(
        _ input: SSM.ListTagsForResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> SSM.ListTagsForResourceResult {
        let found = try await read { [self] transaction in
            let arn = try taggable(input.resourceType, input.resourceId, context, in: transaction)
            return try tags.tags(of: arn, in: transaction)
        }
        return SSM.ListTagsForResourceResult {
            $0.tagList = found.map { tag in
                SSM.Tag {
                    $0.key = tag.name
                    $0.value = tag.value
                }
            }
        }
    }

    private func taggable(
        _ type: SSM.ResourceTypeForTagging, _ id: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> String {
        guard type == .parameter else {
            throw SSM.Errors.invalidResourceType(
                "Only tags of parameters are kept here. Give Parameter as the resource type.")
        }
        let key = ParameterReference.key(id)
        guard let found = try store.latest(key, context.scope, in: transaction) else {
            throw SSM.Errors.invalidResourceId(
                "The resource ID \"\(id)\" is not valid. Verify that you provide a valid ID and try again.")
        }
        return found.arn
    }
}

extension SSMProvider: TransactingProvider {}
