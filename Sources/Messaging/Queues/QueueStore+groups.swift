import Core
import Storage

// A FIFO queue hands out the messages of a group in order, and none while an earlier one of the group is in flight or
// delayed. So a group is ready when its first message is; that instant is kept with the group, and a receive looks at
// as many groups as it needs, however many messages there are.
extension QueueStore {
    /// The messages that may be received now: group by group, those that have been ready longest first.
    func groupedCandidates(
        in queue: Queue, limit: Int, at now: Timestamp, _ transaction: Transaction
    ) throws -> [(id: Int64, receiveCount: Int, group: String?)] {
        let groups = try transaction.query(
            """
            SELECT group_id FROM messaging_groups WHERE queue = $1 AND ready_at <= $2
            ORDER BY ready_at, group_id LIMIT $3
            """, .integer(queue.id), .time(now), .int(limit)
        ).map { try $0.text(0) }
        let oldest = Self.oldest(in: queue, at: now)
        var found: [(id: Int64, receiveCount: Int, group: String?)] = []
        for group in groups where found.count < limit {
            let rows = try transaction.query(
                """
                SELECT id, receive_count, visible_at FROM messaging_messages
                WHERE queue = $1 AND group_id = $2 AND sent_at > $3 ORDER BY id LIMIT $4
                """, .integer(queue.id), .text(group), .time(oldest), .int(limit - found.count))
            for row in rows {
                guard try row.time(2) <= now else { break }
                found.append((try row.int64(0), try row.int(1), group))
            }
        }
        return found
    }

    /// Sets when the group is ready, by its first message; a group without messages is forgotten.
    func refresh(_ group: String, of queue: Queue, _ transaction: Transaction) throws {
        let first = try transaction.first(
            """
            SELECT visible_at FROM messaging_messages WHERE queue = $1 AND group_id = $2 ORDER BY id LIMIT 1
            """, .integer(queue.id), .text(group))
        guard let first else {
            try transaction.execute(
                "DELETE FROM messaging_groups WHERE queue = $1 AND group_id = $2", .integer(queue.id), .text(group))
            return
        }
        try transaction.execute(
            """
            INSERT INTO messaging_groups (queue, group_id, ready_at) VALUES ($1, $2, $3)
            ON CONFLICT (queue, group_id) DO UPDATE SET ready_at = excluded.ready_at
            """, .integer(queue.id), .text(group), .time(try first.time(0)))
    }

    func refreshGroups(of queue: Queue, _ transaction: Transaction) throws {
        let groups = try transaction.query(
            "SELECT group_id FROM messaging_groups WHERE queue = $1", .integer(queue.id)
        ).map { try $0.text(0) }
        for group in groups { try refresh(group, of: queue, transaction) }
    }
}
