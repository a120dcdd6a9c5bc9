import Core
import Metering
import Storage

extension LogService {
    // MARK: Groups and streams

    public func createGroup(_ group: LogGroup) async throws {
        let store = store
        try await database.write { transaction in
            guard try store.group(group.name, group.scope, in: transaction) == nil else {
                throw LogError(.alreadyExists, "The specified log group already exists")
            }
            try store.insert(group, in: transaction)
        }
    }

    /// A group that is not stored yet.
    public func newGroup(_ name: String, _ scope: Scope) -> LogGroup {
        LogGroup(id: identifiers.next(), scope: scope, name: name, createdAt: clock.now, tags: [:], settings: [:])
    }

    public func group(_ name: String, _ scope: Scope) async throws -> LogGroup? {
        let store = store
        return try await database.read { try store.group(name, scope, in: $0) }
    }

    /// Groups in the order of their names, beginning after a name.
    public func groups(_ scope: Scope, prefix: String = "", after: String = "", limit: Int) async throws -> [LogGroup] {
        let store = store
        return try await database.read {
            try store.groups(scope, prefix: prefix, after: after, limit: limit, in: $0)
        }
    }

    /// Changes a group's settings; the closure sees what is stored.
    public func changeGroup(
        _ name: String, _ scope: Scope, _ change: @escaping @Sendable (inout LogGroup) throws -> Void
    ) async throws {
        let store = store
        try await database.write { transaction in
            guard var group = try store.group(name, scope, in: transaction) else {
                throw LogError(.groupDoesNotExist, "The specified log group does not exist.")
            }
            try change(&group)
            try store.update(group, in: transaction)
        }
    }

    public func deleteGroup(_ name: String, _ scope: Scope) async throws {
        let store = store
        try await database.writeInPieces { transaction in
            guard let group = try store.group(name, scope, in: transaction) else { return .done }
            let removed = try store.expire(
                group, before: .distantFuture, limit: Database.pieceSize, in: transaction)
            try self.forget(removed.bytes, of: group, in: transaction)
            return .init(changed: removed.count)
        }
        try await database.write { transaction in
            guard let group = try store.group(name, scope, in: transaction) else {
                throw LogError(.groupDoesNotExist, "The specified log group does not exist.")
            }
            try self.forget(group.storedBytes, of: group, in: transaction)
            try store.delete(group, in: transaction)
            try LogDefinitionStore().deleteAll(ofGroup: name, scope, in: transaction)
        }
    }

    public func createStream(_ name: String, of group: String, _ scope: Scope) async throws {
        let (store, identifiers, now) = (store, identifiers, clock.now)
        try await database.write { transaction in
            guard let group = try store.group(group, scope, in: transaction) else {
                throw LogError(.groupDoesNotExist, "The specified log group does not exist.")
            }
            guard try store.stream(name, of: group.id, in: transaction) == nil else {
                throw LogError(.alreadyExists, "The specified log stream already exists")
            }
            let stream = LogStream(id: identifiers.next(), group: group.id, name: name, createdAt: now)
            try store.insert(stream, in: transaction)
        }
    }

    public func streams(of group: String, _ scope: Scope) async throws -> [LogStream] {
        let store = store
        return try await database.read { transaction in
            guard let group = try store.group(group, scope, in: transaction) else {
                throw LogError(.groupDoesNotExist, "The specified log group does not exist.")
            }
            return try store.streams(of: group.id, in: transaction)
        }
    }

    public func deleteStream(_ name: String, of group: String, _ scope: Scope) async throws {
        let store = store
        try await database.writeInPieces { transaction in
            guard let group = try store.group(group, scope, in: transaction),
                let stream = try store.stream(name, of: group.id, in: transaction)
            else { return .done }
            let removed = try store.removeEvents(of: stream, limit: Database.pieceSize, in: transaction)
            try self.forget(removed.bytes, of: group, in: transaction)
            return .init(changed: removed.count)
        }
        try await database.write { transaction in
            guard let group = try store.group(group, scope, in: transaction) else {
                throw LogError(.groupDoesNotExist, "The specified log group does not exist.")
            }
            guard let stream = try store.stream(name, of: group.id, in: transaction) else {
                throw LogError(.streamDoesNotExist, "The specified log stream does not exist.")
            }
            try self.forget(try store.bytes(of: stream.id, in: transaction), of: group, in: transaction)
            try store.delete(stream, in: transaction)
        }
    }

    // MARK: Events

    /// The events that a query asks for; what waits in memory is written first, so that a reader sees it.
    public func events(in group: String, _ scope: Scope, _ query: LogQuery) async throws -> [LogEvent] {
        try await flush()
        let store = store
        return try await database.read { transaction in
            guard let group = try store.group(group, scope, in: transaction) else {
                throw LogError(.groupDoesNotExist, "The specified log group does not exist.")
            }
            let streams = try query.streams?.map { name in
                guard let stream = try store.stream(name, of: group.id, in: transaction) else {
                    throw LogError(.streamDoesNotExist, "The specified log stream does not exist.")
                }
                return stream.id
            }
            return try store.events(query, group: group.id, streams: streams, in: transaction)
        }
    }

    /// The events that are written from now on to the groups that the predicate accepts. A follower that falls behind
    /// loses the oldest of 10,000 batches.
    public func follow(
        _ scope: Scope, where accepts: @escaping @Sendable (String) -> Bool
    ) -> AsyncStream<(group: String, events: [LogEvent])> {
        followers.follow(scope, where: accepts)
    }

    /// Lines in the order of their times that a pattern matches.
    ///
    /// - Returns: the lines, and the place after which to go on when there may be more; one call looks at a bounded
    ///   number of lines.
    public func filter(
        _ group: String, _ scope: Scope, _ query: LogQuery, _ pattern: FilterPattern, limit: Int
    ) async throws -> (events: [LogEvent], next: LogQuery.Cursor?) {
        var found: [LogEvent] = []
        var query = query
        query.limit = pattern.matchesEverything ? limit : 2000
        for _ in 0..<25 {
            let events = try await events(in: group, scope, query)
            for event in events where pattern.matches(event.message) {
                found.append(event)
                if found.count == limit { return (found, LogQuery.Cursor(time: event.time, id: event.id)) }
            }
            guard events.count == query.limit, let last = events.last else { return (found, nil) }
            query.cursor = LogQuery.Cursor(time: last.time, id: last.id)
        }
        return (found, query.cursor)
    }

    /// Removes events that are past their group's retention, some at a time; says whether there are more.
    public func expire(limit: Int = 10_000) async throws -> Bool {
        let now = clock.now
        return try await database.write { transaction in
            var isMore = false
            for group in try self.store.allGroups(in: transaction) {
                guard let days = group.retentionDays else { continue }
                let bound = now.adding(milliseconds: -Int64(days) * 86_400_000)
                let removed = try self.store.expire(group, before: bound, limit: limit, in: transaction)
                guard removed.count > 0 else { continue }
                isMore = isMore || removed.count == limit
                try self.forget(removed.bytes, of: group, in: transaction)
            }
            return isMore
        }
    }

    /// What is no longer stored is no longer billed.
    func forget(_ bytes: Int64, of group: LogGroup, in transaction: Transaction) throws {
        guard bytes != 0 else { return }
        try store.addBytes(-bytes, to: group.id, in: transaction)
        meter.store(
            -bytes, .logsStorage, of: group.arn.description, in: group.scope, at: clock.now, transaction)
    }
}
