public import AWSModels
public import Core
public import Storage
import Wire

/// AWS IAM: the identities and policies of an account. They are kept and answered, and nothing is refused because of
/// them.
public struct IAMProvider: IAM.API {
    let database: Database
    let clock: any HostClock
    let random: any RandomSource
    let store = IAMStore()
    let tags = TagStore()

    public init(database: Database, clock: any HostClock, random: any RandomSource = SystemRandomSource()) {
        self.database = database
        self.clock = clock
        self.random = random
    }

    /// IAM's times are in seconds.
    var now: Timestamp { Timestamp(milliseconds: clock.now.milliseconds / 1000 * 1000) }

    // MARK: Entities

    /// The entity of that name.
    func require(
        _ kind: IAMEntity.Kind, _ name: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> IAMEntity {
        guard let found = try store.find(kind, name, context.scope.account, in: transaction) else {
            throw IAMError.missing(kind, name)
        }
        return found
    }

    /// The entity of that ARN.
    func require(
        _ kind: IAMEntity.Kind, arn: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> IAMEntity {
        let prefix = "arn:aws:iam::\(context.scope.account):\(kind.rawValue)/"
        guard arn.hasPrefix(prefix),
            let found = try store.find(
                kind, String(arn.dropFirst(prefix.utf8.count)), context.scope.account, in: transaction),
            found.arn == arn
        else { throw IAMError.missing(kind, arn) }
        return found
    }

    /// Keeps a new entity of which an account has no more than so many.
    func create(
        _ entity: IAMEntity, tags: [IAM.Tag]?, limit: Int, in transaction: Transaction
    ) throws {
        try create(entity, tags: tags, in: transaction)
        guard try store.count(entity.kind, entity.account, in: transaction) <= limit else {
            throw IAMError.quota("\(entity.kind.title)sPerAccount", limit)
        }
    }

    /// One that AWS's own services keep cannot be changed by others.
    func requireModifiable(_ entity: IAMEntity) throws(AWSError) {
        guard entity.kind == .role, entity.path.hasPrefix(ServiceLinkedRole.pathPrefix) else { return }
        throw IAM.Errors.unmodifiableEntityException(
            "Cannot perform the operation on the protected role '\(entity.name)' - this role is only modifiable by AWS")
    }

    /// Keeps a new entity with its tags.
    func create(_ entity: IAMEntity, tags: [IAM.Tag]? = nil, in transaction: Transaction) throws {
        guard try store.insert(entity, in: transaction) else { throw IAMError.exists(entity.kind, entity.name) }
        try add(tags ?? [], to: entity, in: transaction)
    }

    func remove(_ entity: IAMEntity, in transaction: Transaction) throws {
        try store.remove(entity, in: transaction)
        try tags.removeAll(of: entity.id, in: transaction)
    }

    func entity(
        _ kind: IAMEntity.Kind, _ name: String, path: String? = nil, _ context: RequestContext
    ) throws(AWSError) -> IAMEntity {
        try IAMName.check(name, "\(kind.parameter)Name")
        if let path { try IAMName.checkPath(path) }
        return IAMEntity(
            kind: kind, account: context.scope.account, id: IAMEntity.makeID(kind, using: random), name: name,
            path: path ?? "/", createdAt: now)
    }
}

extension IAMProvider: TransactingProvider {}
