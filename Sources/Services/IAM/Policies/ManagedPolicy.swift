import Core

/// A policy that AWS manages. The common ones are in a table with their documents. AWS makes new ones all the time, so
/// that any other name is taken for one whose document is not known here.
struct ManagedPolicy: Sendable {
    var name: String
    var path: String
    /// The default version, which is the only one that is known.
    var version: String
    var createdAt: Timestamp
    var updatedAt: Timestamp
    /// Nil when it is not in the table.
    var document: JSON?

    var arn: String { "arn:aws:iam::aws:policy\(path)\(name)" }
    var id: String { IAMEntity.derivedID(.policy, of: arn) }

    /// Nil when the table has a policy of that name with another path.
    init?(_ arn: PolicyARN) {
        if let known = Self.byName[arn.name] {
            guard known.path == arn.path else { return nil }
            self = known
        } else {
            self.init(
                name: arn.name, path: arn.path, version: "v1", createdAt: Timestamp(milliseconds: 0),
                updatedAt: Timestamp(milliseconds: 0))
        }
    }

    private init(
        name: String, path: String, version: String, createdAt: Timestamp, updatedAt: Timestamp, document: JSON? = nil
    ) {
        self.name = name
        self.path = path
        self.version = version
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.document = document
    }

    // MARK: The table

    /// By name, in that order.
    static let all: [ManagedPolicy] = {
        let rows = try? JSON(parsing: PackageResources.managed_policies_json).arrayValue
        return (rows ?? []).compactMap(ManagedPolicy.init)
    }()

    private static let byName = Dictionary(all.map { ($0.name, $0) }) { $1 }

    private init?(_ row: JSON) {
        guard let name = row["name"]?.stringValue, let path = row["path"]?.stringValue,
            let version = row["version"]?.stringValue,
            let created = row["created"]?.stringValue.flatMap(Timestamp.init(rfc3339:)),
            let updated = row["updated"]?.stringValue.flatMap(Timestamp.init(rfc3339:)), let document = row["document"]
        else { return nil }
        self.init(
            name: name, path: path, version: version, createdAt: created, updatedAt: updated, document: document)
    }
}
