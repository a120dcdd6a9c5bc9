import Core
import Storage

extension LogService {
    /// Keeps a definition, replacing the one of its name; the time of creation stays.
    ///
    /// - Parameter limit: how many of this kind the group or the account may have.
    public func put(_ definition: LogDefinition, limit: Int = 1000) async throws {
        let store = store
        try await database.write { transaction in
            if !definition.group.isEmpty { try Self.require(definition.group, definition.scope, store, transaction) }
            let definitions = LogDefinitionStore()
            let known = try definitions.list(
                definition.kind, definition.scope, group: definition.group, prefix: "", after: ("", ""),
                limit: limit, in: transaction)
            guard known.count < limit || known.contains(where: { $0.name == definition.name }) else {
                throw LogError(.limitExceeded, "Resource limit exceeded.")
            }
            try definitions.put(definition, in: transaction)
        }
    }

    private static func require(_ group: String, _ scope: Scope, _ store: LogStore, _ transaction: Transaction) throws {
        guard try store.group(group, scope, in: transaction) != nil else {
            throw LogError(.groupDoesNotExist, "The specified log group does not exist.")
        }
    }

    public func definition(
        _ kind: LogDefinition.Kind, _ scope: Scope, group: String = "", name: String
    ) async throws -> LogDefinition? {
        try await database.read { transaction in
            try LogDefinitionStore().find(kind, scope, group: group, name: name, in: transaction)
        }
    }

    /// Definitions in the order of name and group, those of deliveries from the oldest on, beginning after a place; of
    /// every group when none is named.
    public func definitions(
        _ kind: LogDefinition.Kind, _ scope: Scope, group: String? = nil, prefix: String = "",
        after: (String, String) = ("", ""), limit: Int
    ) async throws -> [LogDefinition] {
        let store = store
        return try await database.read { transaction in
            if let group, !group.isEmpty { try Self.require(group, scope, store, transaction) }
            return try LogDefinitionStore().list(
                kind, scope, group: group, prefix: prefix, after: after, limit: limit, in: transaction)
        }
    }

    /// - Parameter missing: what is said when there is none of that name.
    public func deleteDefinition(
        _ kind: LogDefinition.Kind, _ scope: Scope, group: String = "", name: String, missing: String
    ) async throws {
        let store = store
        try await database.write { transaction in
            if !group.isEmpty { try Self.require(group, scope, store, transaction) }
            guard try LogDefinitionStore().delete(kind, scope, group: group, name: name, in: transaction) else {
                throw LogError(.definitionDoesNotExist, missing)
            }
        }
    }
}
